"""What a learning curve says: its area, and how many labels a level of accuracy costs."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from swither.arrays import FloatArray, to_numpy
from swither.errors import InputError


class LabelsToReach(NamedTuple):
    """How many labels a level of accuracy costs.

    Attributes:
        labels: the number of labels.
        bound: ``"about"`` where the curve passes the level, ``"at least"`` where it ends below, so that more
            would be needed, ``"at most"`` where it begins above, so that fewer might do.
    """

    labels: float
    bound: Literal["about", "at least", "at most"]


def area_under_curve(labelled: Any, values: Any) -> float:
    """The area under a learning curve by trapezoids, divided by the width of the budget.

    It is the mean height of the curve between its first and its last point, in the unit of the values, so it
    can be compared between methods of one budget.

    Args:
        labelled: (cycles,) numbers of labels, strictly increasing, at least two.
        values: (cycles,) accuracies, or another measure, finite.

    Raises:
        InputError: fewer than two points, numbers of labels that do not increase, or values not finite.

    Example:
        >>> round(area_under_curve([100, 200, 400], [0.5, 0.7, 0.8]), 6)
        0.7
    """
    budget, heights = _curve(labelled, values)
    if len(budget) < 2:
        raise InputError("Expected a curve of at least two points, got one: it has no area.")
    widths = np.diff(budget)
    return float(np.sum(widths * (heights[1:] + heights[:-1]) / 2) / (budget[-1] - budget[0]))


def labels_to_reach(labelled: Any, values: Any, level: float) -> LabelsToReach:
    """How many labels a learning curve needs for a level of accuracy.

    More labels do not make a network worse, so dips are noise: the curve is first replaced by the nearest one
    that never falls (`monotone_fit`; a curve that rises stays as it is), then read between its points by
    straight lines.

    Args:
        labelled: (cycles,) numbers of labels, strictly increasing.
        values: (cycles,) accuracies, finite.
        level: the accuracy to reach.

    Returns:
        The number of labels, and whether it is an estimate or only a bound, see `LabelsToReach`.

    Raises:
        InputError: numbers of labels that do not increase, or values or a level that are not finite.

    Example:
        >>> labels_to_reach([100, 200, 300], [0.5, 0.7, 0.8], level=0.6)
        LabelsToReach(labels=150.0, bound='about')
        >>> labels_to_reach([100, 200, 300], [0.5, 0.7, 0.8], level=0.9)
        LabelsToReach(labels=300.0, bound='at least')
    """
    budget, heights = _curve(labelled, values)
    if not np.isfinite(level):
        raise InputError(f"Expected a finite level to reach, got {level}.")
    fit = monotone_fit(heights)
    if fit[-1] < level:
        return LabelsToReach(float(budget[-1]), "at least")
    if fit[0] > level:
        return LabelsToReach(float(budget[0]), "at most")
    after = int(np.searchsorted(fit, level))  # the first point at or above the level
    if after == 0:
        return LabelsToReach(float(budget[0]), "about")
    share = (level - fit[after - 1]) / (fit[after] - fit[after - 1])
    return LabelsToReach(float(budget[after - 1] + share * (budget[after] - budget[after - 1])), "about")


def monotone_fit(values: Any) -> FloatArray:
    """The never-falling sequence nearest to `values` in squared distance (isotonic regression).

    Neighbours that fall are pooled into their mean until none falls.

    Args:
        values: (points,) finite.

    Returns:
        (points,) float64, never falling; `values` themselves where these never fall.

    References:
        Ayer et al. (1955). An empirical distribution function for sampling with incomplete information.

    Example:
        >>> monotone_fit([1.0, 3.0, 2.0, 4.0]).tolist()
        [1.0, 2.5, 2.5, 4.0]
    """
    means: list[float] = []
    sizes: list[int] = []
    for value in to_numpy(values).astype(np.float64).tolist():
        mean, size = value, 1
        while means and means[-1] > mean:
            before, count = means.pop(), sizes.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        means.append(mean)
        sizes.append(size)
    return np.repeat(np.array(means, dtype=np.float64), sizes)


def _curve(labelled: Any, values: Any) -> tuple[FloatArray, FloatArray]:
    budget, heights = to_numpy(labelled).astype(np.float64), to_numpy(values).astype(np.float64)
    if budget.ndim != 1 or budget.shape != heights.shape or not len(budget):
        raise InputError(
            f"Expected a value for each number of labels, at least one, got {heights.shape}, {budget.shape}."
        )
    if np.any(np.diff(budget) <= 0):
        raise InputError(f"Expected numbers of labels that increase strictly, got {budget.tolist()}.")
    if not (np.all(np.isfinite(heights)) and np.all(np.isfinite(budget))):
        raise InputError("Expected a curve of finite values, got NaN or infinity. Leave unfinished cycles out.")
    return budget, heights
