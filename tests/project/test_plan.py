"""The plan of a cycle: read back as it was, and a store as it was then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from swither.project.learner_events import StoreEvents
from swither.project.plan import Plan, StoreUntil

PLAN = Plan(3, 12, {"a": 4}, ["ant", "bee"], ["b", "c"], ["a"], 2, 50, 90, 60, "50 recordings")


def test_a_plan_reads_back_as_it_was_written(tmp_path: Path) -> None:
    PLAN.write(tmp_path / "plan-3.json")
    assert Plan.read(tmp_path / "plan-3.json") == PLAN


def test_a_plan_that_is_missing_or_damaged_is_none(tmp_path: Path) -> None:
    assert Plan.read(tmp_path / "plan-3.json") is None
    (tmp_path / "plan-3.json").write_text("{")
    assert Plan.read(tmp_path / "plan-3.json") is None
    (tmp_path / "plan-3.json").write_text('{"format": "swither plan of a cycle", "version": 1}')
    assert Plan.read(tmp_path / "plan-3.json") is None


def test_label_events_until_a_sequence_are_the_first_of_all(labelled: Any) -> None:
    labelled.label_some(6)
    store = labelled.project.store
    sequence = labelled.project.ledger().sequence
    before = StoreEvents(store).read()
    plan = Plan(1, sequence, store.held_out_after(), [], [], [], 1, 0, 0, 1, "")
    labelled.label_some(5)
    labelled.say("class_merged", class_id="cat", into="bee")
    store.hold_out([next(iter(labelled.project.ledger().labels))])
    assert StoreEvents(StoreUntil(store, plan)).read() == before
    assert len(before) == 6
