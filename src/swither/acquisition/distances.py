"""Squared Euclidean distances: exact ones of pairs, and quick lower and upper bounds of many at once.

The exact distance of a pair is defined once, here: differences, squares and their sum in float64. It is the same
number whichever pairs are computed together, it is 0 for copies and never negative. The bounds come from one
float32 matrix product of centred points with the rounding error added, so what they decide is decided exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from swither.acquisition.blocks import row_blocks
from swither.arrays import AnyArray, FloatArray, IntArray

Float32Array = NDArray[np.float32]
UNIT = 2.0**-24  # the relative rounding error of float32


def pair_distances(points: AnyArray, others: AnyArray) -> FloatArray:
    """The squared distance of each point to the other of the same row, in float64.

    Args:
        points: (pairs, width).
        others: (pairs, width), or (1, width) to be the other of every point.

    Returns:
        (pairs,) float64, 0 or more.

    Example:
        >>> pair_distances(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[3.0, 4.0]])).tolist()
        [25.0, 0.0]
    """
    distances = np.empty(len(points))
    for block in row_blocks(*points.shape):
        other = others if len(others) == 1 else others[block]
        difference = np.subtract(points[block], other, dtype=np.float64, order="C")
        np.square(difference, out=difference)
        difference.sum(axis=1, out=distances[block])
    return distances


@dataclass(frozen=True)
class Frame:
    """A common centre and scale: what is left of points near it is small, so float32 loses little.

    Attributes:
        centre: (width,) float64.
        scale: a power of two that brings the largest norm to between 1/2 and 1; 1 where all points are alike.
    """

    centre: FloatArray
    scale: float

    @classmethod
    def of(cls, *sets: AnyArray) -> Frame:
        """The frame of some sets of points, each (points, width)."""
        total = sum(len(points) for points in sets)
        sums = [points.sum(axis=0, dtype=np.float64) for points in sets if len(points)]
        centre = np.add.reduce(sums) / total
        largest = max(
            float(pair_distances(points[block], centre[None]).max())
            for points in sets
            for block in row_blocks(len(points), points.shape[1], 1 << 22)
        )
        exponent = np.frexp(np.sqrt(largest))[1] if largest > 0 else 0
        return cls(centre, float(2.0**-exponent))

    def place(self, points: AnyArray) -> Placed:
        """Points as they lie in this frame, in float32."""
        rows = np.empty(points.shape, dtype=np.float32)
        norms = np.empty(len(points))
        for block in row_blocks(*points.shape):
            rows[block] = self.rows_of(points[block])
            norms[block] = np.einsum("ij,ij->i", rows[block], rows[block], dtype=np.float64)
        return Placed.of(rows, norms)

    def rows_of(self, points: AnyArray) -> Float32Array:
        """Points as they lie in this frame, without their norms: (points, width) float32."""
        rows = np.empty(points.shape, dtype=np.float32)
        for block in row_blocks(*points.shape):
            centred = np.subtract(points[block], self.centre, dtype=np.float64)
            np.multiply(centred, self.scale, out=rows[block], casting="same_kind")
        return rows


@dataclass(frozen=True)
class Placed:
    """Centred, scaled points in float32, with their squared norms less and plus the rounding error.

    With |x|^2 and |c|^2 so shifted, |x|^2 + |c|^2 - 2 x.c lies below (above) the exact squared distance: of the
    share of |x|^2 + |c|^2 by which a product of `width` terms in any order, the rounding of the points and the
    two sums can be wrong, width + 10 units at most, the shift takes 1.02 width + 16.

    Attributes:
        rows: (points, width) float32.
        low: (points,) float32, squared norms less the error.
        high: (points,) float32, squared norms plus the error.
    """

    rows: Float32Array
    low: Float32Array
    high: Float32Array

    @classmethod
    def of(cls, rows: Float32Array, norms: FloatArray) -> Placed:
        """From rows and their squared norms in float64."""
        width = rows.shape[1]
        share = (1.02 * width + 16) * UNIT
        least = (width + 1) * 2.0**-120  # what products too small for float32 can add up to
        low = (norms * (1 - share) - least).astype(np.float32)
        high = (norms * (1 + share) + least).astype(np.float32)
        return cls(rows, low, high)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return int(self.rows.shape[1])

    def __getitem__(self, which: IntArray | slice) -> Placed:
        return Placed(self.rows[which], self.low[which], self.high[which])

    def lower_bounds(self, centres: Placed) -> Float32Array:
        """Below the squared distance of every point to every centre: (points, centres) float32."""
        bounds: Float32Array = np.matmul(self.rows * np.float32(-2), centres.rows.T)
        bounds += centres.low
        bounds += self.low[:, None]
        return bounds

    def upper_bounds(self, centres: Placed) -> Float32Array:
        """Above the squared distance of every point to every centre: (points, centres) float32."""
        bounds: Float32Array = np.matmul(self.rows * np.float32(-2), centres.rows.T)
        bounds += centres.high
        bounds += self.high[:, None]
        return bounds


def round_up(values: FloatArray) -> Float32Array:
    """The values in float32, none of them smaller than it was.

    Example:
        >>> bool(round_up(np.array([0.1]))[0] >= 0.1)
        True
    """
    return np.nextafter(values.astype(np.float32), np.float32(np.inf))
