"""Student's paired test: could the difference between two methods be the chance of the seeds?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import special

from swither.errors import InputError
from swither.statistics.results import ROUNDING, pairs


@dataclass(frozen=True)
class PairedTest:
    """Student's paired test of "the mean difference is zero", two-sided.

    Attributes:
        t: the mean difference in units of its standard error; 0 where all differences are zero, infinite where all
            are equal and not zero.
        p: how often chance alone gives a |t| this large or larger, if the differences are normal around zero.
        degrees: of freedom, one less than the number of pairs.
        spread: whether the differences vary at all. Without spread there is no measure of chance, and `t` and `p` are
            limits rather than evidence.
    """

    t: float
    p: float
    degrees: int
    spread: bool


def paired_test(first: Iterable[float], second: Iterable[float]) -> PairedTest:
    """Student's paired t test, two-sided: p below 0.05 exactly where the 95 % interval leaves out zero.

    It takes the differences seed by seed as independent draws of one normal distribution. Differences that vary by
    no more than rounding are taken as equal.

    Args:
        first: (pairs,) results of one method, one per seed, finite.
        second: (pairs,) results of the other, of the same seeds in the same order.

    Raises:
        InputError: fewer than two pairs, unequal lengths, or values that are not finite.

    References:
        Student (1908). The probable error of a mean. Biometrika 6(1).

    Example:
        >>> test = paired_test([0.93, 0.95, 0.94], [0.92, 0.93, 0.93])
        >>> round(test.t, 6), round(test.p, 4), test.degrees
        (4.0, 0.0572, 2)
    """
    ours, theirs = pairs(first, second)
    if len(ours) < 2:
        raise InputError("Expected at least two pairs for a test, got one: one seed says nothing about chance.")
    differences = ours - theirs  # (pairs,)
    rounding = ROUNDING * max(np.abs(ours).max(), np.abs(theirs).max())
    degrees = len(differences) - 1
    mean = float(np.mean(differences))
    if np.ptp(differences) <= rounding:
        same = abs(mean) <= rounding
        return PairedTest(0.0 if same else math.copysign(math.inf, mean), float(same), degrees, spread=False)
    scaled = differences / np.abs(differences).max()  # squares of tiny differences would be zero
    t = float(np.mean(scaled)) / (float(np.std(scaled, ddof=1)) / math.sqrt(len(scaled)))
    return PairedTest(t, 2 * float(special.stdtr(degrees, -abs(t))), degrees, spread=True)
