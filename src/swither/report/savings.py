"""How many labels a method saves: what it needs for a level of accuracy, against what random needs for the same."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from swither.report.comparison import Comparison
from swither.report.intervals import LEAST_SEEDS
from swither.report.whole_curves import WholeCurves
from swither.report.wording import NONE, signed_count
from swither.statistics import LabelsSaved, labels_saved


@dataclass(frozen=True)
class Savings:
    """Labels for one level of accuracy, read from two curves in the same way.

    Attributes:
        ours: what the method needs.
        theirs: what random needs.
        bound: ``"about"``, or ``"at most"`` where the method begins above the level.
    """

    ours: float
    theirs: float
    bound: str

    @property
    def saved(self) -> float:
        """How many labels fewer the method needs; negative where it needs more."""
        return self.theirs - self.ours

    @property
    def share(self) -> float:
        """The saved part of what random needs."""
        return self.saved / self.theirs


def savings(comparison: Comparison, method: str, level: float, seeds: Collection[int] | None = None) -> Savings | None:
    """What `method` and random need for `level`.

    Both are read from curves made never to fall: against a curve that dips, what its last budget reaches it may have
    reached with fewer labels.

    Returns:
        None where one of the two never reaches the level, or where random begins above it.
    """
    baseline = comparison.baseline
    ours = comparison.labels_for(method, level, seeds)
    theirs = comparison.labels_for(baseline, level, seeds) if baseline is not None else None
    if ours is None or theirs is None or ours.bound == "at least" or theirs.bound != "about":
        return None
    return Savings(ours.labels, theirs.labels, ours.bound)


def saved_by_seed(curves: WholeCurves, method: str, over: str, level: float | None = None) -> LabelsSaved | None:
    """How many labels `method` saves against `over`, seed by seed; None without a seed in common.

    Where `savings` reads the mean curves, this reads those of each seed, so that it has an interval. Without a `level`
    it is for the highest accuracy that both reach in that seed.
    """
    ours, theirs = curves.pair(method, over)
    if not curves.has_area or not len(ours):
        return None
    return labels_saved(curves.budget, ours, theirs, level, least_pairs=LEAST_SEEDS)


def final_mean(curves: WholeCurves, method: str, over: str) -> float:
    """The mean accuracy that `over` ends with, of the seeds that it shares with `method`."""
    return float(curves.pair(method, over)[1][:, -1].mean())


def saved_in_words(found: LabelsSaved) -> str:
    """The mean with its bound: "310", "at most −40", or that nothing is known."""
    if found.bound == "unknown":
        return NONE
    number = signed_count(found.saved)
    return number if found.bound == "about" else f"{found.bound} {number}"


def saved_interval_in_words(found: LabelsSaved) -> str:
    """The interval, an end in words where it is open: "−40 to +660", "+120 or more", "−10 or less"."""
    if found.interval is None:
        return NONE
    low, high = found.interval.low, found.interval.high
    if math.isinf(low) and math.isinf(high):
        return "open on both sides"
    if math.isinf(high):
        return f"{signed_count(low)} or more"
    return f"{signed_count(high)} or less" if math.isinf(low) else f"{signed_count(low)} to {signed_count(high)}"
