"""k-center greedy by its definition, which every other way to compute it is held to."""

from __future__ import annotations

import numpy as np

from swither.arrays import AnyArray


def exact_picks(points: AnyArray, centres: AnyArray, count: int) -> list[int]:
    """Differences, squares and sums in float64, equal distances in the order of rows."""
    points, centres = points.astype(np.float64), centres.astype(np.float64)
    nearest = np.full(len(points), np.inf)
    for centre in centres:
        np.minimum(nearest, np.square(points - centre).sum(axis=1), out=nearest)
    best = int(nearest.argmax()) if len(centres) else nearest_to_mean(points)
    chosen: list[int] = []
    while True:
        chosen.append(best)
        if len(chosen) == count:
            return chosen
        np.minimum(nearest, np.square(points - points[best]).sum(axis=1), out=nearest)
        nearest[chosen] = -np.inf
        best = int(nearest.argmax())


def nearest_to_mean(points: AnyArray) -> int:
    """Where a choice begins with nothing labelled."""
    return int(np.square(points - points.mean(axis=0, dtype=np.float64)).sum(axis=1).argmin())
