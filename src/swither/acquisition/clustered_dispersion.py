"""Clustered dispersion: one sample from the middle of each cluster of the most dispersed ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.acquisition.distances import pair_distances
from swither.acquisition.diverse_dispersion import dispersion_of, dispersion_taken
from swither.acquisition.embeddings import as_embeddings
from swither.acquisition.kmeans import kmeans
from swither.acquisition.selection import Selection, as_count, require_generator
from swither.arrays import AnyArray, FloatArray, IntArray
from swither.errors import InputError

MOST_CLUSTERS = 500  # beyond that, k-means would take longer than the training
LEAST_WEIGHT = 1e-3  # what a sample without dispersion counts for, so that every mean is of something


def clustered_dispersion(
    label_history: Any, embeddings: Any, count: int, generator: np.random.Generator, *, considered: int = 10
) -> Selection:
    """Of the most dispersed samples, `considered` times as many as asked for, take one from each of `count` clusters.

    The clusters are k-means' on the embeddings, each sample weighing as much as its dispersion; of each is taken the
    sample nearest to its weighted mean, which stands for the others (of equally near ones the more dispersed).
    Clusters are gone round in the order of their most dispersed sample; where there are fewer than `count` (500 at
    most, or copies), they are gone round again.

    Of equally dispersed samples at the cut the earlier rows are considered. Where no sample is dispersed it is plain
    k-means among the first rows. Another count makes other clusters, so a smaller count does not give the first
    part of a larger one's choice.

    Args:
        label_history: predicted labels of the candidates after each epoch: a history, or an (epochs, samples) array
            or tensor of class numbers.
        embeddings: (samples, width) of the candidates, array or tensor.
        count: how many to take, from 0 to samples.
        generator: what k-means begins with is drawn from it.
        considered: how many times `count` of the most dispersed samples are clustered; 1 takes just those.

    Returns:
        The selection. Its diagnostics: the mean ``dispersion`` of the pool, ``dispersion_taken``, ``never_changed``,
        how many were taken that have none, and ``clusters``, how many there are.

    Raises:
        InputError: history or embeddings cannot be used or are not of the same samples, `considered` is no whole
            number of 1 or more, or `count` does not lie between 0 and samples.

    References:
        swither, docs/decisions/0018-dispersion-with-diversity.md (2026); the scheme, with margins in dispersion's
        place, is that of Zhdanov, "Diverse mini-batch Active Learning", arXiv:1901.05954, 2019.

    Example:
        >>> history = [[0, 1, 1, 2, 2], [0, 0, 0, 1, 1]]  # (epochs, samples)
        >>> places = [[0.0], [4.0], [4.1], [9.0], [9.1]]
        >>> clustered_dispersion(history, places, 2, np.random.default_rng(0), considered=2).positions.tolist()
        [1, 3]
    """
    points = as_embeddings("embeddings", embeddings)
    scores = dispersion_of(label_history, points)
    count = as_count(count, len(points))
    require_generator(generator)
    if isinstance(considered, bool) or not isinstance(considered, int) or considered < 1:
        raise InputError(f"Expected considered as a whole number, 1 or more, got {considered!r}.")
    if count == 0:
        return Selection(np.empty(0, dtype=np.int64))
    rows = np.argsort(-scores, kind="stable")[: considered * count]  # the most dispersed first
    weights = np.maximum(scores[rows], LEAST_WEIGHT)
    labels = kmeans(points[rows], min(count, MOST_CLUSTERS), generator, weights=weights)
    turns = _turns(points[rows], labels, weights)
    positions = rows[np.lexsort((labels, turns))[:count]]
    return Selection(positions, {**dispersion_taken(scores, positions), "clusters": int(labels.max()) + 1})


def _turns(points: AnyArray, labels: IntArray, weights: FloatArray) -> IntArray:
    """In which round each point is taken: 0 for the one nearest to its cluster's weighted mean, and so on."""
    turns = np.empty(len(points), dtype=np.int64)
    order = np.argsort(labels, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        mean = np.average(points[members].astype(np.float64), axis=0, weights=weights[members])
        squared = pair_distances(points[members], mean[None])
        # Two of equal weight are equally far from their mean but for rounding: then the more dispersed is first.
        nearest = np.argsort(np.round(squared / (squared.max() or 1.0), 9), kind="stable")
        turns[members[nearest]] = np.arange(len(members))
    return turns
