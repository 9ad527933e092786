"""The benchmarks are scripts, not a package: their folder is on the path while they are tested."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

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


@pytest.fixture
def measured(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run a benchmark at its quick size, alone, by its one command: what it writes, checked for what all must say."""

    def measure(name: str, **environment: str) -> dict[str, Any]:
        path = tmp_path / f"{name}.json"
        done = subprocess.run(
            [sys.executable, str(BENCHMARKS / f"{name}.py"), "--quick", "--json", str(path)],
            capture_output=True,
            text=True,
            timeout=280,
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        )
        assert done.returncode == 0, done.stderr
        written: dict[str, Any] = json.loads(path.read_text())
        assert (written["benchmark"], bool(written["goal"]), bool(written["circumstances"])) == (name, True, True)
        assert written["rows"]
        for row in written["rows"]:
            assert row["work"] in done.stdout
        return written

    return measure
