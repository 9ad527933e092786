"""From what the page sent to events: each is looked at by itself, and refused by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from swither.errors import InputError, UnknownName
from swither.project.clock import written
from swither.project.event_rules import NEEDS
from swither.project.records import EventKind, ProjectEvent

KINDS: tuple[str, ...] = get_args(EventKind)
MOST_EVENTS = 1_000
LONGEST_TEXT = 200

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,80}")
_TAKES: Mapping[str, tuple[str, ...]] = {
    "labelled": ("image", "class_id", "query", "seconds"),
    "declined": ("image", "text", "query", "seconds"),
    "skipped": ("image", "query", "seconds"),
    "undone": ("image", "class_id", "undoes", "query", "seconds"),
    "class_added": ("class_id", "text"),
    "class_renamed": ("class_id", "text"),
    "class_merged": ("class_id", "into"),
}
_IDS = ("image", "class_id", "into", "query", "undoes")


def sent_event(sent: object, by: str) -> ProjectEvent:
    """One event of the page's.

    Args:
        sent: as the page sent it: an object with ``event``, ``kind``, ``at`` and what the kind needs.
        by: who says it; the session knows, the page is not asked.

    Raises:
        InputError: it is malformed; whether its image and class exist, the store knows.

    Example:
        >>> said = {"event": "e1", "kind": "skipped", "at": "2026-01-01T00:00:00.123Z", "image": "ab"}
        >>> sent_event(said, "Ailsa").at
        '2026-01-01T00:00:00.123000Z'
    """
    if not isinstance(sent, Mapping):
        raise InputError(f"Expected an event as an object, got {type(sent).__name__}.")
    kind = sent.get("kind")
    if kind not in KINDS:
        raise UnknownName("kind of event", str(kind)[:100], KINDS)
    values = {name: _value(name, sent[name]) for name in _TAKES[kind] if sent.get(name) is not None}
    missing = [name for name in NEEDS[kind] if name not in values]
    if missing:
        raise InputError(f"An event {kind} needs {', '.join(missing)}.")
    return ProjectEvent(event=_id("event", sent.get("event")), kind=kind, at=_time(sent.get("at")), by=by, **values)


def id_of(sent: object) -> str:
    """The id of an event that may be malformed, for the answer that refuses it."""
    name = sent.get("event") if isinstance(sent, Mapping) else None
    return name[:80].encode(errors="replace").decode() if isinstance(name, str) else ""


def _value(name: str, given: object) -> Any:
    if name in _IDS:
        return _id(name, given)
    return _seconds(given) if name == "seconds" else _text(given)


def _id(name: str, given: object) -> str:
    if not isinstance(given, str) or not _ID.fullmatch(given):
        raise InputError(f"Expected {name} as 1 to 80 letters, digits or any of _ . : - and got {str(given)[:100]!r}.")
    return given


def _text(given: object) -> str:
    said = unicodedata.normalize("NFC", given).strip() if isinstance(given, str) else ""
    if not said or len(said) > LONGEST_TEXT or not said.isprintable():
        raise InputError(f"Expected text of 1 to {LONGEST_TEXT} printable characters, got {str(given)[:100]!r}.")
    return said


def _seconds(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 10**7:
        raise InputError(f"Expected seconds as a number from 0, got {str(given)[:100]!r}.")
    return round(float(given), 3)


def _time(given: object) -> str:
    try:
        at = datetime.fromisoformat(given) if isinstance(given, str) and len(given) <= 40 else None
        if at is not None and at.tzinfo is not None:
            return written(at)
    except (ValueError, OverflowError):
        pass
    raise InputError(f"Expected at as a time with its zone, such as 2026-01-31T12:00:00Z, got {str(given)[:100]!r}.")
