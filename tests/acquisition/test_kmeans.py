from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans

from swither.acquisition import kmeans as module
from swither.acquisition.distance_sampling import sample_by_distance
from swither.acquisition.embedding_distances import EmbeddingDistances
from swither.acquisition.kmeans import kmeans
from swither.arrays import FloatArray, IntArray


def inertia(points: FloatArray, labels: IntArray) -> float:
    """The sum of squared distances to the cluster's mean."""
    return sum(
        float(np.square(points[labels == cluster] - points[labels == cluster].mean(axis=0)).sum())
        for cluster in range(labels.max() + 1)
    )


@pytest.mark.parametrize("seed", range(4))
def test_rounds_from_the_same_draw_end_where_another_implementation_ends(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SETTLED", 0)
    draw = np.random.default_rng(seed)
    points = draw.normal(size=(15, 6))[draw.integers(15, size=500)] + 0.5 * draw.normal(size=(500, 6))
    start = points[sample_by_distance(EmbeddingDistances(points), 12, np.random.default_rng(seed))]
    other = KMeans(12, init=start, n_init=1, tol=0, algorithm="lloyd").fit(points)
    ours = kmeans(points, 12, np.random.default_rng(seed))
    pairs = {*zip(ours.tolist(), other.labels_.tolist(), strict=True)}
    assert len(pairs) == 12, "the same clusters, whatever their numbers"
    assert inertia(points, ours) == pytest.approx(other.inertia_)


def test_clusters_are_numbered_by_their_first_point_without_gaps() -> None:
    labels = kmeans(np.random.default_rng(0).normal(size=(200, 3)), 30, np.random.default_rng(0))
    _, first = np.unique(labels, return_index=True)
    assert len(first) == 30
    assert (np.diff(first) > 0).all()


def test_copies_make_fewer_clusters_and_each_point_may_be_its_own() -> None:
    points = np.repeat(np.random.default_rng(0).normal(size=(4, 3)), 5, axis=0)
    assert kmeans(points, 9, np.random.default_rng(0)).tolist() == np.repeat(np.arange(4), 5).tolist()
    assert kmeans(np.zeros((3, 2)), 3, np.random.default_rng(0)).tolist() == [0, 0, 0]
    assert kmeans(points[::5], 4, np.random.default_rng(0)).tolist() == [0, 1, 2, 3]


def test_a_mean_that_lost_its_points_moves_to_the_farthest_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "sample_by_distance", lambda *_, **__: np.array([0, 1, 1]))
    points = np.array([[0.0], [10.0], [10.1], [30.0]])
    assert kmeans(points, 3, np.random.default_rng(0)).tolist() == [0, 1, 1, 2]


def test_one_cluster_holds_everything() -> None:
    assert kmeans(np.random.default_rng(0).normal(size=(20, 2)), 1, np.random.default_rng(0)).tolist() == [0] * 20


def test_weights_draw_the_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETTLED", 0)
    draw = np.random.default_rng(0)
    points = draw.normal(size=(6, 2))[draw.integers(6, size=300)] * 4 + draw.normal(size=(300, 2))
    weights = draw.random(300) + 0.01
    start = sample_by_distance(EmbeddingDistances(points), 6, np.random.default_rng(1), weights=weights)
    other = KMeans(6, init=points[start], n_init=1, tol=0, algorithm="lloyd").fit(points, sample_weight=weights)
    ours = kmeans(points, 6, np.random.default_rng(1), weights=weights)
    pairs = {*zip(ours.tolist(), other.labels_.tolist(), strict=True)}
    assert len(pairs) == 6
