from __future__ import annotations

import numpy as np
import pytest

from swither.acquisition.distances import Frame, pair_distances, round_up


@pytest.mark.parametrize("width", [1, 7, 64, 700])
@pytest.mark.parametrize("offset", [0.0, 1e3])
@pytest.mark.parametrize("exponent", [-100, 0, 100])
def test_bounds_hold_the_exact_distance_between_them(width: int, offset: float, exponent: int) -> None:
    draw = np.random.default_rng([width, int(offset)])
    sizes = 10.0 ** draw.uniform(-6, 0, size=(90, 1))
    points = (offset + sizes * draw.normal(size=(90, width))) * 10.0**exponent
    points[50:60] = points[40:50]  # copies
    frame = Frame.of(points[:50], points[50:])
    near, far = frame.place(points[:50]), frame.place(points[50:])
    exact = np.stack([pair_distances(points[:50], c[None]) for c in points[50:]], axis=1) * frame.scale**2
    assert (near.lower_bounds(far) <= exact).all()
    assert (near.upper_bounds(far) >= exact).all()
    assert exact.max() <= 4.0 + 1e-9, "norms are at most 1 in the frame"


def test_bounds_of_ordinary_features_are_tight() -> None:
    points = np.maximum(np.random.default_rng(0).normal(size=(60, 512)), 0).astype(np.float32)
    frame = Frame.of(points)
    placed = frame.place(points)
    assert (placed.upper_bounds(placed) - placed.lower_bounds(placed)).max() < 5e-4


def test_a_pair_has_one_distance_whatever_it_is_computed_with() -> None:
    points = np.random.default_rng(0).normal(size=(300, 513)).astype(np.float32)
    others = np.random.default_rng(1).normal(size=(300, 513)).astype(np.float32)
    together = pair_distances(points, others)
    alone = [pair_distances(points[i : i + 1], others[i : i + 1])[0] for i in range(300)]
    swapped = pair_distances(others, points)
    assert together.tolist() == alone == swapped.tolist()
    assert pair_distances(points, points).tolist() == [0.0] * 300


def test_rounding_up_never_rounds_down() -> None:
    values = np.concatenate([np.random.default_rng(0).random(1000), [0.0, -np.inf, np.inf]])
    assert (round_up(values)[:-2].astype(np.float64) >= values[:-2]).all()
    assert round_up(values)[-1] == np.inf
