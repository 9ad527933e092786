from __future__ import annotations

import time

import numpy as np
import pytest

from swither.acquisition import radius_graph
from swither.acquisition.distances import pair_distances
from swither.acquisition.radius_graph import OutOfTime, RadiusGraph
from swither.arrays import FloatArray


def made(seed: int, samples: int = 60, whole: bool = False) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Points, their squared distances to some given centres, and those to each other."""
    draw = np.random.default_rng(seed)
    points = draw.integers(0, 5, size=(samples, 3)).astype(np.float32) if whole else draw.normal(size=(samples, 6))
    own = draw.uniform(0.5, 12, size=samples)
    between = np.stack([pair_distances(points, point[None]) for point in points])
    return points, own, between


def graph(points: FloatArray, own: FloatArray, ceiling: float = 30.0) -> RadiusGraph:
    return RadiusGraph(points, own, ceiling, time.monotonic() + 60)


@pytest.mark.parametrize("whole", [True, False])
def test_who_can_be_whose_centre_is_what_all_distances_say(whole: bool) -> None:
    for seed in range(10):
        points, own, between = made(seed, whole=whole)
        known = graph(points, own)
        for floor in (9.0, 4.0, 1.0):  # further down in steps: rows come to those that are there
            known.reach_down(floor)
            for radius in (floor, float(np.median(between[between >= floor])), 11.0):
                matrix, columns = known.cover_matrix(radius)
                needy = own > radius
                expected = (between[needy] <= radius).astype(int)
                full = np.zeros_like(expected)
                full[:, columns] = matrix.toarray()
                np.testing.assert_array_equal(full, expected)


def test_radii_are_all_distances_at_which_the_covering_question_changes() -> None:
    points, own, between = made(3)
    known = graph(points, own)
    known.reach_down(2.0)
    expected = {float(value) for value in own if 2 <= value < 9}
    for row, way in enumerate(own):
        expected |= {float(value) for value in between[row] if 2 <= value < 9 and value < way}
    assert known.radii(2.0, 9.0).tolist() == sorted(expected)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    points, own, _ = made(4)
    one = graph(points, own)
    one.reach_down(1.0)
    monkeypatch.setattr(radius_graph, "ROWS_AT_ONCE", 7)
    other = graph(points, own)
    other.reach_down(1.0)
    for radius in (1.0, 4.0, 9.0):
        np.testing.assert_array_equal(one.cover_matrix(radius)[0].toarray(), other.cover_matrix(radius)[0].toarray())


@pytest.mark.parametrize("sampled", [2, 64])
def test_too_many_edges_lower_the_ceiling_and_what_is_left_is_complete(
    sampled: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    points, own, between = made(5)
    monkeypatch.setattr(radius_graph, "MOST_EDGES", 300)
    monkeypatch.setattr(radius_graph, "SAMPLED_ROWS", sampled)  # two foresee little: the graph then shrinks on the way
    monkeypatch.setattr(radius_graph, "ROWS_AT_ONCE", 5)
    known = graph(points, own)
    known.reach_down(1.0)
    assert 1.0 < known.ceiling < 30.0
    matrix, columns = known.cover_matrix(known.ceiling)
    full = np.zeros((matrix.shape[0], len(points)), dtype=int)
    full[:, columns] = matrix.toarray()
    np.testing.assert_array_equal(full, between[own > known.ceiling] <= known.ceiling)


def test_distances_to_new_centres_are_those_of_the_edges() -> None:
    points, own, between = made(6)
    known = graph(points, own)
    known.reach_down(0.0)
    np.testing.assert_array_equal(known.nearest(np.array([3, 9])), np.minimum(own, between[[3, 9]].min(axis=0)))


def test_a_passed_deadline_stops_it_and_keeps_what_was_known() -> None:
    points, own, _ = made(7)
    known = RadiusGraph(points, own, 30.0, time.monotonic() - 1)
    with pytest.raises(OutOfTime):
        known.reach_down(1.0)
    assert known.floor == np.inf
    assert known.radii(known.floor, 30.0).tolist() == []
