"""The traversal itself is held to the plain loop in tests/parity; here: how far every point is from its nearest."""

from __future__ import annotations

import numpy as np
import pytest

from swither.acquisition.farthest_first import nearest_squared


@pytest.mark.parametrize("above", [-np.inf, 0.0, 6.0, 1e9])
def test_nearest_distances_are_exact_where_they_are_asked_for(above: float) -> None:
    for seed in range(10):
        draw = np.random.default_rng(seed)
        points = draw.normal(size=(int(draw.integers(1, 300)), 8)).astype(np.float32)
        centres = draw.normal(size=(int(draw.integers(1, 200)), 8)).astype(np.float32)
        plain = np.square(points[:, None].astype(np.float64) - centres).sum(axis=2).min(axis=1)
        found = nearest_squared(points, centres, above=above)
        far = plain > above
        assert (found[far] == plain[far]).all()
        assert (found[~far] >= plain[~far]).all()
        assert (found[~far] <= above).all()


def test_without_centres_all_are_infinitely_far() -> None:
    assert nearest_squared(np.zeros((3, 2)), np.empty((0, 2))).tolist() == [np.inf] * 3
    assert nearest_squared(np.zeros((0, 2)), np.zeros((1, 2))).tolist() == []
