from __future__ import annotations

import math

import numpy as np
import pytest

from swither.errors import InputError
from swither.statistics import selections
from swither.statistics.selections import effective_classes, mean_distance_to_nearest, overlap


@pytest.mark.parametrize("seed", range(20))
def test_overlap_is_what_counting_gives_whatever_the_order(seed: int) -> None:
    generator = np.random.default_rng(seed)
    samples = int(generator.integers(5, 50))
    one, other = (generator.permutation(samples)[: generator.integers(1, samples + 1)] for _ in range(2))
    common = sum(1 for sample in one if sample in other.tolist())
    found = overlap(one, other, samples)
    assert found.share == common / min(len(one), len(other))
    assert found == overlap(other[::-1], one, samples)
    assert overlap(one, one, samples).share == 1.0


def test_chance_is_what_random_draws_share_in_the_mean() -> None:
    generator = np.random.default_rng(0)
    shares = [overlap(*(generator.permutation(40)[:10] for _ in range(2)), 40) for _ in range(2000)]
    assert shares[0].by_chance == 0.25
    assert np.mean([found.share for found in shares]) == pytest.approx(0.25, abs=0.01)


def test_ids_may_be_text() -> None:
    assert overlap(["a", "b"], ("b", "c"), samples=4).share == 0.5


@pytest.mark.parametrize("one", [[], [1, 1], [1, 2, 3, 4]])
def test_a_choice_that_is_none_is_refused(one: list[int]) -> None:
    with pytest.raises(InputError, match="1 to 3 distinct samples"):
        overlap(one, [1], samples=3)


def test_equal_classes_count_whole_and_rare_ones_little() -> None:
    assert effective_classes([7, 7, 7, 7]) == pytest.approx(4)
    assert effective_classes([0, 9]) == 1.0
    assert 1 < effective_classes([99, 1]) < 1.1
    assert effective_classes([1, 2]) == effective_classes([20, 10])


@pytest.mark.parametrize("counts", [[], [0, 0], [-1, 2], [[1]]])
def test_counts_that_are_none_are_refused(counts: list[object]) -> None:
    with pytest.raises(InputError):
        effective_classes(np.array(counts, dtype=np.int64))


def slowly(points: np.ndarray, others: np.ndarray | None) -> float:
    """Every pair on its own."""
    nearest = []
    for number, point in enumerate(points):
        to = others if others is not None else np.delete(points, number, axis=0)
        nearest.append(min(math.dist(point, other) for other in to))
    return sum(nearest) / len(nearest)


@pytest.mark.parametrize("block", [1, 7, 1 << 22])
@pytest.mark.parametrize("seed", range(6))
def test_distances_to_the_nearest_are_those_of_every_pair(
    seed: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "_BLOCK", block)
    generator = np.random.default_rng(seed)
    points = generator.normal(100 * seed, 1, (int(generator.integers(2, 30)), 5)).astype(np.float32)
    others = generator.normal(100 * seed, 1, (int(generator.integers(1, 30)), 5)).astype(np.float32)
    points[0] = points[-1]  # copies lie at no distance
    assert mean_distance_to_nearest(points) == pytest.approx(slowly(points, None), abs=1e-5)
    assert mean_distance_to_nearest(points, others) == pytest.approx(slowly(points, others), abs=1e-5)


def test_one_point_alone_has_no_nearest() -> None:
    assert math.isnan(mean_distance_to_nearest([[1.0, 2.0]]))
    assert math.isnan(mean_distance_to_nearest([[1.0, 2.0]], np.empty((0, 2))))


def test_tables_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="others of shape"):
        mean_distance_to_nearest([[1.0, 2.0]], [[1.0]])
    with pytest.raises(InputError, match="at least one point"):
        mean_distance_to_nearest(np.empty((0, 2)))
