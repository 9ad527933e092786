"""Which images lie near another one, by the direction of their embeddings. No torch."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from swither.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from swither.project.embeddings import PoolFeatures

_BLOCK = 4096


def directions(pool: PoolFeatures, rows: IntArray) -> FloatArray:
    """The embeddings of some images, brought to length 1: (rows, width) float32; nothing stays nothing."""
    values = pool.features.of(rows).astype(np.float32)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return values / np.where(lengths > 0, lengths, 1)


def nearest(pool: PoolFeatures, image: str, among: Collection[str], count: int) -> list[tuple[str, float]]:
    """The images whose embeddings point most nearly where this one's does.

    Args:
        pool: the embeddings.
        image: an id.
        among: ids of the images that may be given; the image itself never is.
        count: how many, at most.

    Returns:
        (id, distance) with 1 less the cosine as the distance, the nearest first, of equals the lower id; none where the
        image has no embedding.
    """
    place = np.searchsorted(pool.ids, image)
    if place == len(pool.ids) or pool.ids[place] != image or count < 1:
        return []
    wanted = among if isinstance(among, set | frozenset | dict) else set(among)
    rows = np.flatnonzero([i in wanted and i != image for i in pool.ids.tolist()])
    own = directions(pool, np.array([place]))[0]
    distances = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK):
        some = slice(start, start + _BLOCK)
        distances[some] = 1 - directions(pool, rows[some]) @ own
    order = np.argsort(distances, kind="stable")[:count]
    return [(str(pool.ids[rows[n]]), max(float(distances[n]), 0.0)) for n in order]
