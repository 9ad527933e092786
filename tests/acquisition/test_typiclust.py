from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from swither.acquisition.kmeans import kmeans
from swither.acquisition.typiclust import typiclust
from swither.arrays import FloatArray
from swither.errors import InputError


def slow_typiclust(
    embeddings: FloatArray, labelled: FloatArray, count: int, seed: int, most: int = 500, neighbours: int = 20
) -> list[int]:
    """The published procedure in loops over rows, on the same clusters."""
    both = np.concatenate([embeddings, labelled])
    labels = kmeans(both, min(len(labelled) + count, most), np.random.default_rng(seed)).tolist()
    members = {cluster: [row for row, own in enumerate(labels) if own == cluster] for cluster in sorted(set(labels))}
    known = {c: sum(row >= len(embeddings) for row in rows) for c, rows in members.items()}
    turn = sorted(members, key=lambda c: (known[c], -len(members[c]), members[c][0]))
    chosen: list[int] = []
    for group in ([c for c in turn if len(members[c]) >= 5], [c for c in turn if len(members[c]) < 5]):
        while True:
            before = len(chosen)
            for cluster in group:
                left = [row for row in members[cluster] if row < len(embeddings) and row not in chosen]
                if not left or len(chosen) == count:
                    continue
                near = min(neighbours, len(left) // 2)

                def strangeness(row: int, left: list[int] = left, near: int = near) -> float:
                    others = sorted(np.linalg.norm(embeddings[row] - embeddings[o]) for o in left if o != row)
                    return float(np.mean(others[:near])) if near else 0.0

                chosen.append(min(left, key=strangeness))
            if len(chosen) == before:
                break
    return chosen


@pytest.mark.parametrize(("samples", "labelled", "count"), [(60, 0, 6), (80, 12, 9), (50, 3, 50), (40, 30, 25)])
def test_it_agrees_with_the_procedure_in_loops(samples: int, labelled: int, count: int) -> None:
    for seed in range(4):
        draw = np.random.default_rng(seed)
        both = draw.normal(size=(7, 4))[draw.integers(7, size=samples + labelled)] * 3
        both += draw.normal(size=both.shape)
        got = typiclust(both[:samples], both[samples:], count, np.random.default_rng(seed))
        assert got.positions.tolist() == slow_typiclust(both[:samples], both[samples:], count, seed)


def test_settings_bound_clusters_and_neighbours() -> None:
    both = np.random.default_rng(0).normal(size=(90, 3))
    got = typiclust(both[:80], both[80:], 30, np.random.default_rng(1), clusters=7, neighbours=3)
    assert got.positions.tolist() == slow_typiclust(both[:80], both[80:], 30, 1, most=7, neighbours=3)
    assert got.diagnostics["clusters"] == 7


def test_clusters_without_labels_come_first_and_of_those_the_largest() -> None:
    draw = np.random.default_rng(0)
    places = np.repeat([[0.0, 0.0], [50.0, 0.0], [0.0, 50.0]], [30, 12, 20], axis=0)
    pool = places + 0.1 * draw.normal(size=(62, 2))
    chosen = typiclust(pool, [[0.0, 0.0]], 2, np.random.default_rng(0))
    assert [places[row].tolist() for row in chosen.positions] == [[0.0, 50.0], [50.0, 0.0]]
    assert chosen.diagnostics == {"clusters": 3, "without_labels": 2, "small": 0, "taken_from_small": 0}


def test_outliers_are_taken_only_when_nothing_else_is_left() -> None:
    pool = np.concatenate([np.random.default_rng(0).normal(size=(20, 2)), [[1e3, 0.0], [0.0, 1e3]]])
    chosen = typiclust(pool, [], 22, np.random.default_rng(0), clusters=3)
    assert sorted(chosen.positions[-2:].tolist()) == [20, 21]
    assert chosen.diagnostics["small"] == 2
    assert chosen.diagnostics["taken_from_small"] == 2


def test_equal_seeds_give_equal_choices_and_others_may_differ() -> None:
    pool = np.random.default_rng(0).normal(size=(200, 5))
    chosen = [tuple(typiclust(pool, [], 10, np.random.default_rng(seed)).positions) for seed in (0, 0, 1, 2, 3)]
    assert chosen[0] == chosen[1]
    assert len(set(chosen)) > 1


@pytest.mark.parametrize("settings", [{"clusters": 0}, {"clusters": 2.5}, {"neighbours": True}, {"neighbours": -1}])
def test_settings_that_make_no_sense_are_refused(settings: Any) -> None:
    with pytest.raises(InputError, match="whole number, 1 or more"):
        typiclust(np.zeros((4, 2)), [], 1, np.random.default_rng(0), **settings)


def test_embeddings_of_other_networks_are_refused() -> None:
    with pytest.raises(InputError, match="labelled_embeddings of width 2"):
        typiclust(np.zeros((4, 2)), np.zeros((1, 3)), 1, np.random.default_rng(0))
