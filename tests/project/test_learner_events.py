"""The learner's view of a project's events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from swither.errors import InputError
from swither.loop.events import LabelEvent, fold
from swither.project.learner_events import StoreEvents
from swither.project.records import EventKind, ImageFile, ProjectEvent, Question
from swither.project.sql_store import SqlStore

AT = "2026-03-01T12:30:00.000000Z"
A, B, C = ("a" * 32, "b" * 32, "c" * 32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with SqlStore(tmp_path / "labels.db") as store:
        store.put_files([ImageFile(image, 1, 1, image) for image in (A, B, C)])
        say(store, "class_added", class_id="cat", text="Cat")
        say(store, "class_added", class_id="dog", text="Dog")
        yield store


def say(store: SqlStore, kind: EventKind, **values: Any) -> str:
    event = f"e{len(store.events()) + 1}"
    store.append([ProjectEvent(event, kind, AT, by="ann", **values)], AT)
    return event


def short(event: LabelEvent) -> tuple[str, str, str | None]:
    return event.kind, event.id, event.label


def test_an_answer_arrives_whole(store: SqlStore) -> None:
    store.put_questions([Question("t", A, "batch", "ann", AT, AT, batch=4)])
    event = say(store, "labelled", image=A, class_id="cat", query="t", seconds=2.5)
    assert StoreEvents(store).read() == (
        LabelEvent("labelled", A, "cat", batch=4, by="ann", at=AT, seconds=2.5, event=event),
    )


def test_undoing_skipping_and_classes_reach_the_learner_as_labels_only(store: SqlStore) -> None:
    log = StoreEvents(store)
    first = say(store, "labelled", image=A, class_id="cat")
    say(store, "skipped", image=B)
    assert [short(event) for event in log.read()] == [("labelled", A, "cat")]
    say(store, "undone", undoes=first)
    say(store, "declined", image=B, text="cannot tell")
    say(store, "declined", image=B, text="more than one")
    say(store, "labelled", image=B, class_id="cat")
    say(store, "labelled", image=B, class_id="cat")
    last = say(store, "labelled", image=B, class_id="dog")
    say(store, "undone", undoes=last)
    assert [short(event) for event in log.read()] == [
        ("labelled", A, "cat"),
        ("withdrawn", A, None),
        ("declined", B, None),
        ("labelled", B, "cat"),
        ("corrected", B, "dog"),
        ("corrected", B, "cat"),
    ]


def test_a_merge_corrects_every_label_of_the_class_and_undoing_it_brings_them_back(store: SqlStore) -> None:
    log = StoreEvents(store)
    for image in (B, A):
        say(store, "labelled", image=image, class_id="cat")
    assert len(log.read()) == 2
    merge = say(store, "class_merged", class_id="cat", into="dog")
    assert [short(event) for event in log.read()[2:]] == [("corrected", A, "dog"), ("corrected", B, "dog")]
    say(store, "undone", undoes=merge)
    assert dict(fold(log.read()).labels) == {A: "cat", B: "cat"}


def test_an_image_that_is_held_out_is_not_there(store: SqlStore) -> None:
    store.hold_out([A])
    say(store, "labelled", image=A, class_id="cat")
    say(store, "labelled", image=B, class_id="cat")
    assert [short(event) for event in StoreEvents(store).read()] == [("labelled", B, "cat")]


def test_an_image_that_is_held_out_after_its_label_is_withdrawn_at_that_place(store: SqlStore) -> None:
    log = StoreEvents(store)
    say(store, "labelled", image=A, class_id="cat")
    before = log.read()
    store.hold_out([A])
    say(store, "labelled", image=B, class_id="dog")
    say(store, "labelled", image=A, class_id="dog")
    expected = [("labelled", A, "cat"), ("withdrawn", A, None), ("labelled", B, "dog")]
    assert [short(event) for event in log.read()] == expected
    assert log.read()[:1] == before
    assert [short(event) for event in StoreEvents(store).read()] == expected


def test_a_learner_cannot_write_past_the_store(store: SqlStore) -> None:
    log = StoreEvents(store)
    log.append([])
    with pytest.raises(InputError, match="store"):
        log.append([LabelEvent("labelled", A, "cat")])
    assert log.read() == ()


def test_a_learner_learns_from_the_labels_of_a_project(store: SqlStore, tmp_path: Path) -> None:
    import numpy as np

    from swither.data.image_set import ImageSet
    from swither.loop import Learner, LearnerSettings
    from swither.models import ModelSettings
    from swither.training import Recipe

    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 255, (3, 8, 8, 1), dtype=np.uint8)
    unknown, names = np.full(3, -1), np.array([A, B, C])
    images = ImageSet(pixels, np.arange(3), names, unknown, ("cat", "dog"), paths=names)
    settings = LearnerSettings("margin", model=ModelSettings("tiny"), recipe=Recipe(epochs=1, least_steps=1))
    learner = Learner(images, settings, tmp_path / "learner", events=StoreEvents(store))
    say(store, "labelled", image=B, class_id="dog")
    say(store, "labelled", image=C, class_id="cat")
    assert dict(learner.standing().labels) == {B: "dog", C: "cat"}
    assert learner.ask(1) == (A,)
