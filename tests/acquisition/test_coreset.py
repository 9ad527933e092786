"""CoreSet against enumeration, and its word against a checker that knows nothing of how it was found."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from swither.acquisition import Selection, coreset, kcenter
from swither.arrays import FloatArray
from swither.errors import InputError


def radius_left(points: Any, labelled: Any, chosen: Any, outliers: int) -> float:
    """What a stranger computes from positions alone: the largest distance to a centre, but for so many outliers."""
    points, labelled = np.asarray(points, dtype=np.float64), np.asarray(labelled, dtype=np.float64)
    nearest = []
    for point in points:
        distances = [math.sqrt(float(np.square(point - centre).sum())) for centre in points[list(chosen)]]
        distances += [math.sqrt(float(np.square(point - centre).sum())) for centre in labelled]
        nearest.append(min(distances, default=math.inf))
    return sorted([0.0] * (outliers + 1) + nearest)[-1 - outliers]


def enumerated(points: Any, labelled: Any, count: int, outliers: int) -> float:
    """The smallest radius that any choice leaves, over all choices."""
    points, labelled = np.asarray(points, dtype=np.float64), np.asarray(labelled, dtype=np.float64)
    between = np.sqrt(np.square(points[:, None] - points).sum(axis=2))
    own = np.full(len(points), np.inf)
    if len(labelled):
        own = np.sqrt(np.square(points[:, None] - labelled).sum(axis=2)).min(axis=1)
    best = math.inf
    for chosen in itertools.combinations(range(len(points)), count):
        nearest = np.minimum(own, between[:, chosen].min(axis=1, initial=np.inf))
        best = min(best, float(np.sort(np.concatenate([np.zeros(outliers + 1), nearest]))[-1 - outliers]))
    return best


def gaussian(draw: np.random.Generator, samples: int) -> FloatArray:
    return draw.normal(size=(samples, 8)).astype(np.float32)


def plane(draw: np.random.Generator, samples: int) -> FloatArray:
    return draw.random(size=(samples, 2))


def lattice(draw: np.random.Generator, samples: int) -> FloatArray:
    """Whole numbers: equal distances everywhere, and copies."""
    return draw.integers(0, 4, size=(samples, 2)).astype(np.float32)


def copies(draw: np.random.Generator, samples: int) -> FloatArray:
    return draw.normal(size=(5, 3))[draw.integers(0, 5, size=samples)]


def one_cluster_and_strays(draw: np.random.Generator, samples: int) -> FloatArray:
    points = draw.normal(size=(samples, 3)) * 0.1
    points[:3] += draw.normal(size=(3, 3)) * 10
    return draw.permutation(points)


KINDS = [gaussian, plane, lattice, copies, one_cluster_and_strays]


@pytest.mark.parametrize("labelled", [0, 4])
@pytest.mark.parametrize("outliers", [0, 1, 2, 3])
@pytest.mark.parametrize("make", KINDS)
def test_the_radius_is_the_smallest_over_all_choices(
    make: Callable[..., FloatArray], outliers: int, labelled: int
) -> None:
    for seed in range(4):
        draw = np.random.default_rng([seed, outliers, labelled, KINDS.index(make)])
        samples, count = int(draw.integers(6, 13)), int(draw.integers(1, 5))
        both = make(draw, samples + labelled)
        points, centres = both[:samples], both[samples:]
        chosen = coreset(points, centres, count, outliers=outliers / len(both))
        said = chosen.diagnostics
        assert said["status"] == "optimal"
        assert said["outliers_allowed"] == outliers
        assert said["radius"] == pytest.approx(enumerated(points, centres, count, outliers), rel=1e-12, abs=1e-12)
        assert_honest(chosen, points, centres, count)


def assert_honest(chosen: Selection, points: Any, labelled: Any, count: int) -> None:
    """The diagnostics are what a stranger finds."""
    said, outliers = chosen.diagnostics, chosen.diagnostics["outliers_allowed"]
    assert len(set(chosen.positions.tolist())) == count
    assert said["radius"] == pytest.approx(radius_left(points, labelled, chosen.positions, outliers), abs=1e-12)
    greedy = kcenter(points, labelled, count).positions
    assert said["greedy_radius"] == pytest.approx(radius_left(points, labelled, greedy, outliers), abs=1e-12)
    assert said["lower_bound"] <= said["radius"] <= said["greedy_radius"]
    assert (said["status"] == "optimal") == (said["lower_bound"] == said["radius"])
    assert (said["status"] == "greedy") == (said["lower_bound"] < said["radius"] == said["greedy_radius"])
    assert 0 <= said["outliers_used"] <= outliers
