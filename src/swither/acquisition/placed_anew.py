"""Points that are placed anew whenever some are asked for: for pools of which no second copy fits into memory.

The points themselves may lie in a file that is mapped into memory. What stays of each is two numbers, its norms with
the rounding error; its row is read, centred and scaled again each time, to the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.acquisition.distances import Float32Array, Frame, Placed
from swither.arrays import AnyArray, IntArray


@dataclass(frozen=True)
class PlacedAnew:
    """What `Frame.place` would give, but for the rows: those are computed when they are taken.

    Attributes:
        frame: where the points are placed.
        points: (points, width) as they were given, often memory-mapped.
        low: (points,) float32, squared norms less the error.
        high: (points,) float32, squared norms plus the error.
    """

    frame: Frame
    points: AnyArray
    low: Float32Array
    high: Float32Array

    @classmethod
    def of(cls, frame: Frame, points: AnyArray) -> PlacedAnew:
        """Go through all points once for their norms."""
        low = np.empty(len(points), dtype=np.float32)
        high = np.empty(len(points), dtype=np.float32)
        for block in row_blocks(*points.shape):
            placed = frame.place(points[block])
            low[block], high[block] = placed.low, placed.high
        return cls(frame, points, low, high)

    def __len__(self) -> int:
        return len(self.points)

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return int(self.points.shape[1])

    def __getitem__(self, which: IntArray | slice) -> Placed:
        return Placed(self.frame.rows_of(self.points[which]), self.low[which], self.high[which])
