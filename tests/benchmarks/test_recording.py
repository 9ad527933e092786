"""The benchmark of recording runs, alone, and finds that every way asks for the same images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Measured = Callable[..., dict[str, Any]]


def test_data_that_are_not_there_are_said_to_be_missing(measured: Measured, tmp_path: Path) -> None:
    rows = measured("recording", SWITHER_DATA=str(tmp_path))["rows"]
    assert [row["work"] for row in rows] == ["record cifar10", "record mnist"]
    assert all("is missing" in str(row["failed"]) for row in rows)


@pytest.mark.data
def test_the_quick_size_runs_and_all_ways_agree(measured: Measured, real_data: Callable[[str], Path]) -> None:
    for name in ("cifar10", "mnist"):
        real_data(name)
    rows = measured("recording")["rows"]
    seen = [row for row in rows if "forwards_deferred" in row]
    assert {row["work"].split()[1] for row in seen} == {"cifar10", "mnist"}
    for row in seen:
        assert row["forwards_floor"] < row["forwards_deferred"] < 1
        assert row["forwards_online"] < 1
    assert len(rows) > len(seen)  # the folded one
