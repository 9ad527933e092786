"""Counted things in sentences about data."""

from __future__ import annotations

from swither.errors import plural as plural


def classes(number: int) -> str:
    """A number of classes.

    Example:
        >>> classes(1), classes(10)
        ('1 class', '10 classes')
    """
    return plural(number, "class", "classes")
