"""The fold of a project's events, held to a slow one that begins anew with each event."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from swither.project.ledger import KEYS, KEYS_OF_THE_PAGE, Ledger, plain_name
from swither.project.records import EventKind, ProjectEvent

AT = "2026-03-01T12:30:00.000000Z"


def said(kind: EventKind, **values: object) -> ProjectEvent:
    return ProjectEvent(str(values.pop("event", "")), kind, AT, **values)  # type: ignore[arg-type]


def numbered(*events: ProjectEvent) -> list[ProjectEvent]:
    return [replace(event, sequence=place, event=event.event or f"e{place}") for place, event in enumerate(events, 1)]


def ledger_of(*events: ProjectEvent) -> Ledger:
    ledger = Ledger()
    ledger.take(numbered(*events))
    return ledger


CAT = said("class_added", class_id="cat", text="Cat")
DOG = said("class_added", class_id="dog", text="Dog")
COW = said("class_added", class_id="cow", text="Cow")


def slow(events: Sequence[ProjectEvent]) -> dict[str, object]:
    """Everything from the start, by definition: who is undone, then one event after the other."""

    def in_force(event: ProjectEvent) -> bool:
        return not any(later.undoes == event.event and in_force(later) for later in events)

    names: dict[str, str] = {}
    into: dict[str, str] = {}

    def root(class_id: str) -> str:
        return root(into[class_id]) if class_id in into else class_id

    standing = [event for event in events if in_force(event)]
    for event in standing:
        if event.kind == "class_added":
            twins = [i for i, name in names.items() if i not in into and plain_name(name) == plain_name(event.text)]
            names[event.class_id] = event.text
            if twins:
                into[event.class_id] = twins[0]
        elif event.kind == "class_renamed" and event.class_id in names:
            names[event.class_id] = event.text
        elif event.kind == "class_merged" and {event.class_id, event.into} <= names.keys():
            into.update({event.class_id: event.into} if root(event.class_id) != root(event.into) else {})
    labels, declined, skipped = {}, {}, {}
    for image in {event.image for event in events if event.image is not None}:
        own = [event for event in standing if event.image == image]
        answers = [event for event in own if event.kind in ("labelled", "declined")]
        if answers and answers[-1].kind == "labelled":
            labels[image] = root(answers[-1].class_id)
        elif answers:
            declined[image] = answers[-1].text or ""
        skips = [event.sequence for event in own if event.kind == "skipped"]
        if skips and (not answers or answers[-1].sequence < skips[-1]):
            skipped[image] = skips[-1]
    keys = "1234567890" + "".join(c for c in string.ascii_lowercase if c not in KEYS_OF_THE_PAGE)
    classes = []
    for place, event in enumerate([event for event in events if event.kind == "class_added"]):
        count = sum(label == event.class_id for label in labels.values())
        if event.class_id in names or count:
            end = root(event.class_id)
            merged = None if end == event.class_id else end
            classes.append((event.class_id, names.get(event.class_id), keys[place : place + 1], merged, count))
    return {"labels": labels, "declined": declined, "skipped": skipped, "classes": classes}


def fast(ledger: Ledger, names: bool = True) -> dict[str, object]:
    known = ledger._classes
    return {
        "labels": dict(ledger.labels),
        "declined": dict(ledger.declined_images),
        "skipped": dict(ledger.last_skipped),
        "classes": [
            (one.id, one.name if one.id in known else None, one.key, one.merged_into, one.labels)
            for one in ledger.classes
        ],
    }


def random_history(seed: int, length: int = 60) -> list[ProjectEvent]:
    """Few images, few names and much undoing, so that everything meets everything."""
    draw = random.Random(seed)
    events: list[ProjectEvent] = []
    classes: list[str] = []
    names = ["cat", "Cat", "dog", "CAFÉ", "cafe\u0301"]
    for place in range(1, length + 1):
        kinds: list[EventKind] = ["class_added"]
        if classes:
            kinds += ["class_renamed", "class_merged", "class_merged", "skipped", "declined"] + ["labelled"] * 5
        if events:
            kinds += ["undone"] * 5
        kind = draw.choice(kinds)
        image, class_id = draw.choice("ijkl"), draw.choice(classes or [""])
        values: dict[str, object] = {}
        if kind == "class_added":
            class_id = f"c{place}"
            classes.append(class_id)
            values = {"class_id": class_id, "text": draw.choice(names)}
        elif kind == "class_renamed":
            values = {"class_id": class_id, "text": draw.choice(names)}
        elif kind == "class_merged":
            into = draw.choice([one for one in classes if one != class_id] or [""])
            if not into:
                continue
            values = {"class_id": class_id, "into": into}
        elif kind == "labelled":
            values = {"image": image, "class_id": class_id}
        elif kind == "declined":
            values = {"image": image, "text": draw.choice(["cannot tell", None])}
        elif kind == "skipped":
            values = {"image": image}
        else:
            values = {"undoes": draw.choice(events[-8:]).event}
        events.append(replace(said(kind, **values), event=f"e{place}", sequence=len(events) + 1))
    return events


@pytest.mark.parametrize("seed", range(150))
def test_any_history_amounts_to_what_the_slow_fold_says_after_every_event(seed: int) -> None:
    events = random_history(seed)
    ledger = Ledger()
    for place, event in enumerate(events, 1):
        before = {image: (ledger.label_of(image), ledger.declined(image)) for image in "ijkl"}
        changed = ledger.step(event)
        assert fast(ledger) == slow(events[:place])
        now = {image: (ledger.label_of(image), ledger.declined(image)) for image in "ijkl"}
        assert list(changed) == sorted(image for image in "ijkl" if now[image] != before[image])
    again = Ledger()
    again.take(events)
    assert fast(again) == fast(ledger)


@pytest.mark.parametrize("seed", range(20))
def test_a_copy_goes_on_without_changing_what_it_was_made_of(seed: int) -> None:
    events = random_history(seed)
    half = len(events) // 2
    first = Ledger()
    first.take(events[:half])
    before = fast(first)
    second = first.copy()
    second.take(events[half:])
    assert fast(first) == before
    assert fast(second) == slow(events)
    assert (first.sequence, second.sequence) == (half, len(events))


def test_undoing_brings_back_what_stood_before_and_undoing_that_takes_it_again() -> None:
    events = numbered(
        CAT,
        DOG,
        said("labelled", image="i", class_id="cat"),
        said("labelled", image="i", class_id="dog"),
        said("undone", undoes="e4"),
        said("undone", undoes="e5"),
        said("undone", undoes="e6"),
    )
    ledger = Ledger()
    seen = []
    for event in events:
        ledger.step(event)
        seen.append(ledger.label_of("i"))
    assert seen == [None, None, "cat", "dog", "cat", "dog", "cat"]
    assert ledger.of_image("i") == tuple(events[2:]), "its history keeps what was undone, and the undoing"
    assert ledger.stands("e3")
    assert not ledger.stands("e4")
    assert ledger.standing_event("i") == events[2]


def test_an_event_that_two_undid_stays_undone_until_both_are_undone() -> None:
    label = said("labelled", image="i", class_id="cat")
    twice = (CAT, label, said("undone", undoes="e2"), said("undone", undoes="e2"))
    assert ledger_of(*twice, said("undone", undoes="e3")).label_of("i") is None
    both = ledger_of(*twice, said("undone", undoes="e3"), said("undone", undoes="e4"))
    assert both.label_of("i") == "cat"


def test_labels_follow_merges_of_merges_also_late_ones() -> None:
    ledger = ledger_of(
        CAT,
        DOG,
        COW,
        said("labelled", image="i", class_id="cat"),
        said("class_merged", class_id="cat", into="dog"),
        said("class_merged", class_id="dog", into="cow"),
        said("labelled", image="late", class_id="cat"),
    )
    assert dict(ledger.labels) == {"i": "cow", "late": "cow"}
    assert [(one.id, one.merged_into, one.labels) for one in ledger.classes] == [
        ("cat", "cow", 0),
        ("dog", "cow", 0),
        ("cow", None, 2),
    ]
    assert [one.id for one in ledger.active_classes()] == ["cow"]


def test_undoing_a_merge_gives_both_classes_their_images_back() -> None:
    ledger = ledger_of(
        CAT,
        DOG,
        said("labelled", image="i", class_id="cat"),
        said("labelled", image="j", class_id="dog"),
        said("class_merged", class_id="cat", into="dog"),
        said("undone", undoes="e5"),
    )
    assert dict(ledger.labels) == {"i": "cat", "j": "dog"}


def test_two_merges_in_a_ring_leave_a_class_that_stands_for_itself() -> None:
    ledger = ledger_of(
        CAT,
        DOG,
        said("class_merged", class_id="cat", into="dog"),
        said("class_merged", class_id="dog", into="cat"),
    )
    assert [one.id for one in ledger.active_classes()] == ["dog"]


@pytest.mark.parametrize("name", ["cat", " CAT ", "Cat"])
def test_a_class_that_two_people_added_offline_is_one_class(name: str) -> None:
    ledger = ledger_of(
        CAT, said("class_added", class_id="cat2", text=name), said("labelled", image="i", class_id="cat2")
    )
    assert ledger.label_of("i") == "cat"
    assert ledger.resolve("cat2") == "cat"


def test_keys_never_shift_neither_by_merging_nor_by_undoing() -> None:
    added = [said("class_added", class_id=f"c{n}", text=f"class {n}") for n in range(30)]
    ledger = ledger_of(*added)
    keys = {one.id: one.key for one in ledger.classes}
    expected = [*"1234567890", *[c for c in string.ascii_lowercase if c not in KEYS_OF_THE_PAGE]]
    assert list(keys.values()) == [*expected, *[""] * (30 - len(expected))]
    assert "".join(KEYS) == "".join(expected)
    merged = ledger_of(*added, said("class_merged", class_id="c0", into="c5"), said("undone", undoes="e4"))
    left = {one.id: one.key for one in merged.classes}
    assert left == {class_id: key for class_id, key in keys.items() if class_id != "c3"}


def test_a_class_whose_adding_was_undone_stays_while_an_image_bears_it() -> None:
    gone = ledger_of(CAT, said("undone", undoes="e1"))
    assert gone.classes == ()
    kept = ledger_of(CAT, said("undone", undoes="e1"), said("labelled", image="late", class_id="cat"))
    assert [(one.id, one.name, one.labels) for one in kept.classes] == [("cat", "Cat", 1)]


def test_a_skip_stands_until_the_image_is_answered() -> None:
    skip, label = said("skipped", image="i"), said("labelled", image="i", class_id="cat")
    assert dict(ledger_of(CAT, skip, skip).last_skipped) == {"i": 3}
    assert dict(ledger_of(CAT, skip, label).last_skipped) == {}
    assert dict(ledger_of(CAT, skip, label, said("undone", undoes="e3")).last_skipped) == {"i": 2}


@pytest.mark.parametrize("write", [lambda one: one.labels.update({}), lambda one: one.declined_images.clear()])
def test_nobody_changes_labels_beside_the_events(write: Callable[[Ledger], object]) -> None:
    with pytest.raises(AttributeError):
        write(ledger_of(CAT))
