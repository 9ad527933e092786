"""The pace is that of the work: pauses, imports and what was long ago do not count."""

from __future__ import annotations

from swither.project.records import ProjectEvent
from swither.web.pace import LONGEST_PAUSE, Pace


def answered(second: float, sequence: int = 0, **more: object) -> ProjectEvent:
    minutes, rest = divmod(second, 60)
    at = f"2026-01-01T00:{int(minutes):02d}:{rest:09.6f}Z"
    values = {"seconds": 1.0, **more}
    return ProjectEvent(f"e{second}", "labelled", at, sequence=sequence, **values)  # type: ignore[arg-type]


def now(minutes: int) -> str:
    return f"2026-01-01T00:{minutes:02d}:00.000000Z"


def test_a_long_pause_counts_as_half_a_minute() -> None:
    pace = Pace()
    pace.take([answered(0), answered(10), answered(310), answered(320)])
    assert pace.per_minute(now(6)) == round(60 * 3 / (20 + LONGEST_PAUSE), 1)


def test_before_two_answers_nothing_is_said() -> None:
    pace = Pace()
    assert pace.per_minute(now(1)) is None
    pace.take([answered(1)])
    assert pace.per_minute(now(1)) is None


def test_imports_and_events_taken_before_are_not_counted() -> None:
    pace = Pace()
    pace.take([answered(0, 1), answered(10, 2), answered(11, 3, seconds=None)])
    pace.take([answered(0, 1), answered(10, 2)])
    assert pace.per_minute(now(1)) == 6.0
    assert pace.sequence == 3


def test_what_was_long_ago_is_forgotten() -> None:
    pace = Pace()
    pace.take([answered(0), answered(10)])
    assert pace.per_minute(now(20)) is None
