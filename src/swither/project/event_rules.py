"""Which events are well formed: what each kind must say, and what it must not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import get_args

from swither.errors import InputError
from swither.project.clock import is_time
from swither.project.records import EventKind, ProjectEvent

LONGEST = 1000
"""Characters in any text of an event."""

NEEDS: Mapping[str, tuple[str, ...]] = {
    "labelled": ("image", "class_id"),
    "declined": ("image",),
    "skipped": ("image",),
    "undone": ("undoes",),
    "class_added": ("class_id", "text"),
    "class_renamed": ("class_id", "text"),
    "class_merged": ("class_id", "into"),
}
"""What an event of each kind must say."""

_ALLOWS: Mapping[str, tuple[str, ...]] = {
    "declined": ("text",),
    "undone": ("image", "class_id"),  # what the undone event spoke of, for whoever reads along
}
_SAID = tuple(field.name for field in fields(ProjectEvent) if field.name not in ("sequence", "received"))
_SAYING = ("image", "class_id", "text", "into", "undoes")


def check_event(event: ProjectEvent) -> None:
    """Refuse an event that is not well formed by itself, whatever else is in the store.

    Args:
        event: one event, as it came.

    Raises:
        InputError: what is wrong with it.

    Example:
        >>> check_event(ProjectEvent("e1", "labelled", "2026-03-01T12:30:00Z", image="a" * 32, class_id="cat"))
        >>> check_event(ProjectEvent("e2", "labelled", "2026-03-01T12:30:00Z", image="a" * 32))
        Traceback (most recent call last):
        ...
        swither.errors.InputError: Event 'e2': a labelled event needs class_id.
    """
    if not isinstance(event, ProjectEvent):
        raise InputError(f"Expected project events, got {event!r}.")
    if not isinstance(event.event, str) or not 1 <= len(event.event) <= 200:
        raise InputError(f"Expected an event's id of 1 to 200 characters, got {event.event!r}.")
    where = f"Event {event.event!r}"
    if event.kind not in get_args(EventKind):
        raise InputError(f"{where}: expected a kind among {', '.join(get_args(EventKind))}; got {event.kind!r}.")
    _check_texts(event, where)
    if not is_time(event.at):
        raise InputError(f"{where}: expected a time in UTC such as 2026-03-01T12:30:00.5Z, got {event.at!r}.")
    seconds = event.seconds
    if seconds is not None and not (
        isinstance(seconds, int | float) and not isinstance(seconds, bool) and math.isfinite(seconds) and seconds >= 0
    ):
        raise InputError(f"{where}: expected seconds of 0 or more, or none, got {seconds!r}.")
    needs = NEEDS[event.kind]
    lacking = [name for name in needs if not getattr(event, name)]
    if lacking:
        raise InputError(f"{where}: a {event.kind} event needs {', '.join(lacking)}.")
    allowed = (*needs, *_ALLOWS.get(event.kind, ()))
    too_much = [name for name in _SAYING if getattr(event, name) is not None and name not in allowed]
    if too_much:
        raise InputError(f"{where}: a {event.kind} event has no {', '.join(too_much)}.")
    if event.kind in ("class_added", "class_renamed") and not (event.text or "").strip():
        raise InputError(f"{where}: expected a name for the class, got {event.text!r}.")
    if event.kind == "class_merged" and event.class_id == event.into:
        raise InputError(f"{where}: a class cannot be merged into itself.")
    if event.kind == "undone" and event.undoes == event.event:
        raise InputError(f"{where}: an event cannot undo itself.")


def same_content(one: ProjectEvent, other: ProjectEvent) -> bool:
    """Whether two events say the same, whatever the store added to one of them."""
    return all(getattr(one, name) == getattr(other, name) for name in _SAID)


def _check_texts(event: ProjectEvent, where: str) -> None:
    for name in ("by", "image", "class_id", "text", "into", "query", "undoes"):
        value = getattr(event, name)
        if value is None and name != "by":
            continue
        if not isinstance(value, str) or len(value) > LONGEST:
            raise InputError(f"{where}: expected a text of at most {LONGEST} characters as {name}, got {value!r:.80}.")
        if "\x00" in value or not _encodes(value):
            raise InputError(f"{where}: {name} holds characters that cannot be stored.")


def _encodes(text: str) -> bool:
    """Whether it is whole Unicode: half a pair of surrogates can be neither stored nor sent."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
