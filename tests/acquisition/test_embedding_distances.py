from __future__ import annotations

import numpy as np
import pytest

from swither.acquisition.embedding_distances import EmbeddingDistances


@pytest.mark.parametrize("scale", [1e-100, 1.0, 1e100])
def test_distances_are_squared_euclidean_ones_at_any_scale(scale: float) -> None:
    points = np.random.default_rng(0).normal(size=(30, 5)) * scale + 3 * scale
    distances = EmbeddingDistances(points)
    got = distances.distances(np.arange(30), np.arange(5, 20))
    expected = np.square((points[:, None] - points[None, 5:20]) / scale).sum(axis=2)
    unit = np.median(got[expected > 0] / expected[expected > 0])
    np.testing.assert_allclose(got / unit, expected, rtol=1e-9, atol=1e-9)
    assert unit == pytest.approx(distances.scale_squared * scale**2, rel=1e-9)


def test_copies_are_at_distance_0() -> None:
    points = np.random.default_rng(1).normal(size=(50, 300)).astype(np.float32) + 100
    distances = EmbeddingDistances(np.tile(points, (2, 1)))
    between = distances.distances(np.arange(50), np.arange(50, 100))
    assert (np.diag(between) == 0).all()
    assert (between + np.eye(50) > 0).all()
