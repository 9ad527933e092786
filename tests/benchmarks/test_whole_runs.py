"""The benchmarks of whole pieces of work run at their quick size, and what they write has the shape of all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Measured = Callable[..., dict[str, Any]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rows"),
    [("images", 1), ("training", 2), ("features", 1), ("photographs", 2), ("cycle_of_a_project", 1)],
)
def test_a_benchmark_that_no_longer_runs_is_noticed(name: str, rows: int, measured: Measured) -> None:
    written = measured(name)
    assert len(written["rows"]) == rows
    for row in written["rows"]:
        assert row["seconds"]["swither"] > 0
        assert set(row.get("goal", ())) == set(row.get("reached", ()))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "peers"), [("features", 1), ("photographs", 2)])
def test_beside_what_is_commonly_written_stands_the_leanest_that_one_would_write(
    name: str, peers: int, measured: Measured
) -> None:
    ratios = measured(name)["rows"][-1]["ratio"]
    lean = [peer for peer in ratios if "lean" in peer]
    assert (len(lean), len(ratios) - len(lean)) == (peers, peers)


@pytest.mark.slow
@pytest.mark.data
def test_a_whole_cycle_names_what_each_library_chose_or_why_it_could_not(
    measured: Measured, real_data: Callable[[str], Path]
) -> None:
    real_data("cifar10")
    entropy, arrays, dispersion = measured("cycle")["rows"]
    for row, peers in (
        (entropy, {"naive", "baal"}),
        (arrays, {"baal, tensors", "scikit-activeml", "modAL"}),
        (dispersion, {"naive", "baal", "scikit-activeml", "modAL"}),
    ):
        assert set(row["ratio"]) | set(row["failed"]) == peers
        assert set(row["accuracy"]) == {name for name in row["seconds"] if not name.startswith("floor")}
    assert {"scikit-activeml", "modAL"} <= set(dispersion["failed"])


@pytest.mark.slow
def test_the_page_is_measured_in_a_browser_or_the_row_says_what_is_missing(measured: Measured) -> None:
    (row,) = measured("labelling_page")["rows"]
    assert "chromium" in row["failed"]["swither"] if "failed" in row else row["seconds_to_first_image"] > 0
