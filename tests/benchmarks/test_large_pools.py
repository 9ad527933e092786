"""What is measured of large pools, of growth and of starting up runs at its quick size and writes its rows."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

Measured = Callable[..., dict[str, Any]]


@pytest.mark.slow
def test_large_pools_are_chosen_from_and_scored_beside_the_floor(measured: Measured) -> None:
    kcenter, opened, dispersion, added, found = measured("large_pools")["rows"]
    assert kcenter["mebibytes_over_input"]["swither"] <= kcenter["ceiling_in_mebibytes"]
    assert "floor: the labels read once" in dispersion["seconds"]
    for row in (kcenter, opened, dispersion, added, found):
        assert row["seconds"]["swither"] > 0


@pytest.mark.slow
def test_growth_says_of_each_stage_how_it_grows_or_why_it_is_no_line(measured: Measured) -> None:
    rows = measured("growth")["rows"]
    assert {"recording pass", "dispersion", "margin", "k-center greedy", "BADGE", "CoreSet"} <= {
        r["work"] for r in rows
    }
    for row in rows:
        assert len(row["seconds"]) == len(row["mebibytes_over_input"]) >= 2
        assert ("by_nature" in row) != ("no_worse_than_linear" in row)


def test_a_slope_is_the_power_of_the_size(script: Callable[[str], ModuleType]) -> None:
    growth = script("growth")
    assert growth.slope([10, 100, 1000], [3.0, 30.0, 300.0]) == pytest.approx(1)
    assert growth.slope([10, 100, 1000], [1.0, 100.0, 10_000.0]) == pytest.approx(2)


def test_the_time_to_start_is_measured_of_whole_processes(measured: Measured) -> None:
    rows = {row["work"]: row for row in measured("startup")["rows"]}
    assert rows["swither --help"]["goal"] == {"seconds": 0.5}
    assert rows["import swither"]["goal"] == {"seconds": 0.1}
    for row in rows.values():
        assert row["seconds"]["swither"] > row["seconds"]["floor: python"] * 0.5
