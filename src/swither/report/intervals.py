"""Intervals over seeds as the report shows them: none of too few seeds, and none beyond what accuracy can be."""

from __future__ import annotations

from collections.abc import Iterable

from swither.report.wording import SPACE, digits_to_show, listed, points
from swither.statistics import Interval, PairedDifference, paired_difference, student_interval

LEAST_SEEDS = 3
"""Fewer give no interval: that of two seeds reaches thirteen times as far from the mean as they do."""


def interval_of(values: Iterable[float]) -> Interval | None:
    """Student's 95 % interval of the mean, or None of fewer than `LEAST_SEEDS` values.

    Example:
        >>> interval_of([0.9, 0.92]) is None
        True
    """
    results = list(values)
    return student_interval(results) if len(results) >= LEAST_SEEDS else None


def difference_of(first: Iterable[float], second: Iterable[float]) -> PairedDifference:
    """The paired difference, without an interval where there are fewer than `LEAST_SEEDS` pairs."""
    difference = paired_difference(list(first), list(second))
    return difference if difference.pairs >= LEAST_SEEDS else difference._replace(interval=None)


def within_bounds(interval: Interval) -> tuple[float, float]:
    """The ends of an interval of shares, none below 0 or above 1."""
    return max(0.0, interval.low), min(1.0, interval.high)


def spread_in_words(values: Iterable[float], digits: int = 1, *, short: bool = False) -> str:
    """What stands behind a mean of shares, in per cent; nothing for one value. `short` is for tables.

    Example:
        >>> spread_in_words([0.90, 0.92, 0.94]).replace(SPACE, " ")
        '± 5.0'
        >>> spread_in_words([0.95, 0.97, 0.99])
        '(92.0 to 100.0)'
        >>> spread_in_words([0.7, 0.9])
        '(70.0 and 90.0)'
        >>> spread_in_words([0.7, 0.9], short=True)
        '70.0; 90.0'
    """
    results = list(values)
    interval = interval_of(results)
    if interval is None:
        each = [f"{100 * value:.{digits}f}" for value in results]
        return "" if len(each) < 2 else "; ".join(each) if short else f"({listed(each)})"
    low, high = within_bounds(interval)
    if (low, high) != (interval.low, interval.high):
        ends = f"{100 * low:.{digits}f}", f"{100 * high:.{digits}f}"
        return "\u2013".join(ends) if short else f"({' to '.join(ends)})"
    return f"±{SPACE}{100 * interval.half_width:.{digits}f}"


def gain_in_words(gain: PairedDifference, digits: int = 1) -> str:
    """A paired difference with its interval: "+1.3 (+0.9 to +1.7)"."""
    if gain.interval is None:
        return points(gain.mean, digits)
    return f"{points(gain.mean, digits)} ({ends_in_words(gain.interval, digits)})"


def ends_in_words(interval: Interval, digits: int = 1) -> str:
    """The ends of an interval of differences, in points; one near zero has up to three digits more, to show its sign.

    Example:
        >>> ends_in_words(Interval(-0.0077, -0.00004, 0.95), 2), ends_in_words(Interval(-0.0077, 0.0, 0.95), 2)
        ('−0.77 to −0.004', '−0.77 to 0.00')
    """
    return " to ".join(points(end, digits_to_show(100 * end, digits)) for end in (interval.low, interval.high))


def is_clear(gain: PairedDifference) -> bool:
    """Whether the interval of a difference leaves out zero: the noise between seeds does not explain it."""
    return gain.interval is not None and not gain.interval.holds(0.0)
