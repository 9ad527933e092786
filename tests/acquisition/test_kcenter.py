from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from swither.acquisition import kcenter
from swither.errors import InputError


def test_copies_of_a_labelled_or_chosen_point_come_last_and_in_row_order() -> None:
    points = np.array([[0.0], [5.0], [5.0], [0.0], [3.0], [5.0]])
    assert kcenter(points, [[0.0]], 6).positions.tolist() == [1, 4, 0, 2, 3, 5]


def test_equally_far_points_are_taken_in_row_order() -> None:
    points = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    assert kcenter(points, [[0.0, 0.0]], 4).positions.tolist() == [0, 1, 2, 3]
    assert kcenter(points, [[3.0, 0.0]], 4).positions.tolist() == [2, 0, 1, 3]


def test_a_cold_start_takes_the_point_nearest_to_the_mean_in_any_order() -> None:
    points = np.random.default_rng(0).normal(size=(50, 3))
    nearest = int(np.square(points - points.mean(axis=0)).sum(axis=1).argmin())
    for order in (np.arange(50), np.random.default_rng(1).permutation(50)):
        for nothing in (np.empty((0, 3)), np.empty(0), []):
            assert order[kcenter(points[order], nothing, 1).positions[0]] == nearest


def test_diagnostics_hold_distances_and_the_radius_that_is_left() -> None:
    points = np.random.default_rng(0).normal(size=(80, 4))
    chosen = kcenter(points[:70], points[70:], 20)
    centres = np.concatenate([points[70:], points[:70][chosen.positions]])
    left = np.linalg.norm(points[:70, None] - centres[None], axis=2).min(axis=1).max()
    assert chosen.diagnostics["radius"] == pytest.approx(left)
    assert chosen.diagnostics["first_distance"] >= chosen.diagnostics["last_distance"] >= left
    everything = kcenter(points, [], 80)
    assert everything.diagnostics["radius"] == 0.0
    assert everything.diagnostics["first_distance"] is None


def test_one_candidate_is_taken() -> None:
    assert kcenter([[2.0, 1.0]], [], 1).positions.tolist() == [0]
    assert kcenter([[2.0, 1.0]], [[0.0, 0.0]], 1).positions.tolist() == [0]
    assert kcenter(np.empty((0, 2)), [[0.0, 0.0]], 0).positions.tolist() == []


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int8, np.uint8])
def test_types_of_numbers_do_not_change_the_choice(kind: Any) -> None:
    points = np.random.default_rng(0).integers(0, 100, size=(60, 3))
    expected = kcenter(points[:50].astype(np.float64), points[50:].astype(np.float64), 20).positions.tolist()
    assert kcenter(points[:50].astype(kind), points[50:].astype(kind), 20).positions.tolist() == expected
    assert kcenter(np.asfortranarray(points[:50].astype(kind)), points[50:], 20).positions.tolist() == expected


@pytest.mark.parametrize(
    ("points", "labelled", "says"),
    [
        ([[np.nan, 0.0]], [[0.0, 0.0]], "finite embeddings"),
        ([[0.0, 0.0]], [[0.0, np.inf]], "finite labelled_embeddings"),
        ([[1e200, 0.0]], [[0.0, 0.0]], "row 0 is not"),
        ([[0.0, 0.0]], [[0.0]], "of width 2"),
        ([0.0, 1.0], [[0.0]], r"\(samples, width\)"),
        ([["a"]], [], "real numbers"),
    ],
)
def test_what_is_no_embedding_is_refused_in_words(points: Any, labelled: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        kcenter(points, labelled, 1)


def test_the_ceiling_of_memory_cannot_be_taken_for_another_argument() -> None:
    with pytest.raises(TypeError, match="positional"):
        kcenter(np.eye(3), np.eye(1, 3), 1, None, 1 << 30)  # type: ignore[call-arg]


@pytest.mark.parametrize("memory", ["1GB", float("nan"), float("inf"), 0, -1, True, [1 << 30]])
@pytest.mark.parametrize("count", [0, 1])
def test_a_ceiling_that_is_no_number_of_bytes_is_refused_in_words(memory: Any, count: int) -> None:
    with pytest.raises(InputError, match="memory as a number of bytes above 0"):
        kcenter(np.eye(3), np.eye(1, 3), count, memory=memory)


@pytest.mark.parametrize("memory", [1e9, np.int64(10**9), np.float32(1e9)])
def test_a_ceiling_may_be_any_kind_of_number(memory: Any) -> None:
    assert kcenter(np.eye(3), np.eye(1, 3), 2, memory=memory).positions.tolist() == [1, 2]
