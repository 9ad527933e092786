"""A torchvision without its operators is made to import, once, and one that imports is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from swither.models import torchvision_operators


def test_a_process_that_never_declared_them_imports_torchvision_afterwards() -> None:
    apart = Path(sys.prefix) / "apart" / "timm"
    if find_spec("torchvision") is None and not apart.is_dir():
        pytest.skip("torchvision is not installed")
    code = (
        "from swither.models.torchvision_operators import declare_missing_operators as declare\n"
        "declare()\n"
        "import torchvision\n"
        "assert torchvision.__version__\n"
        "assert declare() is False\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300, env={**os.environ, "PYTHONPATH": str(apart)})


def test_without_torchvision_nothing_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swither.models.torchvision_operators.find_spec", lambda name: None)
    assert torchvision_operators.declare_missing_operators() is False


def test_another_failure_of_the_import_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(name: str) -> None:
        raise RuntimeError("no such library")

    monkeypatch.setattr("swither.models.torchvision_operators.find_spec", lambda name: object())
    monkeypatch.setattr("importlib.import_module", fails)
    monkeypatch.delitem(sys.modules, "torchvision", raising=False)
    with pytest.raises(RuntimeError, match="no such library"):
        torchvision_operators.declare_missing_operators()
