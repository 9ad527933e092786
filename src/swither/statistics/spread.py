"""How far results lie apart from seed to seed, and what that allows one to say."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from scipy import special

from swither.statistics.results import pairs, per_seed, proper_share


class Interval(NamedTuple):
    """A range that holds the true mean in `level` of all repetitions of an experiment.

    Attributes:
        low: the lower end, in the unit of the values.
        high: the upper end.
        level: the share of repetitions whose interval holds the true mean, such as 0.95.
    """

    low: float
    high: float
    level: float

    @property
    def half_width(self) -> float:
        """The number behind the plus-minus sign."""
        return (self.high - self.low) / 2

    def holds(self, value: float) -> bool:
        """Whether `value` lies in the range, its ends included."""
        return self.low <= value <= self.high


class PairedDifference(NamedTuple):
    """How much higher the first of two methods came out, seed by seed.

    Attributes:
        mean: the mean of the differences, first minus second.
        deviation: their sample standard deviation; NaN for one pair.
        interval: Student's interval of the mean difference; None for one pair.
        pairs: the number of pairs.
    """

    mean: float
    deviation: float
    interval: Interval | None
    pairs: int


def mean_and_deviation(values: Iterable[float]) -> tuple[float, float]:
    """The mean and the sample standard deviation (divided by one less than the number of values).

    Args:
        values: (seeds,) one result per seed, finite.

    Returns:
        The mean and the deviation. The deviation of one value is NaN: one run says nothing about spread.

    Raises:
        InputError: no values, or some that are not finite.

    Example:
        >>> mean_and_deviation([0.25, 0.5, 0.75])
        (0.5, 0.25)
    """
    results = per_seed("values", values)
    deviation = float(np.std(results, ddof=1)) if len(results) > 1 else math.nan
    return float(np.mean(results)), deviation


def student_interval(values: Iterable[float], level: float = 0.95) -> Interval | None:
    """Student's t interval of the mean over seeds.

    It takes the values as independent draws of one normal distribution. Few seeds make it wide, and rightly
    so: with three, its half width is two and a half deviations.

    Args:
        values: (seeds,) one result per seed, finite.
        level: the share of repetitions whose interval holds the true mean, in (0, 1).

    Returns:
        The interval, or None for one value: a single run says nothing about chance.

    Raises:
        InputError: no values, some that are not finite, or a level outside (0, 1).

    References:
        Student (1908). The probable error of a mean. Biometrika 6(1).

    Example:
        >>> interval = student_interval([0.90, 0.92, 0.94])
        >>> round(interval.low, 3), round(interval.high, 3)
        (0.87, 0.97)
        >>> student_interval([0.90]) is None
        True
    """
    proper_share("level", level, 0.95)
    results = per_seed("values", values)
    if len(results) < 2:
        return None
    mean = float(np.mean(results))
    error = float(np.std(results, ddof=1)) / math.sqrt(len(results))
    half = float(special.stdtrit(len(results) - 1, (1 + level) / 2)) * error
    return Interval(mean - half, mean + half, level)


def paired_difference(first: Iterable[float], second: Iterable[float], level: float = 0.95) -> PairedDifference:
    """How much higher `first` is than `second`, pair by pair, with Student's interval of the mean difference.

    Two methods that start from the same images and the same weights share much of their chance. Differences
    seed by seed take that share out; comparing two separate intervals would leave it in.

    Args:
        first: (pairs,) results of one method, one per seed, finite.
        second: (pairs,) results of the other, of the same seeds in the same order.
        level: of the interval, in (0, 1).

    Raises:
        InputError: no pairs, unequal lengths, values that are not finite, or a level outside (0, 1).

    Example:
        >>> gain = paired_difference([0.93, 0.95, 0.94], [0.92, 0.93, 0.93])
        >>> round(gain.mean, 4), gain.interval.holds(0.0), gain.pairs
        (0.0133, True, 3)
    """
    ours, theirs = pairs(first, second)
    differences = ours - theirs  # (pairs,)
    mean, deviation = mean_and_deviation(differences)
    return PairedDifference(mean, deviation, student_interval(differences, level), len(differences))
