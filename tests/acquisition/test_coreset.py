"""CoreSet against enumeration, and its word against a checker that knows nothing of how it was found."""

from __future__ import annotations

import itertools
import json
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
    centres = np.concatenate([points[list(chosen)], labelled.reshape(-1, points.shape[1])])
    nearest = [float(np.sqrt(np.square(point - centres).sum(axis=1)).min(initial=math.inf)) for point in points]
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


def features(draw: np.random.Generator, samples: int) -> FloatArray:
    """As a trained network's: non-negative, of low rank, ten clusters of unequal spread."""
    means, basis = draw.normal(size=(10, 12)) * 1.5, draw.normal(size=(12, 32))
    spread = draw.gamma(4.0, 0.25, size=(samples, 1))
    latent = means[draw.integers(10, size=samples)] + spread * draw.normal(size=(samples, 12))
    return np.maximum(latent @ basis, 0).astype(np.float32)


def test_a_pool_of_features_is_solved_to_the_proven_optimum() -> None:
    both = features(np.random.default_rng(0), 1100)
    for labelled, count, outliers in ((100, 60, 0), (100, 60, 2), (20, 80, 1)):
        points, centres = both[:1000], both[1000 : 1000 + labelled]
        chosen = coreset(points, centres, count, outliers=(outliers + 0.5) / (1000 + labelled))
        assert chosen.diagnostics["status"] == "optimal"
        assert chosen.diagnostics["radius"] < chosen.diagnostics["greedy_radius"]
        assert_honest(chosen, points, centres, count)


@pytest.mark.parametrize("make", [*KINDS, features])
@pytest.mark.parametrize("labelled", [0, 30])
@pytest.mark.parametrize("nodes", [0, 2000])
def test_any_data_are_answered_honestly_within_the_limits(
    make: Callable[..., FloatArray], labelled: int, nodes: int
) -> None:
    both = make(np.random.default_rng([labelled, nodes]), 100 + labelled)
    points, centres = both[:100], both[100:]
    for count in (1, 9, 50, 99, 100):
        assert_honest(coreset(points, centres, count, nodes=nodes, outliers=0.016), points, centres, count)


@pytest.mark.parametrize("labelled", [0, 3])
def test_as_many_as_there_are_and_none_are_taken(labelled: int) -> None:
    both = plane(np.random.default_rng(0), 12 + labelled)
    everything = coreset(both[:12], both[12:], 12)
    assert sorted(everything.positions.tolist()) == list(range(12))
    assert (everything.diagnostics["radius"], everything.diagnostics["status"]) == (0.0, "optimal")
    assert coreset(both[:12], both[12:], 0).positions.tolist() == []
    assert coreset(np.empty((0, 2)), both[12:], 0).positions.tolist() == []


def test_as_many_outliers_as_are_left_leave_no_radius() -> None:
    points = plane(np.random.default_rng(0), 12)
    for outliers in (0.5, 0.75, 0.99):
        chosen = coreset(points, [], 6, outliers=outliers)
        assert (chosen.diagnostics["radius"], chosen.diagnostics["status"]) == (0.0, "optimal")
        assert chosen.diagnostics["outliers_used"] == 6


@pytest.mark.parametrize(("total", "allowed"), [(9_999, 0), (10_000, 1), (30_000, 3), (50_000, 5), (69_999, 6)])
def test_the_papers_share_of_outliers_is_rounded_down(total: int, allowed: int) -> None:
    line = np.arange(total, dtype=np.float32)[:, None]
    chosen = coreset(line[:50], line[50:], 3)
    assert chosen.diagnostics["outliers_allowed"] == allowed


def test_an_outlier_is_left_aside_and_greedy_runs_into_it() -> None:
    line = [[0.0], [1.0], [2.0], [10.0], [11.0], [12.0], [1000.0]]
    kept = coreset(line, [], 2, outliers=1 / 7)
    assert sorted(kept.positions.tolist()) == [1, 4]
    assert kept.diagnostics["radius"] == 1.0
    assert kept.diagnostics["outliers_used"] == 1
    assert kept.diagnostics["greedy_radius"] > 1.0
    assert coreset(line, [], 2).diagnostics["radius"] == 10.0  # without outliers: one centre out there


def test_the_order_of_rows_changes_nothing() -> None:
    both = features(np.random.default_rng(1), 330)
    points, centres = both[:300], both[300:]
    chosen = coreset(points, centres, 25, outliers=0.01)
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(300)
        again = coreset(points[order], centres[::-1], 25, outliers=0.01)
        assert order[again.positions].tolist() == chosen.positions.tolist()
        assert again.diagnostics == chosen.diagnostics


def test_what_the_limits_leave_out_is_filled_by_the_farthest() -> None:
    """Two far pairs and a budget of four: two centres reach the radius of a pair, the others are not wasted."""
    points = np.array([[0.0], [1.0], [50.0], [51.0], [0.5], [50.5], [0.25]])
    chosen = coreset(points, [], 4)
    assert len(set(chosen.positions.tolist())) == 4
    assert chosen.diagnostics["radius"] == enumerated(points, [], 4, 0)


def test_a_query_that_the_clock_cut_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    both = features(np.random.default_rng(2), 330)
    chosen = coreset(both[:300], both[300:], 25, seconds=1e-9)
    assert chosen.diagnostics["cut_by_clock"] is True
    assert chosen.diagnostics["status"] == "greedy"
    assert chosen.positions.tolist() == kcenter(both[:300], both[300:], 25).positions.tolist()
    assert coreset(both[:300], both[300:], 25).diagnostics["cut_by_clock"] is False


@pytest.mark.parametrize("outliers", [0, 2])
def test_many_copies_make_no_graph_too_dense(outliers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swither.acquisition.radius_graph.MOST_EDGES", 1000)
    draw = np.random.default_rng(0)
    points = draw.normal(size=(6, 3))[draw.integers(0, 5, size=300)]
    points[7] = 9.0
    chosen = coreset(points, [], 3, outliers=(outliers + 0.5) / 300)
    assert chosen.diagnostics["status"] == "optimal"
    distinct = np.repeat(np.unique(points, axis=0), 1 + outliers, axis=0)
    distinct = np.concatenate([distinct[: -1 - outliers], points[[7]]])  # the one that has no copy
    assert chosen.diagnostics["radius"] == pytest.approx(enumerated(distinct, [], 3, outliers))
    assert_honest(chosen, points, [], 3)


def test_a_pool_too_dense_for_its_graph_keeps_to_the_limit_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swither.acquisition.radius_graph.MOST_EDGES", 500)
    points = plane(np.random.default_rng(0), 300)
    chosen = coreset(points, [], 4)
    assert chosen.diagnostics["graph_too_dense"] is True
    assert chosen.diagnostics["status"] in {"greedy", "feasible"}
    assert_honest(chosen, points, [], 4)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"outliers": 1.0}, "below 1, got 1.0"),
        ({"outliers": float("nan")}, "as a share"),
        ({"outliers": True}, "as a share"),
        ({"nodes": 1.5}, "whole number, 0 or more, got 1.5"),
        ({"seconds": 0}, "above 0, got 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused_in_words(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        coreset([[0.0], [1.0]], [], 1, **settings)


def test_diagnostics_are_json_values() -> None:
    points = plane(np.random.default_rng(0), 20)
    for count in (3, 20):
        assert json.loads(json.dumps(coreset(points, [], count).diagnostics)) == coreset(points, [], count).diagnostics
