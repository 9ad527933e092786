"""The benchmarks are scripts, not a package: their folder is on the path while they are tested."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Import one of the files of benchmarks/ anew."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))

    def load(name: str) -> ModuleType:
        for other in BENCHMARKS.glob("*.py"):
            monkeypatch.delitem(sys.modules, other.stem, raising=False)
        return importlib.import_module(name)

    return load
