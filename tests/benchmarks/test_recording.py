"""The benchmark of recording runs, alone, and finds that every way asks for the same images."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def run(tmp_path: Path, **environment: str) -> list[dict[str, object]]:
    path = tmp_path / "result.json"
    command = [sys.executable, str(BENCHMARKS / "recording.py"), "--quick", "--json", str(path)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, object]] = json.loads(path.read_text())["rows"]
    return rows


def test_data_that_are_not_there_are_said_to_be_missing(tmp_path: Path) -> None:
    rows = run(tmp_path, SWITHER_DATA=str(tmp_path))
    assert [row["work"] for row in rows] == ["record cifar10", "record mnist"]
    assert all("is missing" in str(row["failed"]) for row in rows)


def test_the_quick_size_runs_and_all_ways_agree(tmp_path: Path) -> None:
    for row in run(tmp_path):
        if "forwards_deferred" in row:
            assert row["forwards_floor"] < row["forwards_deferred"] < 1  # type: ignore[operator]
            assert row["forwards_online"] < 1  # type: ignore[operator]
