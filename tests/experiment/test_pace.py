"""How far a comparison is, by the expected time of its pieces."""

from __future__ import annotations

import pytest

from swither.data.settings import DataSettings
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.pace import Pace
from swither.experiment.plan import Plan, make_plan
from swither.experiment.settings import CompareSettings
from swither.experiment.work import Speeds, cells_of

SPEEDS = Speeds(0.01, 0.001, 0.1, 0.5, 10**9, 10**7, 512)
SETTINGS = CompareSettings(DataSettings("digits"), ("random", "dispersion"), seeds=2, cycles=2)


def planned(finished: dict[Cell, int] | None = None) -> Plan:
    return make_plan(SETTINGS, 1000, 300, 10, SPEEDS, finished=finished)


def test_the_bar_is_full_when_every_cycle_has_finished_and_never_runs_back() -> None:
    pace, before = Pace(planned()), 0.0
    for cell in cells_of(SETTINGS):
        for cycle in range(1 if cell.method == REFERENCE else SETTINGS.cycles + 1):
            for done in (0, 50, 100):
                pace.working(cell, cycle, done, 100)
                assert pace.share >= before
                before = pace.share
            pace.finished(cell, cycle)
            assert pace.share >= before
            before = pace.share
    assert pace.share == pytest.approx(1)
    assert pace.seconds_left(100) == pytest.approx(0)


def test_an_expensive_training_moves_the_bar_further() -> None:
    recorded, plain = Pace(planned()), Pace(planned())
    recorded.finished(Cell("dispersion", 0), 1)
    plain.finished(Cell("random", 0), 1)
    assert recorded.share > plain.share > 0


def test_the_first_training_of_a_seed_counts_once_for_all_its_methods() -> None:
    pace = Pace(planned())
    pace.working(Cell("random", 0), 0, 100, 100)
    once = pace.share
    pace.working(Cell("dispersion", 0), 0, 50, 100)
    assert pace.share == once


def test_time_left_follows_the_plan_first_and_the_measured_pace_later() -> None:
    plan = planned()
    pace = Pace(plan)
    assert pace.seconds_left(0) == plan.seconds
    for cell in cells_of(SETTINGS)[:2]:
        for cycle in range(3):
            pace.finished(cell, cycle)
    assert pace.share > 0.1
    assert pace.seconds_left(1000) == pytest.approx(1000 * (1 - pace.share) / pace.share)


def test_what_was_finished_before_is_no_part_of_the_bar() -> None:
    pace = Pace(planned(dict.fromkeys(cells_of(SETTINGS)[:4], 3)))
    pace.finished(Cell("random", 0), 1)
    assert pace.share == 0
    assert Pace(planned(dict.fromkeys(cells_of(SETTINGS), 3))).share == 1
