"""Malformed events are refused one by one, in words."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from swither.errors import InputError
from swither.project.event_rules import LONGEST, check_event, same_content
from swither.project.records import ProjectEvent

AT = "2026-03-01T12:30:00Z"
LABEL = ProjectEvent("e1", "labelled", AT, "ann", image="a" * 32, class_id="c")
GOOD = [
    LABEL,
    replace(LABEL, query="q", seconds=0.5),
    ProjectEvent("e1", "declined", AT, image="a"),
    ProjectEvent("e1", "declined", AT, image="a", text="cannot tell"),
    ProjectEvent("e1", "skipped", AT, image="a"),
    ProjectEvent("e1", "undone", AT, undoes="e0", image="a", class_id="c"),
    ProjectEvent("e1", "class_added", AT, class_id="c", text="Cät 🐈"),
    ProjectEvent("e1", "class_renamed", AT, class_id="c", text="Cat"),
    ProjectEvent("e1", "class_merged", AT, class_id="c", into="d"),
]
BAD = [
    (replace(LABEL, event="x" * 201), "id"),
    (replace(LABEL, image=None), "needs image"),
    (replace(LABEL, image=""), "needs image"),
    (replace(LABEL, text="why"), "has no text"),
    (replace(LABEL, undoes="e0"), "has no undoes"),
    (replace(LABEL, seconds=-1), "seconds"),
    (replace(LABEL, seconds=True), "seconds"),
    (replace(LABEL, seconds=float("inf")), "seconds"),
    (replace(LABEL, by=None), "by"),  # type: ignore[arg-type]
    (replace(LABEL, query="q" * (LONGEST + 1)), "query"),
    (replace(LABEL, class_id="c\x00"), "characters"),
    (replace(LABEL, class_id="\ud800"), "characters"),
    (replace(LABEL, at="2026-03-01T12:30:00+00:00"), "time in UTC"),
    (ProjectEvent("e1", "class_added", AT, class_id="c", text="a", image="i"), "has no image"),
    (ProjectEvent("e1", "undone", AT, undoes="e1"), "itself"),
    ({"event": "e1"}, "project events"),
]


@pytest.mark.parametrize("event", GOOD)
def test_a_well_formed_event_is_taken(event: ProjectEvent) -> None:
    check_event(event)


@pytest.mark.parametrize(("event", "words"), BAD)
def test_a_malformed_event_is_refused_with_the_reason(event: ProjectEvent, words: str) -> None:
    with pytest.raises(InputError, match=words):
        check_event(event)


def test_content_is_everything_but_what_the_store_gives() -> None:
    other = {"event": "e2", "kind": "skipped", "at": "2027", "by": "bob", "seconds": 2.0}
    for field in fields(ProjectEvent):
        changed = replace(LABEL, **{field.name: 7 if field.name == "sequence" else other.get(field.name, "other")})
        assert same_content(LABEL, changed) == (field.name in ("sequence", "received")), field.name
