from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from swither.acquisition import distance_sampling
from swither.acquisition.badge import badge
from swither.acquisition.distance_sampling import sample_by_distance
from swither.acquisition.embedding_distances import EmbeddingDistances
from swither.acquisition.gradient_distances import GradientDistances
from swither.arrays import AnyArray, FloatArray

DRAWS = 4000


def outer_products(probabilities: FloatArray, embeddings: FloatArray) -> FloatArray:
    """(samples, classes x width) gradients, made in full."""
    residuals = probabilities - np.eye(probabilities.shape[1])[probabilities.argmax(axis=1)]
    return np.einsum("nc,nd->ncd", residuals, embeddings).reshape(len(embeddings), -1)


def chances(points: FloatArray, count: int, first: int | None, weights: FloatArray) -> dict[tuple[int, ...], float]:
    """The probability of every ordered draw by the definition of k-means++."""

    def chance(draw: tuple[int, ...]) -> float:
        product = 1.0
        for step, row in enumerate(draw):
            if step == 0 and first is not None:
                mass = np.arange(len(points)) == first
            elif step == 0:
                mass = weights
            else:
                centres = points[list(draw[:step])]
                mass = weights * np.square(points[:, None] - centres[None]).sum(axis=2).min(axis=1)
            product *= mass[row] / mass.sum()
        return product

    return {draw: chance(draw) for draw in permutations(range(len(points)), count)}


def require_same_distribution(drawn: Counter[tuple[int, ...]], expected: dict[tuple[int, ...], float]) -> None:
    assert sum(expected.values()) == pytest.approx(1)
    assert not [draw for draw in drawn if expected[draw] == 0]
    total = sum(drawn.values())
    common = [draw for draw, chance in expected.items() if chance * total >= 5]
    rare = [draw for draw in expected if draw not in set(common)]
    seen = [drawn[draw] for draw in common] + [sum(drawn[draw] for draw in rare)]
    wanted = [expected[draw] * total for draw in common] + [sum(expected[draw] for draw in rare) * total]
    if wanted[-1] < 5:
        seen, wanted = [*seen[:-2], sum(seen[-2:])], [*wanted[:-2], sum(wanted[-2:])]
    assert stats.chisquare(seen, wanted).pvalue > 1e-3


