"""The benchmarks of whole pieces of work run at their quick size, and what they write has the shape of all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
DATA = Path(os.environ.get("SWITHER_DATA", BENCHMARKS.parents[1] / "shared" / "data"))


def measured(name: str, folder: Path) -> dict[str, Any]:
    """What a benchmark writes at its quick size."""
    path = folder / f"{name}.json"
    command = [sys.executable, str(BENCHMARKS / f"{name}.py"), "--quick", "--json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    written: dict[str, Any] = json.loads(path.read_text())
    return written


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rows"),
    [("images", 1), ("training", 2), ("features", 1), ("photographs", 2), ("cycle_of_a_project", 1)],
)
def test_a_benchmark_that_no_longer_runs_is_noticed(name: str, rows: int, tmp_path: Path) -> None:
    written = measured(name, tmp_path)
    assert written["benchmark"] == name
    assert written["goal"]
    assert written["circumstances"]
    assert len(written["rows"]) == rows
    for row in written["rows"]:
        assert row["work"]
        assert row["seconds"]["swither"] > 0
        assert set(row.get("goal", ())) == set(row.get("reached", ()))


@pytest.mark.slow
@pytest.mark.data
def test_a_whole_cycle_names_what_each_library_chose_or_why_it_could_not(tmp_path: Path) -> None:
    if not (DATA / "cifar10").is_dir():
        pytest.skip(f"needs CIFAR-10 in {DATA}")
    entropy, arrays, dispersion = measured("cycle", tmp_path)["rows"]
    for row, peers in (
        (entropy, {"naive", "baal"}),
        (arrays, {"baal, tensors", "scikit-activeml", "modAL"}),
        (dispersion, {"naive", "baal", "scikit-activeml", "modAL"}),
    ):
        assert set(row["ratio"]) | set(row["failed"]) == peers
        assert set(row["accuracy"]) == {name for name in row["seconds"] if not name.startswith("floor")}
    assert {"scikit-activeml", "modAL"} <= set(dispersion["failed"])


@pytest.mark.slow
def test_the_page_is_measured_in_a_browser_or_the_row_says_what_is_missing(tmp_path: Path) -> None:
    (row,) = measured("labelling_page", tmp_path)["rows"]
    assert "chromium" in row["failed"]["swither"] if "failed" in row else row["seconds_to_first_image"] > 0
