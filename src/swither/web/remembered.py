"""A value that is expensive to make and may be a little old."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """Makes a value at most every so often, and never spends more than a twentieth of the time on it.

    Args:
        make: makes the value.
        first: what is answered before it was ever made; None makes it at once.
        seconds: for how long a value is good at least.
        behind: hands the making to another thread; the old value is answered meanwhile.

    Example:
        >>> counted = Remembered(lambda: 3)
        >>> counted()
        3
    """

    def __init__(
        self,
        make: Callable[[], Value],
        first: Value | None = None,
        seconds: float = 2.0,
        behind: Callable[[Callable[[], object]], object] | None = None,
    ) -> None:
        self._make = make
        self._value = first
        self._seconds = seconds
        self._behind = behind
        self._good_until = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> Value:
        """The value."""
        if time.monotonic() < self._good_until and self._value is not None:
            return self._value
        if self._value is None:
            with self._lock:
                return self._renewed()
        if self._lock.acquire(blocking=False):  # someone else makes it already: the old one will do
            if self._behind is None:
                try:
                    return self._renewed()
                finally:
                    self._lock.release()
            self._behind(self._renew_and_release)
        return self._value

    def _renew_and_release(self) -> None:
        try:
            self._renewed()
        finally:
            self._lock.release()

    def _renewed(self) -> Value:
        if self._value is None or time.monotonic() >= self._good_until:
            begun = time.monotonic()
            self._value = self._make()
            ended = time.monotonic()
            self._good_until = ended + max(self._seconds, 20 * (ended - begun))
        return self._value
