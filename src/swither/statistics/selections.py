"""What can be said of chosen samples: what two choices share, how varied their classes are, how near they lie."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from swither.arrays import require_shape, to_numpy
from swither.errors import InputError

_BLOCK = 1 << 22  # numbers in a table of distances: 32 MB, however many samples there are


class Overlap(NamedTuple):
    """What two selections have in common.

    Attributes:
        share: of the smaller selection, in [0, 1].
        by_chance: what two random draws of these sizes are expected to share.
    """

    share: float
    by_chance: float


def overlap(one: Any, other: Any, samples: int) -> Overlap:
    """The share of the smaller of two selections that lies in the other too.

    Args:
        one: distinct ids or positions, at least one.
        other: the same kind, at least one.
        samples: how many there were to choose from.

    Raises:
        InputError: a selection is empty, names a sample twice, or is larger than `samples`.

    Example:
        >>> overlap([3, 1, 4, 5], [1, 5, 9, 2], samples=10)
        Overlap(share=0.5, by_chance=0.4)
    """
    sets = [set(to_numpy(chosen).tolist()) for chosen in (one, other)]
    for chosen, distinct in zip((one, other), sets, strict=True):
        if not 0 < len(distinct) == len(chosen) <= samples:
            raise InputError(
                f"Expected a selection of 1 to {samples} distinct samples, got {len(chosen)}, {len(distinct)} distinct."
            )
    smaller, larger = sorted(map(len, sets))
    return Overlap(len(sets[0] & sets[1]) / smaller, larger / samples)


def effective_classes(counts: Any) -> float:
    """How many classes a choice is spread over: as many as would give its entropy if they were equally frequent.

    Args:
        counts: (classes,) how many chosen samples each class has, at least one in all.

    Returns:
        1, where all are of one class, to the number of classes, where they are equally frequent.

    References:
        Hill, "Diversity and Evenness: A Unifying Notation and Its Consequences", Ecology 54, 1973.

    Example:
        >>> round(effective_classes([5, 5, 0]), 6)
        2.0
    """
    numbers = to_numpy(counts)
    require_shape("counts", numbers, None)
    if numbers.dtype.kind not in "fiu" or (numbers < 0).any() or not numbers.sum():
        raise InputError(f"Expected counts of 0 or more, and at least one sample, got {numbers.tolist()}.")
    shares = numbers[numbers > 0] / numbers.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def mean_distance_to_nearest(points: Any, others: Any = None) -> float:
    """The mean Euclidean distance of points to the nearest of some others, or of each other.

    Args:
        points: (points, width), at least one.
        others: (others, width); None: each point's nearest is looked for among the other points.

    Returns:
        0 or more; NaN where there is no other point.

    Raises:
        InputError: tables of different widths, or without a point.

    Example:
        >>> mean_distance_to_nearest([[0.0], [1.0], [5.0]])
        2.0
        >>> mean_distance_to_nearest([[0.0], [1.0]], [[4.0]])
        3.5
    """
    rows = to_numpy(points).astype(np.float64)
    require_shape("points", rows, None, None)
    to = rows if others is None else to_numpy(others).astype(np.float64)
    require_shape("others", to, None, rows.shape[1])
    if not len(rows):
        raise InputError("Expected at least one point, got none.")
    if len(to) <= (others is None):
        return float("nan")
    centre = to.mean(axis=0)  # near the points their squares are small, and little of a difference is lost
    rows, to = rows - centre, to - centre
    norms = np.square(to).sum(axis=1)
    nearest = np.empty(len(rows))
    step = max(1, _BLOCK // len(to))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        squares = np.square(block).sum(axis=1)[:, None] + norms - 2 * block @ to.T  # (block, others)
        if others is None:
            own = np.arange(len(block))
            squares[own, start + own] = np.inf
        nearest[start : start + step] = squares.min(axis=1)
    return float(np.sqrt(np.maximum(nearest, 0)).mean())
