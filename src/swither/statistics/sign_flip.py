"""The sign-flip test: if two methods were the same, each seed's difference might as well have the other sign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from swither.arrays import FloatArray
from swither.errors import InputError
from swither.statistics.results import ROUNDING, per_seed

MOST_EXACT = 40
"""Up to so many seeds all sign flips are counted; beyond, signs are drawn."""


@dataclass(frozen=True)
class SignFlip:
    """A sign-flip test of the mean difference, two-sided.

    Attributes:
        p: the share of sign flips whose mean lies as far from zero as the one found, or farther.
        smallest_p: the smallest p that differences of these sizes can give, were all of one sign: 2 / 2**n without
            zeros among them. Where it is above 0.05 the test cannot find anything.
        exact: whether all flips were counted; otherwise signs were drawn.
        flips: how many flips stand behind `p`.
        pairs: the number of differences.
    """

    p: float
    smallest_p: float
    exact: bool
    flips: int
    pairs: int


def sign_flip(
    differences: Iterable[float], generator: np.random.Generator | None = None, draws: int = 100_000
) -> SignFlip:
    """Test that the differences lie symmetrically around zero, by flipping their signs; no normal distribution needed.

    Up to 40 seeds all 2**n flips are counted: the sums of either half of the seeds are listed and sorted, and for
    each sum of one half a search in the other tells how many make the total large enough. Beyond, signs are drawn,
    and the flip that was observed counts as one of them, so that p is never zero.

    Args:
        differences: (seeds,) one difference per seed, finite.
        generator: draws the signs where there are more than 40 seeds; not used otherwise.
        draws: how many flips are drawn there.

    Raises:
        InputError: no differences, some that are not finite, or more than 40 without a generator.

    References:
        Fisher (1935). The design of experiments, section 21.

    Example:
        >>> sign_flip([0.01, 0.02, 0.01, 0.03, 0.02])
        SignFlip(p=0.0625, smallest_p=0.0625, exact=True, flips=32, pairs=5)
    """
    values = per_seed("differences", differences)
    pairs = len(values)
    sizes = np.abs(values)
    # Sums in another order differ by rounding: flips that tie with the one observed must count.
    tie = ROUNDING * float(sizes.sum())
    least = abs(float(values.sum())) - tie
    if least <= 0:  # every flip lies as far from zero
        return SignFlip(1.0, _smallest(sizes), pairs <= MOST_EXACT, 2 ** min(pairs, MOST_EXACT), pairs)
    if pairs <= MOST_EXACT:
        # Each flip has its mirror image, whose sum has the other sign.
        return SignFlip(2 * _at_least(sizes, least) / 2**pairs, _smallest(sizes), True, 2**pairs, pairs)
    if generator is None or draws < 1:
        raise InputError(
            f"Expected a generator and at least one draw for {pairs} differences: beyond {MOST_EXACT} signs are drawn. "
            "Give numpy.random.default_rng(seed)."
        )
    extreme = sum(
        int(np.sum(np.abs(_signs(generator, count, pairs) @ sizes) >= least))
        for count in [10_000] * (draws // 10_000) + [draws % 10_000]
    )
    return SignFlip((1 + extreme) / (1 + draws), max(1 / (1 + draws), _smallest(sizes)), False, draws, pairs)


def _smallest(sizes: FloatArray) -> float:
    """All of one sign, or all of the other, each as often as the zeros can be flipped."""
    changing = int(np.sum(sizes > ROUNDING * float(sizes.max(initial=0.0))))
    return 2.0 ** (1 - changing) if changing else 1.0


def _at_least(sizes: FloatArray, least: float) -> int:
    """How many of the 2**n sums with signs reach `least`."""
    half = len(sizes) // 2
    first, second = np.sort(_sums(sizes[:half])), _sums(sizes[half:])
    return int(np.sum(len(first) - np.searchsorted(first, least - second, side="left")))


def _sums(sizes: FloatArray) -> FloatArray:
    """(2**n,) the sums of n numbers with every choice of signs."""
    sums = np.zeros(1)
    for size in sizes:
        sums = np.concatenate([sums - size, sums + size])
    return sums


def _signs(generator: np.random.Generator, count: int, pairs: int) -> FloatArray:
    """(count, pairs) of -1 and +1."""
    return 2.0 * generator.integers(0, 2, (count, pairs)) - 1.0
