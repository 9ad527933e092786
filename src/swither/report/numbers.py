"""The numbers behind a figure, row by row, and how they are written as CSV."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import TypeAlias

from swither.report.intervals import interval_of
from swither.statistics import mean_and_deviation

Value: TypeAlias = str | int | float | None
Numbers: TypeAlias = Sequence[Mapping[str, Value]]


def one_row(**values: Value) -> dict[str, Value]:
    """One row, whatever the types of its values.

    Example:
        >>> one_row(method="random", cycle=0)
        {'method': 'random', 'cycle': 0}
    """
    return values


def over_seeds(values: Iterable[float]) -> dict[str, Value]:
    """Mean, deviation and Student's 95 % interval, as far as there are seeds enough for them.

    Example:
        >>> over_seeds([0.5])
        {'seeds': 1, 'mean': 0.5, 'deviation': None, 'low': None, 'high': None}
    """
    results = list(values)
    mean, deviation = mean_and_deviation(results)
    interval = interval_of(results)
    return {
        "seeds": len(results),
        "mean": mean,
        "deviation": None if math.isnan(deviation) else deviation,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }


def as_csv(numbers: Numbers) -> str:
    """Rows as CSV: a line of names, every digit of a number, nothing where there is none.

    Example:
        >>> as_csv([{"method": "a, b", "mean": 0.1}, {"method": "c", "mean": None}])
        'method,mean\\n"a, b",0.1\\nc,\\n'
    """
    names = list(dict.fromkeys(name for each in numbers for name in each))
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(names)
    for each in numbers:
        writer.writerow([_plain(each.get(name)) for name in names])
    return file.getvalue()


def _plain(value: Value) -> Value:
    """NumPy's numbers as Python's, NaN as nothing."""
    if isinstance(value, float):
        return None if math.isnan(value) else float(value)
    return value
