from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from swither.acquisition import radius_graph, radius_search
from swither.acquisition.cover_solver import Answer, answer
from swither.acquisition.radius_graph import RadiusGraph
from swither.acquisition.radius_search import Found, RadiusSearch
from swither.arrays import FloatArray


def made(seed: int) -> FloatArray:
    return np.random.default_rng(seed).random((80, 2))


def search(points: FloatArray, budget: int = 8, outliers: int = 1, nodes: int = 1000, seconds: float = 60.0) -> Found:
    """From an incumbent that is far too large."""
    deadline = time.monotonic() + seconds
    own = np.full(len(points), np.inf)
    graph = RadiusGraph(points, own, float(np.nextafter(2.0, 0)), deadline)
    return RadiusSearch(graph, Found(2.0, 0.0), budget=budget, outliers=outliers, nodes=nodes, deadline=deadline).run()


def smallest(points: FloatArray, budget: int = 8, outliers: int = 1) -> float:
    """By plain bisection over all distances."""
    between = np.square(points[:, None] - points).sum(axis=2)
    radii = np.unique(between)
    low, high = 0, len(radii) - 1
    while low < high:
        middle = (low + high) // 2
        matrix = sparse.csr_array((between <= radii[middle]).astype(int))
        verdict = answer(matrix, budget, outliers, nodes=100_000, seconds=60.0).verdict
        low, high = (low, middle) if verdict == "yes" else (middle + 1, high)
    return float(radii[low])


def test_the_search_ends_at_the_smallest_radius_and_proves_it() -> None:
    for seed in range(4):
        found = search(made(seed))
        assert found.radius == found.bound
        assert found.radius == pytest.approx(smallest(made(seed)), rel=1e-12)
        assert not found.open
        assert not found.too_dense
        verdicts: dict[str, list[float]] = {"yes": [], "no": []}
        for radius, verdict in found.tried:
            verdicts[verdict].append(radius)
        assert max(verdicts["no"]) < found.radius <= min(verdicts["yes"])


@pytest.mark.parametrize("hesitates", [0.3, 0.7, 1.0])
def test_radii_that_stay_open_prove_nothing(hesitates: float, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(6):
        draw, points = np.random.default_rng(seed), made(seed)

        def unsure(*arguments: Any, draw: np.random.Generator = draw, **limits: Any) -> Answer:
            said = answer(*arguments, **limits)
            return Answer("open", said.columns[:0]) if draw.random() < hesitates else said

        monkeypatch.setattr(radius_search, "answer", unsure)
        found = search(points)
        monkeypatch.setattr(radius_search, "answer", answer)
        assert found.bound <= smallest(points) * (1 + 1e-12)
        assert smallest(points) <= found.radius * (1 + 1e-12)
        assert bool(found.open) == (found.bound < found.radius)
        assert hesitates < 1 or found.centres is None


def test_a_graph_that_is_too_dense_leaves_the_bound_honest(monkeypatch: pytest.MonkeyPatch) -> None:
    for most in (100, 400, 800, 1600):
        monkeypatch.setattr(radius_graph, "MOST_EDGES", most)
        found = search(made(0))
        assert found.bound <= smallest(made(0)) <= found.radius
        assert found.too_dense == (found.bound < found.radius)


def test_time_that_is_over_is_said() -> None:
    found = search(made(0), seconds=-1.0)
    assert found.clock_cut
    assert (found.radius, found.bound, found.centres) == (2.0, 0.0, None)
