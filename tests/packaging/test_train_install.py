"""``pip install 'swither[train]'``: the command line, a whole comparison and its report, from the wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

TINY = (
    *(
        "compare",
        "digits",
        "--out",
        "results",
        "--acquisition",
        "random",
        "dispersion",
        "--seeds",
        "1",
        "--no-reference",
    ),
    *("--initial", "20", "--step", "10", "--cycles", "1", "--model", "tiny", "--width", "4"),
    *("--epochs", "1", "--least-steps", "0", "--device", "cpu", "--jobs", "1", "--yes"),
)


def test_swither_is_the_wheel_and_not_the_editable_one(train_environment: Any, tmp_path: Path) -> None:
    place = train_environment.python("import swither, torch; print(swither.__file__)", tmp_path)
    assert Path(place.strip()).is_relative_to(train_environment.libraries)


def test_help_lists_the_commands(train_environment: Any, tmp_path: Path) -> None:
    done = train_environment.run("swither", "--help", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "compare" in done.stdout
    assert "demo" in done.stdout


@pytest.mark.slow
def test_a_tiny_comparison_ends_in_a_report(train_environment: Any, tmp_path: Path) -> None:
    done = train_environment.run("swither", *TINY, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    report = (tmp_path / "results" / "report.html").read_text(encoding="utf-8")
    assert "<svg" in report
    assert "dispersion" in report
    count = "import pyarrow.parquet as pq; print(pq.read_table('results/results.parquet').num_rows)"
    assert train_environment.python(count, tmp_path).strip() == "4"  # two methods, cycles 0 and 1
