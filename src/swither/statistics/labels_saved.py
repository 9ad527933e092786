"""How many labels a method saves against another, seed by seed, with what is only known as a bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from swither.arrays import FloatArray, to_numpy
from swither.errors import InputError
from swither.statistics.curves import LabelsToReach, labels_to_reach, monotone_fit
from swither.statistics.results import proper_share
from swither.statistics.spread import Interval, student_interval


@dataclass(frozen=True)
class LabelsSaved:
    """How many labels fewer one method needs than another for the same accuracy.

    Attributes:
        saved: the mean over seeds; negative where more are needed; NaN where nothing is known.
        bound: ``"about"`` where every seed reaches the level within its curve, ``"at least"`` and ``"at most"`` where
            in some seeds only a bound is known, ``"unknown"`` where neither can be said.
        interval: Student's interval of the mean; an end is infinite where some seed has no bound on that side, and
            there is none below `least_pairs` seeds.
        needed: what the other method needs in the mean over seeds: the whole of which `saved` is a part.
        needed_bound: as `bound`, for `needed`.
        pairs: the number of seeds.
        bounded: in how many of them only a bound is known.
    """

    saved: float
    bound: Literal["about", "at least", "at most", "unknown"]
    interval: Interval | None
    needed: float
    needed_bound: Literal["about", "at least", "at most", "unknown"]
    pairs: int
    bounded: int

    @property
    def share(self) -> float:
        """The saved part of what the other method needs; NaN where that is only known as a bound."""
        return self.saved / self.needed if self.needed_bound == "about" else math.nan


def labels_saved(
    labelled: Any,
    ours: Any,
    theirs: Any,
    level: float | Sequence[float] | None = None,
    confidence: float = 0.95,
    least_pairs: int = 3,
) -> LabelsSaved:
    """How many labels the first method saves against the second, paired by seed.

    For each seed both curves are made never to fall (`monotone_fit`) and read by straight lines where they reach the
    level. A curve that ends below needs at least all its labels, one that begins above needs at most its first; so
    each seed's saving lies between two bounds, which are one number where both curves pass the level. The interval
    goes from the lower end of Student's interval of the lower bounds to the upper end of that of the upper bounds:
    it holds the true mean at least as often as it says, whatever the labels that nobody counted. A seed without a
    bound on one side opens the interval on that side.

    Args:
        labelled: (cycles,) numbers of labels, strictly increasing, the same for all.
        ours: (seeds, cycles) accuracies of the first method, finite.
        theirs: (seeds, cycles) accuracies of the second, of the same seeds in the same order.
        level: the accuracy to reach, one number or one for each seed; None takes the highest that both methods reach
            in that seed, the lower of the two ends, so that no seed is only known as a bound.
        confidence: level of the interval, in (0, 1).
        least_pairs: fewer seeds give no interval.

    Raises:
        InputError: arrays of other shapes, values that are not finite, or numbers of labels that do not increase.

    References:
        Ayer et al. (1955). An empirical distribution function for sampling with incomplete information.

    Example:
        >>> ours = [[0.50, 0.70, 0.80], [0.52, 0.72, 0.81], [0.51, 0.69, 0.80]]
        >>> theirs = [[0.50, 0.60, 0.70], [0.52, 0.62, 0.70], [0.51, 0.60, 0.69]]
        >>> found = labels_saved([100, 200, 300], ours, theirs)
        >>> round(found.saved, 1), found.bound, found.pairs
        (103.3, 'about', 3)
        >>> labels_saved([100, 200, 300], ours, theirs, level=0.75).bound
        'at least'
    """
    proper_share("confidence", confidence, 0.95)
    budget, first, second = _curves(labelled, ours, theirs)
    levels = _levels(level, first, second)
    lows, highs = np.empty(len(first)), np.empty(len(first))
    needs = np.empty((len(first), 2))
    for seed, wanted in enumerate(levels):
        least, most = _bounds(labels_to_reach(budget, first[seed], float(wanted)))
        needs[seed] = _bounds(labels_to_reach(budget, second[seed], float(wanted)))
        lows[seed], highs[seed] = needs[seed, 0] - most, needs[seed, 1] - least
    interval = None
    if len(first) >= max(2, least_pairs):
        interval = Interval(_end(lows, confidence)[0], _end(highs, confidence)[1], confidence)
    saved, bound = _mean(lows, highs)
    needed, needed_bound = _mean(needs[:, 0], needs[:, 1])
    return LabelsSaved(saved, bound, interval, needed, needed_bound, len(first), int(np.sum(lows < highs)))


def _bounds(found: LabelsToReach) -> tuple[float, float]:
    """Between what numbers of labels the level is reached."""
    if found.bound == "about":
        return found.labels, found.labels
    return (found.labels, math.inf) if found.bound == "at least" else (0.0, found.labels)


def _mean(lows: FloatArray, highs: FloatArray) -> tuple[float, Literal["about", "at least", "at most", "unknown"]]:
    """The mean of what lies between bounds: of the lower ones where these are what is known, else of the upper."""
    low, high = float(np.mean(lows)), float(np.mean(highs))
    if np.array_equal(lows, highs):
        return low, "about"
    if math.isfinite(low):
        return low, "at least"
    return (high, "at most") if math.isfinite(high) else (math.nan, "unknown")


def _end(bounds: FloatArray, confidence: float) -> tuple[float, float]:
    """Student's interval of bounds; open on both sides where one of them is infinite."""
    if not np.all(np.isfinite(bounds)):
        return -math.inf, math.inf
    interval = student_interval(bounds, confidence)
    assert interval is not None
    return interval.low, interval.high


def _levels(level: float | Sequence[float] | None, ours: FloatArray, theirs: FloatArray) -> FloatArray:
    """(seeds,) the accuracy to reach in each seed."""
    if level is None:
        return np.array([min(monotone_fit(a)[-1], monotone_fit(b)[-1]) for a, b in zip(ours, theirs, strict=True)])
    levels = np.asarray(level, dtype=np.float64)
    if levels.shape not in ((), (len(theirs),)) or not np.all(np.isfinite(levels)):
        raise InputError(f"Expected one finite level, or one for each of {len(theirs)} seeds, got {level}.")
    return np.broadcast_to(levels, (len(theirs),))


def _curves(labelled: Any, ours: Any, theirs: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
    budget, first, second = (to_numpy(values).astype(np.float64) for values in (labelled, ours, theirs))
    if budget.ndim != 1 or first.ndim != 2 or first.shape != second.shape or first.shape[1:] != budget.shape:
        raise InputError(
            f"Expected both curves as (seeds, {len(np.atleast_1d(budget))} cycles), of the same seeds, "
            f"got {first.shape} and {second.shape}."
        )
    if not len(first):
        raise InputError("Expected at least one seed, got none.")
    return budget, first, second
