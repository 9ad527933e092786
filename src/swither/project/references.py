"""What new rows of a project refer to: events that are there already, images and questions that are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Table, select

from swither.errors import InputError, list_some
from swither.project import tables
from swither.project.event_rules import same_content
from swither.project.records import ProjectEvent

AT_ONCE = 500
"""Values in one IN (...)."""

EVENT = tuple(field.name for field in fields(ProjectEvent))
"""The columns that make an event."""


def columns_of(table: Table, names: Sequence[str]) -> list[Any]:
    """Some columns of a table, by name."""
    return [table.c[name] for name in names]


def in_parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """`values` in parts that fit one statement."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def known_among(connection: Connection, column: Any, values: Iterable[str | None]) -> set[str]:
    """Those of `values` that the column holds."""
    wanted = sorted({value for value in values if value is not None})
    found: set[str] = set()
    for some in in_parts(wanted):
        found.update(connection.execute(select(column).where(column.in_(some))).scalars())
    return found


def new_events(connection: Connection, events: list[ProjectEvent]) -> tuple[list[ProjectEvent], list[str]]:
    """The events that are not there yet, and the ids of those that are; one used for something else is refused."""
    stored: dict[str, ProjectEvent] = {}
    columns = columns_of(tables.events, EVENT)
    for some in in_parts([event.event for event in events]):
        for row in connection.execute(select(*columns).where(tables.events.c.event.in_(some))):
            stored[row.event] = ProjectEvent(*row)
    new: list[ProjectEvent] = []
    repeated: list[str] = []
    for event in events:
        before = stored.get(event.event)
        if before is None:
            stored[event.event] = event
            new.append(event)
        elif same_content(before, event):
            repeated.append(event.event)
        else:
            raise InputError(
                f"Event {event.event!r} is stored with other content: a {before.kind} event of {before.at}. "
                "Expected an id of its own for every event. Nothing was stored."
            )
    return new, repeated


def check_references(connection: Connection, events: list[ProjectEvent]) -> None:
    """Refuse events that speak of images, classes or events that are not there."""
    images = known_among(connection, tables.images.c.id, (event.image for event in events))
    named = [name for event in events for name in (event.class_id, event.into)]
    classes = known_among(connection, tables.classes.c.id, named)
    undone = known_among(connection, tables.events.c.event, (event.undoes for event in events))
    for event in events:
        where = f"Event {event.event!r}"
        if event.image is not None and event.image not in images:
            raise InputError(f"{where}: there is no image {event.image!r} in this project. Nothing was stored.")
        if event.kind == "class_added":
            assert event.class_id is not None
            if event.class_id in classes:
                raise InputError(
                    f"{where}: the class id {event.class_id!r} is used already. Expected a new one for a new class. "
                    "Nothing was stored."
                )
            classes.add(event.class_id)
        for name in (event.class_id, event.into):
            if name is not None and name not in classes:
                raise InputError(f"{where}: there is no class {name!r} in this project. Nothing was stored.")
        if event.undoes is not None and event.undoes not in undone:
            raise InputError(f"{where}: there is no event {event.undoes!r} to undo. Nothing was stored.")
        undone.add(event.event)


def refuse_unknown(connection: Connection, images: Sequence[str], verb: str) -> None:
    """Refuse images that no file was put for."""
    unknown = sorted(set(images) - known_among(connection, tables.images.c.id, images))
    if unknown:
        raise InputError(f"Cannot {verb} images that no file was put for: {list_some(unknown)}. Put their files first.")


def refuse_answered(connection: Connection, tokens: Sequence[str]) -> None:
    """A question comes before its answer: whoever has read the answer would read it otherwise afterwards."""
    answered = known_among(connection, tables.events.c.query, tokens)
    new = sorted(answered - known_among(connection, tables.questions.c.token, answered))
    if new:
        raise InputError(f"Events name these tokens already: {list_some(new)}. Expected new tokens for new questions.")
