"""Every log of label events keeps the contract of swither.loop.events.EventLog."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from swither.loop.events import EventFile, EventLog, LabelEvent, fold
from swither.project.learner_events import StoreEvents
from swither.project.ledger import Ledger
from swither.project.records import ImageFile, ProjectEvent
from swither.project.sql_store import SqlStore

AT = "2026-03-01T12:30:00.000000Z"
IMAGES = [f"{number:032x}" for number in range(8)]

Log = tuple[EventLog, Callable[[], None], Callable[[], EventLog]]
"""A log, something that makes it longer (or not), and another reader of the same log."""


def file_log(folder: Path, seed: int) -> Log:
    draw = random.Random(seed)
    log = EventFile(folder / "events.jsonl")

    def write() -> None:
        log.append([LabelEvent("labelled", draw.choice(IMAGES), draw.choice("ab"), event=str(draw.random()))])

    return log, write, lambda: EventFile(folder / "events.jsonl")


def store_log(folder: Path, seed: int) -> Log:
    """A project in which people label, undo, merge classes, and images are held out late."""
    draw = random.Random(seed)
    store = SqlStore(folder / "labels.db")
    store.put_files([ImageFile(image, 1, 1, image) for image in IMAGES])
    number = 0

    def write() -> None:
        nonlocal number
        number += 1
        event = f"e{number}"
        done = store.events()
        classes = [one.class_id for one in done if one.kind == "class_added"]
        kind = draw.choice(["labelled"] * 6 + ["declined", "skipped", "undone", "undone", "merged", "added", "hold"])
        if kind == "added" or len(classes) < 2:
            said = ProjectEvent(event, "class_added", AT, class_id=event, text=draw.choice("abcdef"))
        elif kind == "hold":
            return store.hold_out([draw.choice(IMAGES)])
        elif kind == "undone":
            said = ProjectEvent(event, "undone", AT, undoes=draw.choice(done[-6:]).event)
        elif kind == "merged":
            one, other = draw.sample(classes, 2)
            said = ProjectEvent(event, "class_merged", AT, class_id=one, into=other)
        else:
            label = draw.choice(classes) if kind == "labelled" else None
            said = ProjectEvent(event, kind, AT, image=draw.choice(IMAGES), class_id=label)  # type: ignore[arg-type]
        store.append([said], AT)
        return None

    return StoreEvents(store), write, lambda: StoreEvents(store)


LOGS: dict[str, Callable[[Path, int], Log]] = {"file": file_log, "project": store_log}


@pytest.fixture(params=[(name, seed) for name in LOGS for seed in range(6)], ids=lambda p: f"{p[0]}-{p[1]}")
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Log:
    name, seed = request.param
    return LOGS[name](tmp_path, seed)


def test_what_was_read_never_changes_and_all_readers_see_the_same(log: Log) -> None:
    events, write, other = log
    before = events.read()
    assert before == ()
    for step in range(50):
        write()
        now = events.read()
        assert now[: len(before)] == before
        before = now
        if step % 10 == 0:
            assert other().read() == now, "a reader that begins later sees something else"
    assert other().read() == before


def test_every_event_has_an_id_of_its_own(log: Log) -> None:
    events, write, _ = log
    for _ in range(50):
        write()
    ids = [event.event for event in events.read()]
    assert None not in ids
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("seed", [98, 99])
def test_the_learner_sees_the_labels_of_the_ledger_and_kinds_follow_from_what_stood(seed: int, tmp_path: Path) -> None:
    events, write, _ = store_log(tmp_path, seed)
    store = SqlStore(tmp_path / "labels.db")
    for _ in range(80):
        write()
    told = events.read()
    ledger = Ledger()
    ledger.take(store.events())
    held = store.held_out()
    assert dict(fold(told).labels) == {image: label for image, label in ledger.labels.items() if image not in held}
    assert fold(told).declined == set(ledger.declined_images) - held
    assert {"labelled", "corrected", "withdrawn"} <= {event.kind for event in told}
    for place, event in enumerate(told):
        was = fold(told[:place]).of(event.id)

        if event.kind == "declined":
            assert was != ""
        elif event.kind == "labelled":
            assert was in (None, "")
        else:
            assert was is not None
            assert was != "" or event.kind == "withdrawn"
