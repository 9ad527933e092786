"""How far a comparison is, by the expected time of its pieces."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swither.data.settings import DataSettings
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.pace import Pace
from swither.experiment.plan import END_SECONDS, Plan, make_plan
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
    assert pace.seconds_left(0) == pytest.approx(plan.seconds - plan.start_seconds)
    plain = Pace(plan)
    for cell in cells_of(SETTINGS)[:2]:
        for cycle in range(3):
            pace.finished(cell, cycle)
            plain.finished(cell, cycle)
    assert pace.share > 0.1
    measured = plain.seconds_left(1000)  # asked for the first time, it is not smoothed
    assert measured == pytest.approx(1000 * (1 - pace.share) / pace.share + END_SECONDS)


def test_time_left_moves_smoothly_and_is_never_next_to_nothing_while_much_is_left() -> None:
    plan = planned()
    pace, now = Pace(plan), 0.0
    before = pace.seconds_left(now)
    for cell in cells_of(SETTINGS):
        for cycle in range(1 if cell.method == REFERENCE else 3):
            for done in range(0, 101, 10):
                now += 3 * plan.seconds / 150  # about three times as slow as planned
                pace.working(cell, cycle, done, 100)
                left = pace.seconds_left(now)
                assert pace.share == 1 or left > 0
                assert before - left < 4 * 3 * plan.seconds / 150 + before / 2
                before = left


def test_a_long_last_run_counts_whole_however_many_workers_are_idle() -> None:
    plan = replace(planned(), jobs=4)
    pace = Pace(plan)
    reference = Cell(REFERENCE, 1)
    for cell in cells_of(SETTINGS):
        for cycle in range(3):
            if cell != reference:
                pace.finished(cell, cycle)
    (work,) = [piece for piece in plan.work if piece.cell == reference]
    spent = plan.training_seconds
    assert pace.seconds_left(spent) > work.seconds(plan.speeds)


def test_time_left_is_no_pace_by_rounding_while_the_longest_run_has_not_moved() -> None:
    plan = make_plan(SETTINGS, 1000, 300, 10, replace(SPEEDS, step_seconds=0.08 / 7))
    plan = replace(plan, jobs=20, seconds=plan.start_seconds + END_SECONDS + 300)  # where 300 / x * x is not 300
    pace = Pace(plan)
    pace.finished(Cell("random", 0), 2)
    pace.finished(Cell(REFERENCE, 0), 0)
    assert pace.share > 0.1, "of all work, but nothing of the longest run"
    assert plan.training_seconds < pace.seconds_left(100) < 10 * plan.training_seconds


def test_what_was_finished_before_is_no_part_of_the_bar() -> None:
    pace = Pace(planned(dict.fromkeys(cells_of(SETTINGS)[:4], 3)))
    pace.finished(Cell("random", 0), 1)
    assert pace.share == 0
    assert Pace(planned(dict.fromkeys(cells_of(SETTINGS), 3))).share == 1


def test_a_query_that_trains_moves_the_bar_by_its_own_length_after_the_test_of_its_cycle() -> None:
    settings = CompareSettings(DataSettings("digits"), ("random", "vaal:width=2"), seeds=1, reference=False, cycles=2)
    speeds = replace(SPEEDS, query_seconds={"vaal:width=2": 1000.0})
    plan = make_plan(settings, 1000, 300, 10, speeds)
    pace, total = Pace(plan), sum(work.seconds(speeds) for work in plan.work)
    vaal = Cell("vaal:width=2", 0)
    pace.finished(vaal, 0)
    pace.finished(vaal, 1)
    before = pace.share
    assert before > 1000 / total, "the query before cycle 1 is done when cycle 1 is"
    assert before < 2000 / total, "the query after cycle 1 is still to come"
    pace.working(vaal, 1, 50, 100, "training VAAL")
    assert pace.share - before == pytest.approx(500 / total)
    pace.finished(vaal, 2)
    for cycle in range(3):
        pace.finished(Cell("random", 0), cycle)
    assert pace.share == pytest.approx(1)
