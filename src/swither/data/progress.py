"""How long work tells what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with what is going on, how much of it is done, and of how much. A total of 0 marks a note to read."""


def silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def in_bytes(count: float) -> str:
    """A number of bytes for people.

    Example:
        >>> in_bytes(184_320_000)
        '184 MB'
    """
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 10 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
