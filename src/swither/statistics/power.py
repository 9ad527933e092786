"""What a paired test could have found: power, the smallest difference found for sure enough, the seeds it takes."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from swither.errors import InputError
from swither.statistics.results import proper_share

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_MOST_SEEDS = 1_000_000


def detection_power(difference: float, deviation: float, n: int, level: float = 0.95) -> float:
    """How often a paired test of `n` seeds finds a true mean difference.

    Under a true difference the paired t follows the noncentral t distribution with n - 1 degrees of freedom and
    noncentrality ``difference / deviation * sqrt(n)``; the power is its mass beyond both of Student's quantiles.

    Args:
        difference: the true mean difference, of either sign.
        deviation: the standard deviation of the differences seed by seed, above zero.
        n: how many seeds, at least two.
        level: of the test: 0.95 finds where p is below 0.05.

    Raises:
        InputError: numbers that are not finite, a deviation that is not above zero, fewer than two seeds, or a level
            outside (0, 1).

    References:
        Johnson, Kotz & Balakrishnan (1995). Continuous univariate distributions 2, chapter 31.

    Example:
        >>> round(detection_power(0.01, deviation=0.01, n=10), 3)
        0.803
    """
    _check(deviation, n, level)
    if not math.isfinite(difference):
        raise InputError(f"Expected a finite difference, got {difference}.")
    if deviation == 0:
        raise InputError("Expected a deviation above zero: without spread every difference is found.")
    return _power(abs(difference) / deviation * math.sqrt(n), n - 1, level)


def detectable_difference(deviation: float, n: int, power: float = 0.8, level: float = 0.95) -> float:
    """The true difference that a paired test of `n` seeds finds with probability `power`.

    It says what "no difference found" is worth: differences below it would often have been missed.

    Args:
        deviation: the standard deviation of the differences seed by seed; with zero every difference is found.
        n: how many seeds, at least two.
        power: the probability of finding it, above what chance finds (1 - level) and below 1.
        level: of the test: 0.95 finds where p is below 0.05.

    Raises:
        InputError: a deviation that is negative or not finite, fewer than two seeds, or a power or level out of range.

    References:
        Johnson, Kotz & Balakrishnan (1995). Continuous univariate distributions 2, chapter 31.

    Example:
        >>> round(detectable_difference(deviation=0.01, n=5), 4)
        0.0168
    """
    _check(deviation, n, level)
    proper_share("power", power, 0.8)
    if power <= 1 - level:
        raise InputError(f"Expected a power above {1 - level:.3g}, which chance alone gives, got {power}.")
    if deviation == 0:
        return 0.0
    from scipy import optimize

    high = 1.0
    while _power(high, n - 1, level) < power:
        high *= 2
    noncentrality = optimize.brentq(lambda shift: _power(shift, n - 1, level) - power, 0.0, high, xtol=1e-12)
    return float(noncentrality) * deviation / math.sqrt(n)


def seeds_needed(difference: float, deviation: float, power: float = 0.8, level: float = 0.95) -> int:
    """How many seeds a paired test needs to find a true difference with probability `power`.

    Args:
        difference: the true mean difference, of either sign, not zero.
        deviation: the standard deviation of the differences seed by seed.
        power: the probability of finding it, above what chance finds (1 - level) and below 1.
        level: of the test: 0.95 finds where p is below 0.05.

    Raises:
        InputError: a difference of zero, one that takes more than a million seeds, or another argument out of range.

    Example:
        >>> seeds_needed(0.01, deviation=0.01)
        10
    """
    if not difference or not math.isfinite(difference):
        raise InputError(f"Expected a finite difference that is not zero, got {difference}.")
    low, high = 1, 2
    while detectable_difference(deviation, high, power, level) > abs(difference):
        low, high = high, 2 * high
        if high > _MOST_SEEDS:
            raise InputError(
                f"A difference of {difference:g} with a deviation of {deviation:g} takes more than {_MOST_SEEDS:,} "
                "seeds: ask for a larger one."
            )
    while high - low > 1:
        middle = (low + high) // 2
        found = detectable_difference(deviation, middle, power, level) <= abs(difference)
        low, high = (low, middle) if found else (middle, high)
    return high


def _power(shift: float, degrees: int, level: float) -> float:
    """The mass of the noncentral t beyond both quantiles.

    T = (Z + shift) / S, with S the root of a chi-square over its degrees: given S the two tails are normal, and the
    mean over S is an integral of one dimension. It is taken in pieces, so that the step at S = shift / quantile is
    met by nodes however steep it is.
    """
    quantile = float(special.stdtrit(degrees, (1 + level) / 2))
    lowest, highest = (math.sqrt(float(special.chdtri(degrees, tail)) / degrees) for tail in (1 - 1e-15, 1e-15))
    steps = [(shift + width) / quantile for width in (-8, 0, 8)]
    ends = np.unique(np.clip([lowest, *steps, highest], lowest, highest))  # (pieces + 1,)
    halves = np.diff(ends)[:, None] / 2
    spreads = (ends[:-1, None] + halves * (1 + _NODES)).ravel()  # (nodes,)
    weights = (halves * _WEIGHTS).ravel()
    log_density = (
        math.log(2) + degrees / 2 * math.log(degrees / 2) - float(special.gammaln(degrees / 2))
        + (degrees - 1) * np.log(spreads) - degrees / 2 * spreads**2
    )  # fmt: skip
    beyond = special.ndtr(shift - quantile * spreads) + special.ndtr(-shift - quantile * spreads)
    return float(min(1.0, np.sum(weights * np.exp(log_density) * beyond)))


def _check(deviation: float, n: int, level: float) -> None:
    proper_share("level", level, 0.95)
    if n < 2:
        raise InputError(f"Expected at least two seeds for a test, got {n}.")
    if not (math.isfinite(deviation) and deviation >= 0):
        raise InputError(f"Expected a deviation that is finite and not negative, got {deviation}.")
