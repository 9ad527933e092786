"""The report's numbers are those of the events, those taken back included where it says so."""

from __future__ import annotations

from typing import Any

from swither.project.records import ProjectEvent
from swither.web.summary import class_history, decisions_of, people_of

AT = "2026-03-01T12:00:00.000000Z"


def said(kind: Any, by: str = "Ailsa", **values: Any) -> ProjectEvent:
    """An event with an id of its own."""
    said.number += 1  # type: ignore[attr-defined]
    return ProjectEvent(values.pop("event", f"e{said.number}"), kind, AT, by, **values)  # type: ignore[attr-defined]


said.number = 0  # type: ignore[attr-defined]


def test_people_are_told_with_the_middle_of_their_seconds() -> None:
    events = [said("labelled", image="a", class_id="c", seconds=s) for s in (1.0, 2.0, 60.0)]
    events += [said("skipped", "Iain", image="b"), said("class_added", "Morag", class_id="c", text="cat")]
    assert people_of(events) == [
        {"by": "Ailsa", "answers": 3, "seconds": 2.0},
        {"by": "Iain", "answers": 1, "seconds": None},
    ]


def test_a_second_label_of_an_image_is_a_change() -> None:
    events = [said("labelled", image=image, class_id="c") for image in ("a", "b", "a")] + [said("undone", undoes="e1")]
    assert dict(decisions_of(events)) == {"labels given first": 2, "labels changed later": 1, "taken back": 1}


def test_the_history_of_classes_uses_the_names_of_their_time() -> None:
    events = [
        said("class_added", class_id="c", text="cat"),
        said("class_added", class_id="d", text="dog"),
        said("class_renamed", class_id="c", text="lynx"),
        said("class_merged", class_id="d", into="c", event="merge"),
        said("undone", undoes="merge"),
    ]
    assert [row["words"] for row in class_history(events)] == [
        "added cat",
        "added dog",
        "renamed cat to lynx",
        "merged dog into lynx, taken back",
    ]
