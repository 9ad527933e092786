"""Counted things in sentences about data."""

from __future__ import annotations


def plural(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    Example:
        >>> plural(1, "image"), plural(1200, "image"), plural(2, "class", "classes")
        ('1 image', '1,200 images', '2 classes')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def classes(number: int) -> str:
    """A number of classes.

    Example:
        >>> classes(1), classes(10)
        ('1 class', '10 classes')
    """
    return plural(number, "class", "classes")
