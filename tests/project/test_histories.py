"""What is kept of old trainings."""

from __future__ import annotations

from typing import Any

from swither.project.accuracy import note_of
from swither.project.clock import now
from swither.project.histories import KEPT, remove_old
from swither.project.records import Cycle


def test_the_predictions_of_trainings_that_nothing_is_compared_with_are_removed(labelled: Any) -> None:
    store = labelled.project.store
    for number in range(1, 41):
        job = store.request_job("cycle", now())
        store.take_job("w", now(), now(30))
        store.set_note(note_of(f"t{number}"), {"predicted": {}})
        store.publish(Cycle(job.number, number, 0, 20 * number, (), (), f"t{number}", {}, now()), "w")
    remove_old(labelled.project)
    left = [n for n in range(1, 41) if store.note(note_of(f"t{n}")) is not None]
    assert left == list(range(14, 41))
    assert len(left) > KEPT
