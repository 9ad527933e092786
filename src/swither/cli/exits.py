"""Exit codes, and the error of a command line that was not understood."""

from __future__ import annotations

from swither.errors import InputError

FAILED = 1
"""Something that was asked for cannot be done."""

USAGE = 2
"""The command line was not understood."""

TAKES_LONG = 3
"""It would take long, and was not told to begin anyway."""

STOPPED = 130
"""Stopped by ^C, or told to end."""


class NotUnderstood(InputError):
    """The command line lacks something, or says what no command knows."""
