"""k-means: points parted into clusters around their means, seeded, in NumPy and SciPy alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.acquisition.distance_sampling import sample_by_distance
from swither.acquisition.distances import Float32Array, Frame
from swither.acquisition.embedding_distances import EmbeddingDistances
from swither.arrays import AnyArray, FloatArray, IntArray

MOST_ROUNDS = 50
SETTLED = 1e-3  # the share of points below which those that still change cluster are let be
ELEMENTS_AT_ONCE = 1 << 20


def kmeans(
    points: AnyArray, clusters: int, generator: np.random.Generator, *, weights: FloatArray | None = None
) -> IntArray:
    """Part points into clusters: Lloyd's rounds from a k-means++ draw.

    Each round gives every point to the nearest mean (of equally near ones the first) and makes the means anew; a
    mean that no point is nearest to moves to the point farthest from its own. It ends when at most a thousandth of
    the points change cluster, after 50 rounds at the latest. Clusters are numbered by their first point, so there
    may be fewer than asked for where points are copies.

    Args:
        points: (points, width) finite real numbers.
        clusters: how many, from 1 to the number of points.
        generator: the only source of randomness.
        weights: (points,) above 0: what each point counts for in the draw and in the means; None: all alike.

    Returns:
        (points,) the number of each point's cluster, int64, from 0 without gaps.

    References:
        Lloyd, "Least Squares Quantization in PCM", 1982; Arthur and Vassilvitskii, "k-means++: The Advantages of
        Careful Seeding", SODA 2007.

    Example:
        >>> kmeans(np.array([[0.0], [5.0], [0.1], [5.1]]), 2, np.random.default_rng(0)).tolist()
        [0, 1, 0, 1]
    """
    start = sample_by_distance(EmbeddingDistances(points), clusters, generator, weights=weights)
    rows = Frame.of(points).place(points).rows  # (points, width) float32
    means = rows[start]
    labels = np.full(len(rows), -1)
    shares = np.ones(len(rows)) if weights is None else weights / weights.max()
    for _ in range(MOST_ROUNDS):
        before = labels
        labels, squared = _nearest_mean(rows, means)
        moved = np.count_nonzero(labels != before)
        if moved <= SETTLED * len(rows):
            break
        means = _means(rows, labels, shares, shares * squared, clusters)
    return _numbered_by_first(labels)


def _nearest_mean(rows: Float32Array, means: Float32Array) -> tuple[IntArray, FloatArray]:
    """Which mean each point is nearest to, and about how far that is, squared: (points,) each."""
    labels = np.empty(len(rows), dtype=np.int64)
    squared = np.empty(len(rows))
    norms = np.einsum("ij,ij->i", means, means)
    for block in row_blocks(len(rows), max(len(means), rows.shape[1]), ELEMENTS_AT_ONCE):
        some = rows[block]
        distances = norms - 2 * (some @ means.T)  # (block, clusters), less each point's own norm
        labels[block] = distances.argmin(axis=1)
        squared[block] = np.take_along_axis(distances, labels[block][:, None], axis=1)[:, 0]
        squared[block] += np.einsum("ij,ij->i", some, some)
    return labels, np.maximum(squared, 0)


def _means(
    rows: Float32Array, labels: IntArray, shares: FloatArray, squared: FloatArray, clusters: int
) -> Float32Array:
    """The mean of each cluster, summed in float64; the farthest points, one each, for clusters without any."""
    from scipy.sparse import csr_array

    sums = np.zeros((clusters, rows.shape[1]))
    for block in row_blocks(len(rows), rows.shape[1], ELEMENTS_AT_ONCE):
        own = labels[block]
        belongs: Any = csr_array((shares[block], (own, np.arange(len(own)))), shape=(clusters, len(own)))
        sums += belongs @ rows[block].astype(np.float64)
    sizes = np.bincount(labels, shares, minlength=clusters)
    empty = np.flatnonzero(sizes == 0)
    sizes[empty] = 1
    means = (sums / sizes[:, None]).astype(np.float32)
    means[empty] = rows[np.argsort(-squared, kind="stable")[: len(empty)]]
    return means


def _numbered_by_first(labels: IntArray) -> IntArray:
    _, first, place = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[place])
