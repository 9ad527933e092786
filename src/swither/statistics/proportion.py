"""A share with its interval: how often something came out right, and how sure that is."""

from __future__ import annotations

import math

from scipy import special

from swither.errors import InputError
from swither.statistics.results import proper_share
from swither.statistics.spread import Interval


def wilson_interval(right: int, counted: int, *, level: float = 0.95) -> Interval:
    """Wilson's score interval of a share: the true shares that are not too unlikely to have given this one.

    It stays within 0 and 1 and says something for none or all right, where the usual plus-minus has no width.

    Args:
        right: how often it came out right.
        counted: how often it was tried, independently; at least 1.
        level: share of repetitions whose interval holds the true share.

    Returns:
        The interval, in [0, 1].

    Raises:
        InputError: `right` does not lie between 0 and `counted`, `counted` is below 1, or `level` is no share.

    References:
        Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22, 1927.

    Example:
        >>> low, high, _ = wilson_interval(8, 10)
        >>> round(low, 3), round(high, 3)
        (0.49, 0.943)
    """
    proper_share("level", level, 0.95)
    if counted < 1 or not 0 <= right <= counted:
        raise InputError(f"Expected right between 0 and counted, and counted at least 1; got {right} of {counted}.")
    z = float(special.ndtri(0.5 + level / 2))
    share = right / counted
    middle = (share + z * z / (2 * counted)) / (1 + z * z / counted)
    half = z / (1 + z * z / counted) * math.sqrt(share * (1 - share) / counted + (z / (2 * counted)) ** 2)
    low = 0.0 if right == 0 else max(0.0, middle - half)
    high = 1.0 if right == counted else min(1.0, middle + half)
    return Interval(low, high, level)
