"""What the page sends becomes exactly one event, or words that say what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from swither.errors import InputError
from swither.project.event_rules import NEEDS
from swither.web.sent_events import KINDS, LONGEST_TEXT, id_of, sent_event

AT = "2026-03-01T12:00:00.123Z"
WHOLE: dict[str, dict[str, Any]] = {
    "labelled": {"image": "a" * 32, "class_id": "c1", "query": "t1", "seconds": 1.25},
    "declined": {"image": "a" * 32, "text": "cannot tell"},
    "skipped": {"image": "a" * 32},
    "undone": {"undoes": "e0"},
    "class_added": {"class_id": "c1", "text": "Wild cat"},
    "class_renamed": {"class_id": "c1", "text": "Wildcat"},
    "class_merged": {"class_id": "c1", "into": "c2"},
}


def sent(of: str, **changed: Any) -> dict[str, Any]:
    """A whole event of a kind, changed."""
    return {"event": "e1", "kind": of, "at": AT, **WHOLE[of], **changed}


def test_every_kind_has_a_whole_example_here() -> None:
    assert set(WHOLE) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_all_that_was_said(kind: str) -> None:
    event = sent_event(sent(kind), "Ailsa")
    assert (event.event, event.kind, event.by, event.at) == ("e1", kind, "Ailsa", "2026-03-01T12:00:00.123000Z")
    for name, value in WHOLE[kind].items():
        assert getattr(event, name) == value


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in NEEDS[kind]])
def test_what_the_store_needs_the_page_is_told_to_send(kind: str, name: str) -> None:
    with pytest.raises(InputError, match=f"needs {name}"):
        sent_event(sent(kind, **{name: None}), "Ailsa")


def test_who_said_it_and_its_place_are_not_the_pages_to_say() -> None:
    event = sent_event(sent("labelled", by="somebody else", sequence=7, received="never"), "Ailsa")
    assert (event.by, event.sequence, event.received) == ("Ailsa", 0, "")


def test_times_of_any_zone_are_kept_in_utc() -> None:
    assert sent_event(sent("skipped", at="2026-03-01T14:00:00+02:00"), "").at == "2026-03-01T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("labelled", {"kind": "lablled"}),
        ("labelled", {"kind": None}),
        ("labelled", {"kind": ["labelled"]}),
        ("labelled", {"event": ""}),
        ("labelled", {"event": "x" * 81}),
        ("labelled", {"event": 5}),
        ("labelled", {"image": "../../etc/passwd"}),
        ("labelled", {"class_id": None}),
        ("labelled", {"class_id": {"$ne": ""}}),
        ("labelled", {"seconds": -1}),
        ("labelled", {"seconds": float("nan")}),
        ("labelled", {"seconds": float("inf")}),
        ("labelled", {"seconds": True}),
        ("labelled", {"seconds": "1"}),
        ("labelled", {"at": "yesterday"}),
        ("labelled", {"at": "2026-03-01T12:00:00"}),
        ("labelled", {"at": "0001-01-01T00:00:00+14:00"}),
        ("labelled", {"at": None}),
        ("undone", {"undoes": None}),
        ("class_added", {"text": "  "}),
        ("class_added", {"text": "a\x00b"}),
        ("class_added", {"text": "\ud800"}),
        ("class_added", {"text": "x" * (LONGEST_TEXT + 1)}),
        ("class_merged", {"into": None}),
    ],
)
def test_a_malformed_event_is_refused_in_words_that_can_be_sent(kind: str, changed: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refused:
        sent_event(sent(kind, **changed), "Ailsa")
    str(refused.value).encode()


@pytest.mark.parametrize("value", [None, "text", 3, ["list"]])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="object"):
        sent_event(value, "Ailsa")
    assert id_of(value) == ""


def test_a_refused_event_is_named_even_where_its_id_is_broken() -> None:
    assert id_of({"event": "e1"}) == "e1"
    assert id_of({"event": "\ud800" * 200}).encode()