@pytest.fixture(params=[(1, False), (2, True), (256, False)], ids=str)
def laziness(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Candidates in a block, and whether every bound is lowered at every block by the float32 ceilings."""
    candidates, lower = request.param
    monkeypatch.setattr(distance_sampling, "CANDIDATES", candidates)
    if lower:
        advance = distance_sampling._Drawing.advance

        def lower_first(drawing: Any) -> None:
            drawing.wasted = 10**9
            advance(drawing)

        monkeypatch.setattr(distance_sampling._Drawing, "advance", lower_first)


@pytest.mark.usefixtures("laziness")
@pytest.mark.parametrize("first", ["largest", "uniform"])
def test_badge_is_distributed_as_plain_kmeans_plus_plus_on_the_full_gradients(first: Any) -> None:
    make = np.random.default_rng(1)
    probabilities, embeddings = make.dirichlet([0.5, 0.5, 0.5], 6), make.normal(size=(6, 2)) + 1
    full = outer_products(probabilities, embeddings)
    start = int(np.square(full).sum(axis=1).argmax()) if first == "largest" else None
    expected = chances(full, 3, start, np.ones(6))
    draw = np.random.default_rng(2)
    drawn = Counter(
        tuple(badge(probabilities, embeddings, 3, draw, first=first).positions.tolist()) for _ in range(DRAWS)
    )
    require_same_distribution(drawn, expected)


@pytest.mark.usefixtures("laziness")
def test_weights_multiply_squared_distances_and_nothing_else() -> None:
    make = np.random.default_rng(3)
    points, weights = make.normal(size=(6, 2)), np.array([0.0, 0.1, 0.5, 0.5, 0.9, 0.3])
    expected = chances(points, 3, None, weights)
    draw, distances = np.random.default_rng(4), EmbeddingDistances(points)
    drawn = Counter(tuple(sample_by_distance(distances, 3, draw, weights=weights).tolist()) for _ in range(DRAWS))
    require_same_distribution(drawn, expected)


def test_a_draw_of_many_points_leaves_the_distances_that_plain_kmeans_plus_plus_leaves() -> None:
    """Tight clusters, so that most candidates are rejected and every bound must be lowered again and again."""
    make = np.random.default_rng(5)
    centres = make.normal(size=(20, 4)) * make.gamma(2, 1, size=(20, 1))
    points = centres[make.integers(20, size=400)] + 0.02 * make.normal(size=(400, 4))

    def plain(draw: np.random.Generator) -> list[int]:
        rows = [int(draw.integers(len(points)))]
        nearest = np.square(points - points[rows[0]]).sum(axis=1)
        while len(rows) < 15:
            rows.append(int(draw.choice(len(points), p=nearest / nearest.sum())))
            nearest = np.minimum(nearest, np.square(points - points[rows[-1]]).sum(axis=1))
        return rows

    def left(rows: Any) -> float:
        return float(np.square(points[:, None] - points[rows][None]).sum(axis=2).min(axis=1).sum())

    distances, draw = EmbeddingDistances(points), np.random.default_rng(6)
    ours = [left(sample_by_distance(distances, 15, draw)) for _ in range(600)]
    plainly = [left(plain(draw)) for _ in range(600)]
    assert stats.ks_2samp(ours, plainly).pvalue > 1e-3


@pytest.mark.parametrize("points", [np.zeros((7, 3)), np.full((7, 2), 1e4)])
def test_points_that_are_all_alike_follow_in_the_order_of_rows(points: FloatArray) -> None:
    drawn = sample_by_distance(EmbeddingDistances(points), 7, np.random.default_rng(0), first=4)
    assert drawn.tolist() == [4, 0, 1, 2, 3, 5, 6]


def test_a_copy_of_a_drawn_point_waits_for_everything_else() -> None:
    make = np.random.default_rng(7)
    points = np.repeat(make.normal(size=(30, 40)).astype(np.float32) * 1e3 + 7, 3, axis=0)
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(90)
        drawn = sample_by_distance(EmbeddingDistances(points[order]), 90, np.random.default_rng(seed))
        assert len({*(order[drawn[:30]] // 3)}) == 30
        assert drawn[30:].tolist() == sorted(drawn[30:].tolist())
        assert sorted(drawn.tolist()) == list(range(90))


def test_points_without_weight_follow_those_with_one_by_distance_alone() -> None:
    points = np.random.default_rng(8).normal(size=(40, 3))
    weights = np.where(np.arange(40) < 10, 0.5, 0.0)
    distances = EmbeddingDistances(points)
    drawn = sample_by_distance(distances, 40, np.random.default_rng(0), weights=weights)
    assert sorted(drawn[:10].tolist()) == list(range(10))
    assert drawn[10:].tolist() != sorted(drawn[10:].tolist())
    unweighted = sample_by_distance(distances, 40, np.random.default_rng(0))
    nothing = sample_by_distance(distances, 40, np.random.default_rng(0), weights=np.zeros(40))
    assert nothing.tolist() == unweighted.tolist()


def test_a_smaller_count_gives_the_start_of_a_larger_draw() -> None:
    distances = EmbeddingDistances(np.random.default_rng(9).normal(size=(700, 5)))
    longest = sample_by_distance(distances, 600, np.random.default_rng(3))
    for count in (0, 1, 2, 255, 257, 599):
        assert sample_by_distance(distances, count, np.random.default_rng(3)).tolist() == longest[:count].tolist()


def features(draw: np.random.Generator) -> AnyArray:
    return np.maximum(draw.normal(size=(150, 12)), 0).astype(np.float32)


def far_from_zero(draw: np.random.Generator) -> AnyArray:
    return 1e3 + 1e-3 * draw.normal(size=(150, 12))


def any_scale(draw: np.random.Generator) -> AnyArray:
    return draw.normal(size=(150, 12)) * 10.0 ** draw.integers(-60, 60)


def whole_numbers(draw: np.random.Generator) -> AnyArray:
    return draw.integers(-3, 4, size=(150, 5)).astype(np.int8)


def half(draw: np.random.Generator) -> AnyArray:
    return (draw.normal(size=(150, 9)) * 1000).astype(np.float16)


@pytest.mark.parametrize("make", [features, far_from_zero, any_scale, whole_numbers, half])
def test_no_distance_exceeds_its_ceiling(make: Callable[[np.random.Generator], AnyArray]) -> None:
    for seed in range(10):
        draw = np.random.default_rng(seed)
        embeddings = make(draw)
        probabilities = draw.dirichlet(np.full(4, 0.1), 150)
        rows, others = np.arange(20, 150), draw.integers(150, size=60)
        for points in (EmbeddingDistances(embeddings), GradientDistances(probabilities, embeddings)):
            with np.errstate(all="raise", under="ignore"):
                exact = points.distances(rows, others)
                assert (points.ceilings(slice(20, 150), others).astype(np.float64) >= exact).all()
