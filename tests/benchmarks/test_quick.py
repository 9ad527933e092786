"""Every benchmark that has a quick size runs it, alone, by its one command, and finds that the answers agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
NAMES = ["badge", "bald", "dispersion", "kcenter", "uncertainty"]


@pytest.mark.parametrize("name", NAMES)
def test_the_quick_size_runs_and_all_agree(name: str, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / f"{name}.py"), "--quick", "--json", str(path)],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(path.read_text())
    assert result["benchmark"] == name
    for row in result["rows"]:
        assert row["seconds"]["swither"] > 0
        assert row["work"] in done.stdout
