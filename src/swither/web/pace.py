"""How quickly answers come, over the last minutes of work."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from swither.project.records import ProjectEvent

RECENT_ANSWERS = 100
RECENT_SECONDS = 900.0
LONGEST_PAUSE = 30.0
"""Of a longer pause between two answers only this much counts as work."""


class Pace:
    """Answers a minute; taken in as events come, so that no reading is repeated.

    Example:
        >>> pace = Pace()
        >>> pace.take([ProjectEvent("a", "labelled", f"2026-01-01T00:00:0{n}.000000Z", seconds=2.0) for n in (0, 2, 4)])
        >>> pace.per_minute("2026-01-01T00:00:05.000000Z")
        30.0
    """

    def __init__(self) -> None:
        self.sequence = 0
        self._answers: deque[datetime] = deque(maxlen=RECENT_ANSWERS)
        self._lock = threading.Lock()

    def take(self, events: Iterable[ProjectEvent]) -> None:
        """Count the answers among new events, in order; imports are not answers."""
        with self._lock:
            for event in events:
                if event.sequence and event.sequence <= self.sequence:
                    continue
                self.sequence = max(self.sequence, event.sequence)
                if event.kind in ("labelled", "declined") and (event.seconds is not None or event.query is not None):
                    self._answers.append(datetime.fromisoformat(event.at))

    def per_minute(self, now: str) -> float | None:
        """Answers a minute of work; None where there were fewer than two lately."""
        latest = datetime.fromisoformat(now)
        with self._lock:
            times = sorted(at for at in self._answers if (latest - at).total_seconds() < RECENT_SECONDS)
        if len(times) < 2:
            return None
        gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
        worked = sum(min(gap, LONGEST_PAUSE) for gap in gaps)
        return None if worked <= 0 else round(60 * len(gaps) / worked, 1)
