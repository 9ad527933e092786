"""The one clock of a project."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def now(later: float = 0.0) -> str:
    """The time in UTC, as ISO 8601 with microseconds and ``Z``: such texts stand in the order of their times.

    Args:
        later: seconds to add, for a lease or an `until`.

    Example:
        >>> now() < now(later=30)
        True
        >>> len(now())
        27
    """
    return written(datetime.now(UTC) + timedelta(seconds=later))


def written(time: datetime) -> str:
    """A time as `now` writes it; a time without a zone is taken to be UTC.

    Example:
        >>> written(datetime(2026, 3, 1, 12, 30))
        '2026-03-01T12:30:00.000000Z'
    """
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds_between(earlier: str, later: str) -> float:
    """How many seconds lie between two times; negative where `later` is the earlier one.

    Example:
        >>> seconds_between("2026-03-01T12:30:00.000000Z", "2026-03-01T12:31:00.500000Z")
        60.5
    """
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def is_time(text: object) -> bool:
    """Whether it is a time in UTC as `now` or a browser's ``toISOString`` writes it, and one that exists.

    Example:
        >>> is_time("2026-03-01T12:30:00.123Z"), is_time("2026-02-30T12:30:00Z"), is_time("yesterday")
        (True, False, False)
    """
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
