"""The smallest radius at which so many centres cover all points but the outliers: a search over real distances.

The optimum is the distance of some pair, so radii are tried at such distances only. It begins at the best that is
known and goes down in growing steps, since only points farther than the radius from all given centres need a row in
the graph, and those become more as it falls; once a radius is proven too small, it halves what lies between.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from swither.acquisition.cover_solver import answer
from swither.acquisition.radius_graph import OutOfTime, RadiusGraph
from swither.arrays import FloatArray, IntArray

FIRST_STEP = 0.02  # of the radius; each further step down is twice as large
MOST_GIVEN_UP = 4  # radii, then the solver is asked no more; and each may use that part of the nodes that are left


@dataclass
class Found:
    """The best centres and what is proven of them. Radii are squared.

    Attributes:
        radius: that the best centres reach.
        bound: no centres reach less.
        centres: (at most the budget,) points; None while nothing better than the incumbent was found.
        nodes: of the solver's tree that were searched.
        tried: (radius, verdict) in the order in which they were tried.
        open: radii that stayed open, and lie between `bound` and `radius`.
        clock_cut: whether the clock ended the search.
        too_dense: whether radii were left out because their graph would have too many edges.
    """

    radius: float
    bound: float
    centres: IntArray | None = None
    nodes: int = 0
    tried: list[tuple[float, str]] = field(default_factory=list)
    open: list[float] = field(default_factory=list)
    clock_cut: bool = False
    too_dense: bool = False


class RadiusSearch:
    """One search, from an incumbent's radius down to a proven bound."""

    def __init__(
        self, graph: RadiusGraph, found: Found, *, budget: int, outliers: int, nodes: int, deadline: float
    ) -> None:
        self.graph, self.found = graph, found
        self.budget, self.outliers, self.nodes, self.deadline = budget, outliers, nodes, deadline
        self.refuted = -np.inf  # the largest radius proven too small
        self.given_up = 0  # radii at which the solver searched in vain

    def run(self) -> Found:
        """Search until the radius is proven or a limit is reached."""
        try:
            self._descend()
            while self._halve(self._above_open()) or self._halve(self._below_open()):
                pass
        except OutOfTime:
            self.found.clock_cut = True
        self._raise_bound()
        return self.found

    def _descend(self) -> None:
        """Try ever smaller radii, in steps that double, until one is proven too small."""
        step, target = FIRST_STEP, np.inf
        while self.refuted < 0 and self.found.bound < min(target, self.found.radius):
            target = max(self.found.bound, self.found.radius * max(0.0, 1 - step) ** 2)
            self.graph.reach_down(target)
            radii = self._radii(target)
            if len(radii):
                self._try(float(radii[0]))
            while self.found.open and self._halve(self._above_open()):
                pass  # a graph that reaches further down may have to leave these radii out
            step *= 2

    def _halve(self, radii: FloatArray) -> bool:
        """Try the middle radius, if there is any.

        Where the graph does not reach the best, its highest goes first: if that is too small, all are.
        """
        if not len(radii):
            return False
        highest_first = self._ends_below_best() and radii[-1] > max([self.refuted, *self.found.open])
        self._try(float(radii[-1 if highest_first else len(radii) // 2]))
        return True

    def _above_open(self) -> FloatArray:
        return self._radii(self._above(max([self.refuted, *self.found.open])))

    def _below_open(self) -> FloatArray:
        radii = self._radii(self._above(self.refuted))
        return radii[radii < min(self.found.open, default=np.inf)]

    def _ends_below_best(self) -> bool:
        return bool(self.graph.ceiling < np.nextafter(self.found.radius, -np.inf))

    def _try(self, radius: float) -> None:
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise OutOfTime
        matrix, points = self.graph.cover_matrix(radius)
        nodes = (self.nodes - self.found.nodes) // MOST_GIVEN_UP if self.given_up < MOST_GIVEN_UP else 0
        said = answer(matrix, self.budget, self.outliers, nodes=nodes, seconds=seconds)
        self.found.nodes += said.nodes
        self.given_up += said.gave_up
        self.found.tried.append((radius, said.verdict))
        if said.verdict == "yes":
            self._improve(points[said.columns])
        elif said.verdict == "no":
            self.refuted = max(self.refuted, radius)
            self.found.open = [value for value in self.found.open if value > radius]
        else:
            self.found.open.append(radius)
        if said.clock_cut:
            raise OutOfTime

    def _improve(self, centres: IntArray) -> None:
        left = np.sort(self.graph.nearest(centres))
        radius = float(left[-1 - self.outliers]) if self.outliers < len(left) else 0.0
        assert radius < self.found.radius
        self.found.radius, self.found.centres = radius, centres
        self.found.open = [value for value in self.found.open if value < radius]
        self.graph.lower_ceiling(float(np.nextafter(radius, -np.inf)))

    def _radii(self, least: float) -> FloatArray:
        """The radii from `least` up that are better than the best and can be tried."""
        below = min(self.found.radius, float(np.nextafter(self.graph.ceiling, np.inf)))
        return self.graph.radii(max(least, self.graph.floor), below)

    def _above(self, radius: float) -> float:
        return max(self.found.bound, float(np.nextafter(radius, np.inf)))

    def _raise_bound(self) -> None:
        """The least distance above what is proven too small; what the search left open proves nothing."""
        self.found.too_dense = self._ends_below_best()
        if self.refuted < 0 and self.graph.floor > self.found.bound:
            return  # nothing is known of the radii down to the bound
        radii = self._radii(self._above(self.refuted))
        if len(radii):
            self.found.bound = float(radii[0])
        elif not self.found.too_dense:
            self.found.bound = self.found.radius
        else:
            self.found.bound = max(self.found.bound, self.refuted)
