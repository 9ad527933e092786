"""Times stand in the order of their texts."""

from __future__ import annotations

import time

from swither.project.clock import is_time, now, seconds_between


def test_later_times_are_later_texts() -> None:
    times = []
    for _ in range(50):
        times.append(now())
        time.sleep(0.0005)
    assert times == sorted(times)
    assert all(is_time(text) and len(text) == 27 for text in times)
    assert abs(seconds_between(times[0], now(later=60)) - 60) < 5


def test_what_is_no_time_in_utc_is_none() -> None:
    for text in ("2026-03-01", "2026-03-01T12:30:00", "2026-03-01T12:30:00+01:00", "2026-13-01T12:30:00Z", "", None, 5):
        assert not is_time(text), text
