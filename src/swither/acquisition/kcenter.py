"""k-center greedy: cover the embeddings by always taking the point farthest from everything taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.acquisition.distances import pair_distances
from swither.acquisition.embeddings import as_embeddings
from swither.acquisition.farthest_first import as_memory, farthest_first
from swither.acquisition.selection import Selection, as_count, require_generator
from swither.arrays import AnyArray, FloatArray, IntArray


def kcenter(
    embeddings: Any,
    labelled_embeddings: Any,
    count: int,
    generator: np.random.Generator | None = None,
    *,
    memory: int | None = None,
) -> Selection:
    """Take, `count` times, the candidate farthest from all labelled and all taken samples.

    Distances are Euclidean, computed in float64, and exact: the choice is that of the plain loop over all
    candidates. Of equally far ones the earlier row is taken, so copies of a labelled or taken sample come last,
    in the order of rows. A smaller count gives the first part of a larger one's choice.

    With nothing labelled the first choice is the candidate nearest to the mean of all: it depends on no order
    and is no outlier, and all others follow from it.

    Embeddings may lie in a file: ``numpy.load(path, mmap_mode="r")`` is read in blocks and never copied whole, as
    far as `memory` asks for that.

    Args:
        embeddings: (samples, width) of the candidates, array or tensor.
        labelled_embeddings: (labelled, width) of the labelled samples; may have no row.
        count: how many to take, from 0 to samples.
        generator: not used; nothing is drawn.
        memory: bytes that the work may take beside the embeddings; None: 1 GiB, or as much as there must be. It
            changes the time and never the choice.

    Returns:
        The selection. Its diagnostics, in the embeddings' unit: ``first_distance`` and ``last_distance`` at which
        samples were taken, and ``radius``, the largest distance left between a candidate and its nearest centre.

    Raises:
        InputError: the embeddings differ in width or are not finite, or `count` does not lie between 0 and
            samples. Or `memory` is no number of bytes above 0, or too little; the message says how much is needed.

    References:
        Sener and Savarese, "Active Learning for Convolutional Neural Networks: A Core-Set Approach", ICLR 2018,
        algorithm 1.

    Example:
        >>> kcenter([[0.0], [1.0], [4.0], [6.0]], [[0.0]], count=2).positions.tolist()
        [3, 2]
    """
    points = as_embeddings("embeddings", embeddings)
    centres = as_embeddings("labelled_embeddings", labelled_embeddings, width=points.shape[1])
    count = as_count(count, len(points))
    memory = as_memory(memory)
    if generator is not None:
        require_generator(generator)
    if count == 0:
        return Selection(np.empty(0, dtype=np.int64))
    # One more than asked for, where there is one: its distance is the radius that the choice leaves.
    positions, squared = greedy_picks(points, centres, min(count + 1, len(points)), memory=memory)
    distances = [None if np.isinf(value) else float(np.sqrt(value)) for value in squared] + [0.0]
    return Selection(
        positions[:count],
        {
            "first_distance": distances[0],
            "last_distance": distances[count - 1],
            "radius": distances[count],
        },
    )


def greedy_picks(
    points: AnyArray, centres: AnyArray, count: int, *, memory: int | None = None
) -> tuple[IntArray, FloatArray]:
    """The traversal with its cold start: farthest first from the centres, or from the point nearest to the mean.

    Args:
        points: (points, width), checked.
        centres: (centres, width), checked; may have no row.
        count: how many to take, from 1 to points.
        memory: as of `farthest_first`.

    Returns:
        (count,) positions in order of choice, and (count,) squared distances at which they were taken, infinite for
        the first where there is no centre.

    Example:
        >>> greedy_picks(np.array([[0.0], [1.0], [5.0]]), np.empty((0, 1)), count=2)
        (array([1, 2]), array([inf, 16.]))
    """
    if len(centres):
        return farthest_first(points, centres, count, memory=memory)
    first = [_nearest_to_mean(points)]
    positions, squared = farthest_first(points, points[first], count - 1, left_out=first, memory=memory)
    return np.concatenate([np.array(first, dtype=np.int64), positions]), np.concatenate([[np.inf], squared])


def _nearest_to_mean(points: AnyArray) -> int:
    mean = points.mean(axis=0, dtype=np.float64)
    return int(pair_distances(points, mean[None]).argmin())
