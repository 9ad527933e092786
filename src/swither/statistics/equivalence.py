"""Whether something is what is claimed, give or take a margin: that no difference was found does not say so."""

from __future__ import annotations

import math

from scipy import special

from swither.errors import InputError
from swither.statistics.results import ROUNDING
from swither.statistics.spread import Interval, PairedDifference


def beyond_margin(difference: PairedDifference, margin: float) -> float:
    """How often chance alone gives so large a difference where the true one is no larger than a margin (Student).

    It is the two-sided p of a paired test against the margin on whose side the mean lies; both sides are counted,
    because that side was not chosen beforehand.

    Args:
        difference: seed by seed, in any unit.
        margin: the largest difference that still counts as level, above 0, in the same unit.

    Returns:
        In (0, 1]; 1 where the mean lies within the margin, and where the differences do not vary or there is one only,
        which says nothing about chance.

    Raises:
        InputError: a margin that is not finite or not above 0.

    References:
        Student (1908). The probable error of a mean. Biometrika 6(1).

    Example:
        >>> from swither.statistics import paired_difference
        >>> gain = paired_difference([0.93, 0.95, 0.94], [0.92, 0.93, 0.93])
        >>> round(beyond_margin(gain, 0.003), 4)
        0.0902
    """
    _check(margin)
    over = abs(difference.mean) - margin
    if over <= 0 or not difference.deviation > 0:  # of one pair it is NaN
        return 1.0
    t = over / (difference.deviation / math.sqrt(difference.pairs))
    return 2 * float(special.stdtr(difference.pairs - 1, -t))


def within_margin(interval: Interval, wanted: float, margin: float) -> bool | None:
    """Whether a figure is what is claimed, give or take a margin.

    It is where the whole interval lies within the margin, and is not where the whole interval lies outside. An interval
    that only holds the claimed figure says that it was not refuted, which noise achieves too. With a 95 % interval of
    Student's this is Schuirmann's pair of one-sided tests, each at 2.5 %.

    Args:
        interval: of the figure; its ends may be infinite.
        wanted: what is claimed, in the unit of the interval.
        margin: how far off still counts, above 0, declared before anything is measured; its ends belong to it.

    Returns:
        True inside, False outside, and None where neither can be told, as of an interval without width.

    Raises:
        InputError: a margin that is not finite or not above 0.

    References:
        Schuirmann (1987). A comparison of the two one-sided tests procedure and the power approach for assessing the
        equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics 15(6).

    Example:
        >>> within_margin(Interval(0.066, 0.082, 0.95), 0.075, 0.01)
        True
        >>> within_margin(Interval(0.004, 0.146, 0.95), 0.075, 0.01) is None
        True
    """
    _check(margin)
    if interval.high - interval.low <= ROUNDING * max(map(abs, interval[:2])) < math.inf:
        return None  # seeds that do not vary say nothing about chance
    low, high = interval.low - wanted, interval.high - wanted
    edge = margin + ROUNDING * abs(wanted)
    if low > edge or high < -edge:
        return False
    return True if -edge <= low and high <= edge else None


def _check(margin: float) -> None:
    if not (math.isfinite(margin) and margin > 0):
        raise InputError(f"Expected a margin that is finite and above 0, got {margin}.")
