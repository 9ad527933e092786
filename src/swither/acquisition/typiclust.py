"""TypiClust: the most typical sample of each cluster that has the fewest labels; for the smallest budgets."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.acquisition.embedding_distances import EmbeddingDistances
from swither.acquisition.embeddings import as_embeddings
from swither.acquisition.kmeans import kmeans
from swither.acquisition.selection import Selection, as_count, require_generator
from swither.arrays import FloatArray, IntArray
from swither.errors import InputError

LEAST_SIZE = 5  # a smaller cluster is taken for outliers
ELEMENTS_AT_ONCE = 1 << 20


def typiclust(
    embeddings: Any,
    labelled_embeddings: Any,
    count: int,
    generator: np.random.Generator,
    *,
    clusters: int = 500,
    neighbours: int = 20,
) -> Selection:
    """Take the most typical candidate of each cluster, beginning with large clusters that have no label yet.

    Labelled samples and candidates together are parted by k-means into labelled + `count` clusters, at most
    `clusters`. Clusters of fewer than 5 are left out. The others are gone round, in the order of fewest labelled
    samples, then of size, then of their first candidate; each gives its most typical candidate: the one with the
    smallest mean distance to its nearest neighbours, `neighbours` of them or half of the cluster's candidates that
    are left, whichever is less. They are gone round again until `count` are taken; when none has a candidate left,
    so are the small ones. Equally typical candidates are taken in the order of rows.

    Another count makes other clusters, so a smaller count does not give the first part of a larger one's choice.

    It sees arrays only, so it cannot tell embeddings worth clustering (a pretrained network's, or one that has
    learned from labels) from an untrained network's, whose clusters mean nothing. Whoever calls it must.

    Args:
        embeddings: (samples, width) of the candidates, array or tensor.
        labelled_embeddings: (labelled, width) of the labelled samples; may have no row.
        count: how many to take, from 0 to samples.
        generator: what k-means begins with is drawn from it.
        clusters: how many there are at most; the authors' number.
        neighbours: how many at most make a candidate typical; the authors' number.

    Returns:
        The selection. Its diagnostics: ``clusters``, how many there are; ``without_labels``, how many of them had no
        label; ``small``, how many had fewer than 5 samples; ``taken_from_small``, how many were taken from those.

    Raises:
        InputError: the embeddings differ in width or are not finite, a setting is no whole number of 1 or more, or
            `count` does not lie between 0 and samples.

    References:
        Hacohen, Dekel and Weinshall, "Active Learning on a Budget: Opposite Strategies Suit High and Low Budgets",
        ICML 2022, section 3.

    Example:
        >>> pool = [[0.0], [0.1], [0.2], [0.3], [0.4], [9.0], [9.3], [9.5], [9.6], [9.9]]
        >>> typiclust(pool, [[0.2]], 1, np.random.default_rng(0)).positions.tolist()
        [7]
    """
    points = as_embeddings("embeddings", embeddings)
    labelled = as_embeddings("labelled_embeddings", labelled_embeddings, width=points.shape[1])
    count = as_count(count, len(points))
    require_generator(generator)
    for name, value in (("clusters", clusters), ("neighbours", neighbours)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InputError(f"Expected {name} as a whole number, 1 or more, got {value!r}.")
    if count == 0:
        return Selection(np.empty(0, dtype=np.int64))
    wanted = min(len(labelled) + count, clusters)
    found = _clusters(kmeans(np.concatenate([points, labelled]), wanted, generator), len(points))
    large = [cluster for cluster in found if cluster.size >= LEAST_SIZE]
    small = [cluster for cluster in found if cluster.size < LEAST_SIZE]
    distances = EmbeddingDistances(points)
    chosen: list[int] = []
    for cluster in chain(_rounds(large), _rounds(small)):
        if len(chosen) == count:
            break
        best = int(_mean_distances(distances, cluster.candidates, neighbours).argmin())
        chosen.append(int(cluster.candidates[best]))
        cluster.candidates = np.delete(cluster.candidates, best)
    ours = {int(row) for cluster in small for row in cluster.all_candidates}
    return Selection(
        np.array(chosen, dtype=np.int64),
        {
            "clusters": len(found),
            "without_labels": sum(cluster.labels == 0 for cluster in found),
            "small": len(small),
            "taken_from_small": len(ours.intersection(chosen)),
        },
    )


@dataclass
class _Cluster:
    """Rows of the candidates in it that are not taken, of all its candidates, and how many labelled it has."""

    candidates: IntArray
    all_candidates: IntArray
    labels: int

    @property
    def size(self) -> int:
        return len(self.all_candidates) + self.labels


def _clusters(labels: IntArray, samples: int) -> list[_Cluster]:
    """The clusters in the order in which they are gone round; rows from `samples` on are labelled."""
    order = np.argsort(labels, kind="stable")
    found = []
    for rows in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        candidates = rows[rows < samples]
        found.append(_Cluster(candidates, candidates, len(rows) - len(candidates)))
    return sorted(found, key=lambda cluster: (cluster.labels, -cluster.size))  # stable: then by the first row


def _rounds(clusters: list[_Cluster]) -> Any:
    """The clusters again and again, each for as long as it has a candidate."""
    while clusters := [cluster for cluster in clusters if len(cluster.candidates)]:
        yield from clusters


def _mean_distances(distances: EmbeddingDistances, rows: IntArray, neighbours: int) -> FloatArray:
    """The mean distance of each row to its nearest neighbours among the rows, itself left out: (rows,)."""
    near = min(neighbours, len(rows) // 2)
    means = np.zeros(len(rows))
    if near == 0:
        return means
    for block in row_blocks(len(rows), len(rows), ELEMENTS_AT_ONCE):
        squared = distances.distances(rows[block], rows)  # (block, rows)
        squared[np.arange(len(squared)), np.arange(block.start, block.stop)] = np.inf
        squared.partition(near - 1, axis=1)
        means[block] = np.sqrt(np.sort(squared[:, :near], axis=1)).mean(axis=1)
    return means
