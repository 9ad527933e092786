"""k-means++: points drawn in proportion to their squared distance from the nearest one drawn; exact and lazy.

Distances to the nearest only shrink, so one computed earlier is an upper bound. Candidates are drawn a block at a time
in proportion to such bounds, brought up to date, and each is accepted with the probability *distance now / bound*.
What is accepted so is distributed as if all distances had been up to date at every draw; yet most points are never
looked at again. Only where many candidates are rejected is every bound lowered, by one float32 product.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.arrays import FloatArray, IntArray

CANDIDATES = 256  # in a block; it must not follow from the count, so that a smaller count gives a larger one's start
ROWS_AT_ONCE = 256
ELEMENTS_AT_ONCE = 1 << 20


class Points(Protocol):
    """What is drawn from: points that are known by their squared distances alone."""

    def __len__(self) -> int:
        """How many points there are."""

    def distances(self, rows: IntArray, others: IntArray) -> FloatArray:
        """(rows, others) squared distances in float64; exactly 0 where float64 cannot tell two points apart."""

    def ceilings(self, rows: slice, others: IntArray) -> FloatArray:
        """(rows, others) numbers that no squared distance exceeds, quickly."""


def sample_by_distance(
    points: Points,
    count: int,
    generator: np.random.Generator,
    *,
    first: int | None = None,
    weights: FloatArray | None = None,
) -> IntArray:
    """Draw `count` points, each with probability in proportion to weight x squared distance to the nearest drawn one.

    A copy of a drawn point has distance 0 and is not drawn while anything else is left. Where every point with a
    weight is drawn or a copy of one, the weights are dropped; where no distance is left either, the points that
    remain follow in the order of rows. A smaller count gives the first part of a larger one's draw.

    Args:
        points: what is drawn from.
        count: how many, from 0 to the number of points.
        generator: the only source of randomness.
        first: the row to begin with; None: drawn in proportion to weight.
        weights: (points,) 0 or more; None: all alike.

    Returns:
        (count,) distinct rows, int64, in the order in which they were drawn.

    References:
        Arthur and Vassilvitskii, "k-means++: The Advantages of Careful Seeding", SODA 2007.

    Example:
        >>> from swither.acquisition.embedding_distances import EmbeddingDistances
        >>> points = EmbeddingDistances(np.array([[0.0], [0.0], [9.0]]))
        >>> sample_by_distance(points, 3, np.random.default_rng(0), first=0).tolist()
        [0, 2, 1]
    """
    if count == 0:
        return np.empty(0, dtype=np.int64)
    drawing = _Drawing(points, count, generator, weights)
    drawing.begin(first)
    while drawing.drawn < count:
        if drawing.total() > 0:
            drawing.advance()
        elif not drawing.drop_weights():
            drawing.fill()
    return drawing.rows


class _Drawing:
    """The state between blocks."""

    def __init__(self, points: Points, count: int, generator: np.random.Generator, weights: FloatArray | None) -> None:
        self.points, self.generator = points, generator
        self.rows = np.empty(count, dtype=np.int64)
        self.drawn = 0
        self.weights = _scaled(weights)  # None once they are all alike
        self.exact = np.empty(len(points))  # squared distances to the nearest of the first `seen` drawn
        self.seen = np.ones(len(points), dtype=np.int64)
        self.bounds = np.empty(len(points))  # at least the squared distance to the nearest drawn, 0 for drawn ones
        self.lowered = 1  # the bounds of all points know of so many drawn ones
        self.wasted = 0  # distances that were computed for rejected candidates since then

    def begin(self, first: int | None) -> None:
        """Take the first point, and every point's distance to it."""
        if first is None:
            mass = np.ones(len(self.points)) if self.weights is None else self.weights
            first = int(_draw(np.cumsum(mass), self.generator.random(1))[0])
        self.rows[0], self.drawn = first, 1
        every = np.arange(len(self.points))
        for block in row_blocks(len(self.points), 1, ROWS_AT_ONCE * 8):
            self.exact[block] = self.points.distances(every[block], self.rows[:1])[:, 0]
        self.exact[first] = 0
        self.bounds[:] = self.exact

    def total(self) -> float:
        """Bound of the weighted distance that is left."""
        return float(self._mass().sum())

    def advance(self) -> None:
        """One block: draw candidates by their bounds, accept those that distances up to date would have drawn."""
        if self.wasted > len(self.points) * (self.drawn - self.lowered) // 4 > 0:
            self._lower_every_bound()
        mass = self._mass()
        uniform = self.generator.random((2, CANDIDATES))
        candidates = _draw(np.cumsum(mass), uniform[0])
        rows, place = np.unique(candidates, return_inverse=True)
        bars = uniform[1] * mass[candidates]  # before anything is brought up to date
        before = self.drawn
        self._bring_up_to_date(rows)
        self._accept(rows, place, bars)
        # A block has costs of its own, of about as many distances as it has candidates.
        self.wasted += (CANDIDATES - (self.drawn - before)) * (before + CANDIDATES)

    def drop_weights(self) -> bool:
        """Make all weights alike; whether they differed."""
        had = self.weights is not None
        self.weights = None
        return had

    def fill(self) -> None:
        """Take the points that remain in the order of rows."""
        left = np.ones(len(self.points), dtype=bool)
        left[self.rows[: self.drawn]] = False
        self.rows[self.drawn :] = np.flatnonzero(left)[: len(self.rows) - self.drawn]
        self.drawn = len(self.rows)

    def _mass(self) -> FloatArray:
        return self.bounds if self.weights is None else self.weights * self.bounds

    def _bring_up_to_date(self, rows: IntArray) -> None:
        """Make the distances of `rows` exact for all that are drawn."""
        rows = rows[np.argsort(self.seen[rows], kind="stable")]  # together with others that have seen about as much
        for start in range(0, len(rows), ROWS_AT_ONCE):
            some = rows[start : start + ROWS_AT_ONCE]
            since = self.rows[int(self.seen[some[0]]) : self.drawn]
            if len(since):
                nearest = self.points.distances(some, since).min(axis=1)
                self.exact[some] = np.minimum(self.exact[some], nearest)
        self.seen[rows] = self.drawn
        self.bounds[rows] = self.exact[rows]

    def _accept(self, rows: IntArray, place: IntArray, bars: FloatArray) -> None:
        """Go through candidates in the order in which they were drawn; take each that lies above its bar.

        Args:
            rows: (different,) the candidates, each once, with distances up to date.
            place: (candidates,) where in `rows` each stands.
            bars: (candidates,) uniform numbers below 1 x what each was drawn with.
        """
        between = self.points.distances(rows, rows)
        np.fill_diagonal(between, 0)
        now = self.exact[rows]
        weights = np.ones(len(rows)) if self.weights is None else self.weights[rows]
        start = 0
        while self.drawn < len(self.rows):
            above = bars[start:] < (weights * now)[place[start:]]
            step = int(above.argmax()) if len(above) else 0
            if not len(above) or not above[step]:
                break
            taken = place[start + step]
            self.rows[self.drawn] = rows[taken]
            self.drawn += 1
            np.minimum(now, between[taken], out=now)
            start += step + 1
        self.exact[rows] = self.bounds[rows] = now
        self.seen[rows] = self.drawn

    def _lower_every_bound(self) -> None:
        since = self.rows[self.lowered : self.drawn]
        for block in row_blocks(len(self.points), len(since), ELEMENTS_AT_ONCE):
            nearest = self.points.ceilings(block, since).min(axis=1)
            self.bounds[block] = np.minimum(self.bounds[block], np.maximum(nearest, 0))
        self.lowered, self.wasted = self.drawn, 0


def _scaled(weights: FloatArray | None) -> FloatArray | None:
    """Weights of at most 1; None where they say nothing because none is above 0."""
    if weights is None or not len(weights) or not weights.max() > 0:
        return None
    return np.asarray(weights / weights.max(), dtype=np.float64)


def _draw(cumulative: FloatArray, uniform: FloatArray) -> IntArray:
    """Rows in proportion to what each adds to `cumulative`; never one that adds nothing."""
    total = cumulative[-1]
    last = int(np.searchsorted(cumulative, total))  # the first row that reaches the total, so it adds something
    return np.asarray(np.minimum(np.searchsorted(cumulative, uniform * total, side="right"), last))
