"""From the values of a label column to names of classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from swither.errors import InputError, list_some


def name_labels(
    values: Sequence[Any], names: Sequence[str] | None, where: str
) -> tuple[tuple[str, ...], list[str | None]]:
    """Name the class of each value.

    None, NaN and, where the values are numbers, -1 (the hub's sign for a hidden label) mean *unknown*.

    Args:
        values: (samples,) whole numbers, texts or booleans.
        names: (classes,) the names that the source gives its classes, by number; None to take the values
            themselves, numbers in their order, texts in alphabetical order.
        where: the column, for errors.

    Returns:
        The class names, and for each value its class's name, None where unknown.

    Raises:
        InputError: a value is no label, or its number is beyond the names.

    Example:
        >>> name_labels([10, 2, None], None, "column 'label'")
        (('2', '10'), ['10', '2', None])
    """
    plain = {value: _plain(value, where) for value in _distinct(values, where)}
    numbers = all(isinstance(value, int) for value in plain.values() if value is not None)
    known = {value for value in plain.values() if value is not None and not (numbers and value == -1)}
    if names is None:
        if not numbers:
            known = {str(value) for value in known}
        class_names = tuple(map(str, sorted(known)))
        label_of = {value: None if label is None else str(label) for value, label in plain.items()}
        label_of = {value: label if label in class_names else None for value, label in label_of.items()}
    else:
        class_names = _distinct_names(names, where)
        label_of = {value: _named(label, class_names, where) for value, label in plain.items()}
    return class_names, [None if value is None else label_of[value] for value in values]


def _distinct(values: Sequence[Any], where: str) -> set[Any]:
    try:
        return {value for value in values if value is not None}
    except TypeError:
        kinds = sorted({type(value).__name__ for value in values})
        raise InputError(
            f"Expected one label for each image in {where}, got values of type {', '.join(kinds)}. "
            "An image has one class; name another column with --label-column."
        ) from None


def _plain(value: Any, where: str) -> int | str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if math.isnan(value):
            return None
        if value.is_integer():
            return int(value)
        raise InputError(
            f"Expected whole numbers or texts as labels in {where}, got {value}. Name another column with "
            "--label-column."
        )
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, int | str):
        return value
    raise InputError(f"Expected whole numbers or texts as labels in {where}, got {value!r}.")


def _distinct_names(names: Sequence[str], where: str) -> tuple[str, ...]:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise InputError(f"The class names of {where} are not distinct: {list_some(twice)}.")
    return tuple(map(str, names))


def _named(label: int | str | None, names: tuple[str, ...], where: str) -> str | None:
    if label is None or label == -1:
        return None
    if isinstance(label, str) and label in names:
        return label
    if isinstance(label, int) and 0 <= label < len(names):
        return names[label]
    raise InputError(
        f"Label {label!r} in {where} is out of range: there are {len(names)} class names, for the labels 0 to "
        f"{len(names) - 1}. Repair the labels or the names, or name another column with --label-column."
    )
