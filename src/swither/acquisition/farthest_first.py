"""Farthest-first traversal: the point farthest from all chosen ones, again and again; exact and lazy.

Minimum distances only shrink while points are chosen, so one computed earlier is an upper bound. A round takes the
rows with the highest bounds, brings only those up to date with all centres since, and goes on choosing among them
for as long as the best is ahead of every bound outside. Most points are never looked at again.

Ahead means farther, or equally far and earlier in the order of rows. Distances that decide are the float64 ones of
`pair_distances`; float32 products only say which pairs need none. So the choice is that of the plain loop.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.acquisition.distances import Float32Array, Frame, Placed, pair_distances, round_up
from swither.acquisition.placed_anew import PlacedAnew
from swither.arrays import AnyArray, FloatArray, IntArray
from swither.errors import InputError

MEMORY = 1 << 30
"""Bytes beside the input within which points are copied once and for all; beyond, they are read again and again."""

LEAST_BLOCK, FIRST_BLOCK, LARGEST_BLOCK = 64, 1024, 2048
ROWS_AT_ONCE, CENTRES_AT_ONCE = 256, 4096
PIVOTS = 128
FIRST_ELEMENTS = 1 << 23  # of the points whose first bounds are computed together


def farthest_first(
    points: AnyArray, centres: AnyArray, count: int, *, left_out: Sequence[int] = (), memory: int | None = None
) -> tuple[IntArray, FloatArray]:
    """Choose `count` points, each the farthest from all centres and all points chosen before it.

    Args:
        points: (points, width) finite real numbers, rows contiguous.
        centres: (centres, width), at least one.
        count: how many to choose, at most the number of points that are not left out.
        left_out: positions of points that must not be chosen.
        memory: bytes that the work may take beside `points` and `centres`; None: `MEMORY`, or as much as there must
            be. It changes no choice.

    Returns:
        (count,) positions in order of choice, and (count,) squared distances at which they were chosen.

    Raises:
        InputError: `memory` is no number of bytes, or the work cannot be done within it; the message says how much
            it takes.

    References:
        Gonzalez, "Clustering to Minimize the Maximum Intercluster Distance", 1985; bounds that wait to be brought
        up to date: Minoux, "Accelerated Greedy Algorithms for Maximizing Submodular Set Functions", 1978.

    Example:
        >>> line = np.array([[0.0], [1.0], [4.0], [6.0]])
        >>> positions, squared = farthest_first(line, line[:1], count=2)
        >>> positions.tolist(), squared.tolist()
        ([3, 2], [36.0, 4.0])
    """
    available = len(points) - len(left_out)
    assert len(centres) >= 1
    assert count <= available
    memory = as_memory(memory)
    traversal = _Traversal(points, centres, count, memory)
    traversal.bounds[list(left_out)] = -np.inf
    size = FIRST_BLOCK
    while traversal.chosen < count:
        before = traversal.chosen
        size = min(size, available - before)
        traversal.advance(size)
        size = _next_size(size, traversal.chosen - before)
    return traversal.positions, traversal.squared / traversal.scale_squared


def nearest_squared(points: AnyArray, centres: AnyArray, *, above: float = -np.inf) -> FloatArray:
    """The squared distance of each point to its nearest centre.

    Args:
        points: (points, width) finite real numbers, rows contiguous.
        centres: (centres, width); none is infinitely far from every point.
        above: distances up to this may come as any number from the true one to it: that saves most of the work.

    Returns:
        (points,) float64, the exact ones of `pair_distances` where they are greater than `above`.

    Example:
        >>> nearest_squared(np.array([[1.0], [5.0]]), np.array([[0.0], [7.0]])).tolist()
        [1.0, 4.0]
    """
    if not len(centres) or not len(points):
        return np.full(len(points), np.inf)
    traversal = _Traversal(points, centres, 0)
    above_here = above * traversal.scale_squared
    traversal._bring_up_to_date(np.flatnonzero(~(traversal.bounds <= above_here)))
    return traversal.bounds / traversal.scale_squared


def least_memory(points: int, width: int, centres: int) -> int:
    """Bytes that the traversal takes at most beside its input when points are read again and again.

    Args:
        points: how many there are to choose from.
        width: numbers in a row.
        centres: how many are given and chosen, together.

    Example:
        >>> least_memory(1_000_000, 512, 2_000) < 1 << 28
        True
    """
    of_blocks = (96 << 20) + 40 * LARGEST_BLOCK * width
    return 64 * points + 4 * (width + 4) * centres + of_blocks


def as_memory(memory: Any) -> int | None:
    """Check a ceiling of memory, and give it as whole bytes; None stays None.

    Raises:
        InputError: `memory` is no finite number above 0.

    Example:
        >>> as_memory(1e9)
        1000000000
    """
    if memory is None:
        return None
    is_number = isinstance(memory, Real) and not isinstance(memory, bool)
    if not is_number or not math.isfinite(memory) or memory <= 0:
        raise InputError(
            f"Expected memory as a number of bytes above 0, such as {MEMORY}, or None for no ceiling of your own, "
            f"got {memory!r}."
        )
    return int(memory)


def _keeps_a_copy(points: AnyArray, centres: int, memory: int | None) -> bool:
    """Whether the points may be copied to where they are placed once and for all."""
    least = least_memory(len(points), points.shape[1], centres)
    if memory is not None and memory < least:
        raise InputError(
            f"Expected memory of at least {least:,} bytes for {len(points):,} points of {points.shape[1]} numbers and "
            f"{centres:,} labelled and chosen ones, got {memory:,}. Give more, or leave it out."
        )
    return least + 4 * points.size <= (MEMORY if memory is None else memory)


def _next_size(size: int, chosen: int) -> int:
    """Larger blocks where a round chose few of its rows, smaller ones where it chose most of them."""
    if chosen < size // 8:
        return min(2 * size, LARGEST_BLOCK)
    if chosen > size // 2:
        return max(size // 2, LEAST_BLOCK)
    return size


class _Traversal:
    """The state between rounds. Distances are squared and in the frame's scale, a power of two: exact."""

    def __init__(self, points: AnyArray, centres: AnyArray, count: int, memory: int | None = None) -> None:
        width = points.shape[1]
        total = len(centres) + count
        copied = _keeps_a_copy(points, total, memory)
        frame = Frame.of(points, centres)
        self.points, self.given = points, centres
        self.scale_squared = frame.scale**2
        self.placed = frame.place(points) if copied else PlacedAnew.of(frame, points)
        self.centres = Placed(  # the given centres, then the chosen points
            np.empty((total, width), dtype=np.float32),
            np.empty(total, dtype=np.float32),
            np.empty(total, dtype=np.float32),
        )
        for block in row_blocks(len(centres), width):
            self._append(frame.place(centres[block]), block.start)
        self.chosen = 0
        self.positions = np.empty(count, dtype=np.int64)
        self.squared = np.empty(count)
        self.bounds = _first_bounds(
            self.placed, self.centres[: len(centres)]
        )  # (points,) float64; minus infinity once chosen
        self.seen = np.zeros(len(points), dtype=np.int64)  # bounds are exact for that many centres

    def advance(self, size: int) -> None:
        """One round: bring the `size` highest bounds up to date, choose among them while that is safe."""
        block = _highest(self.bounds, size)
        self._bring_up_to_date(block)
        outside = self.bounds.copy()
        outside[block] = -np.inf
        rival = int(outside.argmax())
        rival_bound = outside[rival]
        values = self.bounds[block]
        ahead = (values > rival_bound) | ((values == rival_bound) & (block < rival))
        self._choose(block[ahead], rival_bound, rival)

    def _bring_up_to_date(self, block: IntArray) -> None:
        """Make the bounds of `block` exact for all centres there are."""
        total = len(self.given) + self.chosen
        block = block[np.argsort(self.seen[block], kind="stable")]
        for first in range(0, len(block), ROWS_AT_ONCE):  # together with others that have seen about as much
            rows = block[first : first + ROWS_AT_ONCE]
            near = self.placed[rows]
            for start in range(int(self.seen[rows[0]]), total, CENTRES_AT_ONCE):
                stop = min(start + CENTRES_AT_ONCE, total)
                self._lower(rows, near.lower_bounds(self.centres[start:stop]), start)
            self.seen[rows] = total

    def _lower(self, rows: IntArray, lower: AnyArray, start: int) -> None:
        """Lower the bounds of `rows` by the centres from `start` on whose lower bounds, (rows, centres), are given.

        The nearest by its lower bound is computed first; then few others can still be nearer.
        """
        nearest = lower.argmin(axis=1)
        here = np.arange(len(rows))
        promising = np.flatnonzero(lower[here, nearest] <= _ceilings(self.bounds[rows]))
        self._lower_pairs(rows[promising], start + nearest[promising])
        lower[here, nearest] = np.inf
        which, others = np.nonzero(lower <= _ceilings(self.bounds[rows])[:, None])
        self._lower_pairs(rows[which], start + others)

    def _lower_pairs(self, rows: IntArray, centres: IntArray) -> None:
        step = max(1, (1 << 21) // self.points.shape[1])
        for start in range(0, len(rows), step):
            some = rows[start : start + step]
            exact = pair_distances(self.points[some], self._originals(centres[start : start + step]))
            np.minimum.at(self.bounds, some, exact * self.scale_squared)

    def _originals(self, centres: IntArray) -> AnyArray:
        """The centres as they were given, (pairs, width), not as they lie in the frame."""
        chosen = centres >= len(self.given)
        if chosen.all():
            return np.asarray(self.points[self.positions[centres - len(self.given)]])
        rows = self.given[np.where(chosen, 0, centres)]
        rows[chosen] = self.points[self.positions[centres[chosen] - len(self.given)]]
        return np.asarray(rows)

    def _choose(self, active: IntArray, rival_bound: float, rival: int) -> None:
        """Choose among `active`, ascending rows whose distances are exact, until the rival is ahead."""
        values = self.bounds[active]
        ceilings = _ceilings(values)  # float32, so that comparing them converts nothing
        placed = self.placed[active]
        between = placed.lower_bounds(placed) if len(active) else np.empty((0, 0), dtype=np.float32)
        while len(active) and self.chosen < len(self.positions):
            best = int(values.argmax())
            value, row = values[best], active[best]
            if value == -np.inf or value < rival_bound or (value == rival_bound and row > rival):
                break
            self._append(placed[best : best + 1], len(self.given) + self.chosen)
            self.positions[self.chosen], self.squared[self.chosen] = row, value
            self.chosen += 1
            values[best], ceilings[best] = -np.inf, -np.inf
            near = np.flatnonzero(between[best] <= ceilings)
            exact = pair_distances(self.points[active[near]], self.points[row][None]) * self.scale_squared
            values[near] = np.minimum(values[near], exact)
            ceilings[near] = _ceilings(values[near])
        self.bounds[active] = values
        self.seen[active] = len(self.given) + self.chosen

    def _append(self, centres: Placed, start: int) -> None:
        here = slice(start, start + len(centres.rows))
        self.centres.rows[here] = centres.rows
        self.centres.low[here], self.centres.high[here] = centres.low, centres.high


def _ceilings(bounds: FloatArray) -> Float32Array:
    """What a lower bound must not exceed to matter: the bounds in float32; minus infinity where they are 0."""
    return np.where(bounds > 0, round_up(bounds), np.float32(-np.inf))


def _highest(bounds: FloatArray, size: int) -> IntArray:
    """The `size` highest, of equal ones the earlier rows: (size,) ascending positions."""
    least = np.partition(bounds, len(bounds) - size)[len(bounds) - size]
    above = np.flatnonzero(bounds > least)
    equal = np.flatnonzero(bounds == least)[: size - len(above)]
    return np.sort(np.concatenate([above, equal]))


def _first_bounds(points: Placed | PlacedAnew, centres: Placed) -> FloatArray:
    """Cheap upper bounds: of each point's distances to pivots and to the centres in its own pivot's cell.

    The points are gone through once, in their order.
    """
    pivots = centres[np.unique(np.linspace(0, len(centres) - 1, PIVOTS).astype(np.int64))]
    _, centre_cells = _nearest(centres, np.arange(len(centres)), pivots)
    members = [np.flatnonzero(centre_cells == cell) for cell in range(len(pivots))]
    bounds = np.empty(len(points))
    for block in row_blocks(len(points), points.width, FIRST_ELEMENTS):
        some = points[block]
        everyone = np.arange(len(some))
        nearest, cells = _nearest(some, everyone, pivots)
        order = np.argsort(cells, kind="stable")
        edges = np.searchsorted(cells[order], np.arange(len(pivots) + 1))
        for cell, own in enumerate(members):
            rows = order[edges[cell] : edges[cell + 1]]
            if len(own) and len(rows):
                nearest[rows] = np.minimum(nearest[rows], _nearest(some, rows, centres[own])[0])
        bounds[block] = nearest
    return bounds


def _nearest(points: Placed, rows: IntArray, centres: Placed) -> tuple[FloatArray, IntArray]:
    """The least upper bound of some points over the centres, and which centre has it: (rows,) each."""
    bounds = np.empty(len(rows))
    which = np.empty(len(rows), dtype=np.int64)
    for block in row_blocks(len(rows), max(len(centres), points.width), 1 << 21):
        upper = points[rows[block]].upper_bounds(centres)  # (block, centres)
        which[block] = upper.argmin(axis=1)
        bounds[block] = upper.min(axis=1)
    return bounds, which
