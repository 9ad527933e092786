"""The bootstrap over seeds: an interval of the mean that does not take the differences as normal."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import special

from swither.arrays import FloatArray
from swither.errors import InputError
from swither.statistics.results import ROUNDING, per_seed, proper_share
from swither.statistics.spread import Interval


def bootstrap_interval(
    differences: Iterable[float], generator: np.random.Generator, level: float = 0.95, draws: int = 10_000
) -> Interval:
    """The bias-corrected and accelerated bootstrap interval (BCa) of the mean over seeds.

    Seeds are drawn with replacement, as many as there are, `draws` times; the interval lies between two quantiles of
    the means. Which two is moved from the plain percentiles by the bias of the draws and by the skewness of the
    differences. With ten seeds it holds the true mean a little less often than `level` says.

    Args:
        differences: (seeds,) one difference per seed, finite.
        generator: draws the seeds.
        level: the share of repetitions whose interval holds the true mean, in (0, 1).
        draws: how many times the seeds are drawn.

    Returns:
        The interval; a single point where all differences are equal.

    Raises:
        InputError: fewer than two differences, some that are not finite, a level outside (0, 1), or no draws.

    References:
        Efron (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association 82(397).

    Example:
        >>> gains = [0.010, 0.012, 0.011, 0.014, 0.009, 0.013, 0.012, 0.010, 0.011, 0.013]
        >>> interval = bootstrap_interval(gains, np.random.default_rng(0))
        >>> round(interval.low, 3), round(interval.high, 3)
        (0.011, 0.012)
    """
    proper_share("level", level, 0.95)
    values = per_seed("differences", differences)
    if len(values) < 2 or draws < 1:
        raise InputError(f"Expected at least two seeds and one draw, got {len(values)} and {draws}.")
    mean = float(np.mean(values))
    if np.ptp(values) <= ROUNDING * float(np.abs(values).max()):
        return Interval(mean, mean, level)
    means = values[generator.integers(0, len(values), (draws, len(values)))].mean(axis=1)  # (draws,)
    shares = _corrected_shares(values, mean, means, level)
    low, high = np.quantile(means, shares)
    return Interval(float(low), float(high), level)


def _corrected_shares(values: FloatArray, mean: float, means: FloatArray, level: float) -> FloatArray:
    """Which shares of the drawn means lie below the two ends."""
    # Half of those that equal the mean count as below it, as in SciPy. The same seeds in another order give the same
    # mean but for rounding, so that is no distance. The clip keeps few draws finite.
    tie = ROUNDING * float(np.abs(values).max())
    below = (np.sum(means < mean - tie) + np.sum(means <= mean + tie)) / (2 * len(means))
    bias = special.ndtri(np.clip(below, 0.5 / len(means), 1 - 0.5 / len(means)))
    # The jackknife's skewness: leaving a seed out moves the mean by (mean - value) / (n - 1).
    influence = (values - mean) / np.abs(values - mean).max()  # (seeds,) scaled: squares of tiny ones would be zero
    acceleration = np.sum(influence**3) / (6 * np.sum(influence**2) ** 1.5)
    normal = special.ndtri(np.array([(1 - level) / 2, (1 + level) / 2])) + bias  # (2,)
    return np.asarray(special.ndtr(bias + normal / (1 - acceleration * normal)), dtype=np.float64)
