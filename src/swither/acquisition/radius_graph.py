"""Which points lie within a radius of each other, as far as anybody asks: a sparse graph, made in chunks.

Only points farther than the radius from every centre there is need another, so only they have rows. Rows are
computed when a radius first asks for them, and hold the exact squared distances up to a ceiling; so every smaller
radius is answered from the same graph.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from scipy import sparse

from swither.acquisition.distances import Frame, pair_distances, round_up
from swither.arrays import AnyArray, FloatArray, IntArray

MOST_EDGES = 2_000_000  # 16 bytes each; where a radius would need more, only smaller ones are answered
ROWS_AT_ONCE = 256
SAMPLED_ROWS = 64

Edges = tuple[AnyArray, AnyArray, FloatArray]  # (edges,) each: rows, columns, squared lengths


class OutOfTime(Exception):
    """The clock's safety net was reached."""


class RadiusGraph:
    """Edges from points that need a centre to points that can be one.

    Radii and distances are squared throughout, and the exact ones of `pair_distances`.

    Attributes:
        ceiling: edges of at most this squared length are known, and radii up to it are answered. It only falls.
        floor: radii of at least this are answered; rows are there for all points farther from the given centres.
    """

    def __init__(self, points: AnyArray, own: FloatArray, ceiling: float, deadline: float) -> None:
        """Args are (points, width), their squared distances to the given centres, and a `time.monotonic`."""
        frame = Frame.of(points)
        self._scale_squared = frame.scale**2
        self._points, self._placed, self._own = points, frame.place(points), own
        self._deadline = deadline
        self.ceiling, self.floor = ceiling, np.inf
        self._rows = np.empty(0, dtype=np.int32)
        self._columns = np.empty(0, dtype=np.int32)
        self._squared = np.empty(0)

    def reach_down(self, floor: float) -> None:
        """Make the graph able to answer radii from `floor` up.

        Raises:
            OutOfTime: the deadline passed; what was known before stays.
        """
        new = np.flatnonzero((self._own > floor) & (self._own <= self.floor))
        self._expect(new)
        parts: list[Edges] = [(self._rows, self._columns, self._squared)]
        size = len(self._rows)
        for start in range(0, len(new), ROWS_AT_ONCE):
            if time.monotonic() > self._deadline:
                raise OutOfTime
            parts.append(self._edges(new[start : start + ROWS_AT_ONCE]))
            size += len(parts[-1][0])
            if size > MOST_EDGES:
                parts = [self._sparser(parts)]
                size = len(parts[0][0])
        rows, columns, squared = zip(*parts, strict=True)
        self._rows, self._columns = np.concatenate(rows), np.concatenate(columns)
        self._squared = np.concatenate(squared)
        self.floor = min(self.floor, floor)

    def lower_ceiling(self, ceiling: float) -> None:
        """Forget edges that are longer; no radius above will be asked for."""
        if ceiling < self.ceiling:
            self.ceiling = ceiling
            kept = self._squared <= ceiling
            self._rows, self._columns, self._squared = self._rows[kept], self._columns[kept], self._squared[kept]

    def radii(self, least: float, below: float) -> FloatArray:
        """Squared distances at which the answer can change: (radii,) ascending, least <= radius < below.

        Those between a point that needs a centre at that radius and one that can be its centre, given or new.
        """
        edges = self._squared[(self._squared >= least) & (self._squared < below)]
        own = self._own[(self._own >= least) & (self._own < below)]
        return np.unique(np.concatenate([edges, own]))

    def cover_matrix(self, radius: float) -> tuple[Any, IntArray]:
        """Who can be whose centre: (points that need one, columns) 0 and 1, and (columns,) the points they stand for.

        `radius` lies between floor and ceiling.
        """
        assert self.floor <= radius <= self.ceiling
        needy = np.flatnonzero(self._own > radius)
        within = np.flatnonzero((self._squared <= radius) & (self._own[self._rows] > radius))
        rows = np.searchsorted(needy, self._rows[within])
        points, columns = np.unique(self._columns[within], return_inverse=True)
        ones = np.ones(len(within), dtype=np.int32)
        shape = (len(needy), len(points))
        return sparse.coo_array((ones, (rows, columns)), shape=shape).tocsr(), points.astype(np.int64)

    def nearest(self, centres: IntArray) -> FloatArray:
        """(points,) squared distances to the nearest given centre or one of `centres`, where there is an edge to it."""
        chosen = np.zeros(len(self._points), dtype=bool)
        chosen[centres] = True
        nearest = self._own.copy()
        to_chosen = chosen[self._columns]
        np.minimum.at(nearest, self._rows[to_chosen], self._squared[to_chosen])
        return nearest

    def _edges(self, rows: IntArray) -> Edges:
        """Edges shorter than the way to the given centres: at radii from there up the row is not asked for."""
        limits = np.minimum(np.nextafter(self._own[rows], 0), self.ceiling)
        ceilings = round_up(limits * self._scale_squared)
        near, columns = np.nonzero(self._placed[rows].lower_bounds(self._placed) <= ceilings[:, None])
        squared = np.empty(len(near))
        step = max(1, (1 << 21) // self._points.shape[1])
        for start in range(0, len(near), step):
            some = slice(start, start + step)
            squared[some] = pair_distances(self._points[rows[near[some]]], self._points[columns[some]])
        kept = squared <= limits[near]
        return rows[near[kept]].astype(np.int32), columns[kept].astype(np.int32), squared[kept]

    def _expect(self, rows: IntArray) -> None:
        """Look at some rows; where all together would have too many edges, lower the ceiling beforehand."""
        if not len(rows):
            return
        some = rows[np.linspace(0, len(rows) - 1, min(SAMPLED_ROWS, len(rows))).astype(np.int64)]
        lengths = self._placed[some].lower_bounds(self._placed) / self._scale_squared
        lengths = np.sort(lengths[lengths <= np.minimum(self._own[some], self.ceiling)[:, None]])
        room = int(0.8 * len(some) / len(rows) * (MOST_EDGES - len(self._rows)))
        if room < len(lengths):
            self.lower_ceiling(float(lengths[max(room, 0)]))

    def _sparser(self, parts: list[Edges]) -> Edges:
        """The shorter half of too many edges, and the ceiling as low."""
        rows, columns, squared = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        self.ceiling = float(np.nextafter(np.partition(squared, len(squared) // 2)[len(squared) // 2], -np.inf))
        kept = squared <= self.ceiling
        return rows[kept], columns[kept], squared[kept]
