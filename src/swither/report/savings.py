"""How many labels a method saves: what it needs for a level of accuracy, against what random needs for the same."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from swither.report.comparison import Comparison


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
