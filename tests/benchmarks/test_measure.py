from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

Script = Callable[[str], ModuleType]


def test_calls_are_taken_in_turn_and_the_first_round_counts_for_no_time(script: Script) -> None:
    measure = script("_measure")
    order: list[str] = []
    timed = measure.interleaved(
        {name: measure.here(lambda name=name: order.append(name)) for name in ("swither", "quick", "slow")},
        repeats=2,
        once=["slow"],
    )
    assert order == ["swither", "quick", "swither", "quick", "slow", "swither", "quick"]
    assert [len(timed[name].seconds) for name in ("swither", "quick", "slow")] == [2, 2, 1]


def test_what_a_peer_cannot_do_is_a_row_and_what_swither_cannot_do_an_error(script: Script) -> None:
    measure = script("_measure")

    def cannot(memory: bool) -> Any:
        raise measure.CannotRun("no such peer")

    timed = measure.interleaved({"swither": measure.here(lambda: 1), "peer": cannot}, repeats=1)
    row = measure.row("work", timed, goals={"peer": 2.0})
    assert row["failed"] == {"peer": "no such peer"}
    assert "peer" not in row["ratio"]
    assert "peer" not in row["reached"]
    assert "no such peer" in measure.shown(row)
    with pytest.raises(measure.CannotRun):
        measure.interleaved({"swither": cannot}, repeats=1)


def test_a_ratio_is_that_of_medians_and_a_floor_has_none(script: Script) -> None:
    measure = script("_measure")
    measured = {
        "swither": measure.Measured([1.0, 9.0, 2.0]),
        "peer": measure.Measured([8.0, 10.0, 90.0]),
        "floor": measure.Measured([0.5]),
    }
    row = measure.row("work", measured, goals={"peer": 6.0}, samples=3)
    assert row["seconds"] == {"swither": 2.0, "peer": 10.0, "floor": 0.5}
    assert row["ratio"] == {"peer": 5.0}
    assert row["ratio_of_fastest"] == {"peer": 8.0}
    assert row["reached"] == {"peer": False}
    assert row["samples"] == 3


@pytest.mark.parametrize("mapped", [False, True])
def test_peak_memory_is_what_a_call_adds_to_its_input(script: Script, mapped: bool) -> None:
    measure = script("_measure")
    values = np.ones(4_000_000)  # 30.5 MiB

    def twice() -> float:
        total = 0.0
        for _ in range(20):  # long enough to be seen by looking now and then
            total += float((values + 1).sum())
        return total

    run = measure.with_memory(twice, mapped=mapped)
    assert run.answer == 20 * 8_000_000
    assert 25 < run.mebibytes < 45


def test_answers_that_differ_are_refused(script: Script) -> None:
    measure = script("_measure")
    measure.same("equal", [1, 2], [1, 2])
    measure.same("close", [1.0], [1.0005], tolerance=1e-3)
    for ours, theirs, tolerance in (([1, 2], [1, 3], 0.0), ([1.0], [1.1], 1e-3), ([1], [1, 2], 0.0)):
        with pytest.raises(measure.Disagreement):
            measure.same("different", ours, theirs, tolerance=tolerance)
