from __future__ import annotations

import importlib
from collections import Counter
from typing import Any

import numpy as np
import pytest

from swither.acquisition.clustered_dispersion import clustered_dispersion
from swither.acquisition.kmeans import kmeans
from swither.arrays import AnyArray
from swither.errors import InputError


def slow(labels: AnyArray, places: AnyArray, count: int, seed: int, considered: int) -> list[int]:
    """The definition in loops over rows, on the same clusters."""
    scores = [1 - Counter(own).most_common(1)[0][1] / len(own) for own in labels.T.tolist()]
    rows = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[: considered * count]
    weights = np.array([max(scores[row], 0.001) for row in rows])
    cluster = kmeans(places[rows], min(count, 500), np.random.default_rng(seed), weights=weights).tolist()
    queues = []
    for number in range(max(cluster) + 1):
        own = [k for k in range(len(rows)) if cluster[k] == number]
        mean = sum(weights[k] * places[rows[k]] for k in own) / sum(weights[k] for k in own)
        squared = {k: float(np.sum((places[rows[k]] - mean) ** 2)) for k in own}
        largest = max(squared.values()) or 1.0
        queues.append(
            [rows[k] for k in sorted(own, key=lambda k, by=squared, unit=largest: (round(by[k] / unit, 9), k))]
        )
    chosen: list[int] = []
    while len(chosen) < count:
        chosen.extend(queue.pop(0) for queue in queues if queue)
    return chosen[:count]


@pytest.mark.parametrize(("samples", "count", "considered"), [(60, 6, 3), (90, 12, 10), (30, 30, 2), (50, 8, 1)])
def test_it_agrees_with_the_definition_in_loops(samples: int, count: int, considered: int) -> None:
    for seed in range(4):
        draw = np.random.default_rng(seed)
        labels = np.where(draw.random((25, samples)) < draw.random(samples), draw.integers(4, size=(25, samples)), 0)
        places = draw.normal(size=(samples, 4))
        got = clustered_dispersion(labels, places, count, np.random.default_rng(seed), considered=considered)
        assert got.positions.tolist() == slow(labels, places, count, seed, considered)


def test_considering_no_more_than_asked_for_takes_the_most_dispersed() -> None:
    labels = np.where(np.arange(80)[:, None] < np.arange(40), 1, 0)  # later rows are more dispersed
    places = np.random.default_rng(0).normal(size=(40, 3))
    chosen = clustered_dispersion(labels, places, 8, np.random.default_rng(0), considered=1)
    assert sorted(chosen.positions.tolist()) == list(range(32, 40))
    assert chosen.diagnostics["clusters"] == 8


def test_more_clusters_than_allowed_are_gone_round_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("swither.acquisition.clustered_dispersion"), "MOST_CLUSTERS", 3)
    draw = np.random.default_rng(0)
    places = np.repeat([[0.0, 0.0], [50.0, 0.0], [0.0, 50.0]], 10, axis=0) + draw.normal(size=(30, 2))
    labels = draw.integers(3, size=(20, 30))
    chosen = clustered_dispersion(labels, places, 9, draw)
    assert [len({*(chosen.positions[start : start + 3] // 10)}) for start in (0, 3, 6)] == [3, 3, 3]
    assert chosen.diagnostics["clusters"] == 3


def test_without_any_dispersion_it_still_takes_one_of_each_cluster() -> None:
    places = np.repeat([[0.0, 0.0], [50.0, 0.0], [0.0, 50.0]], 10, axis=0)
    places = places + np.random.default_rng(0).normal(size=(30, 2))
    chosen = clustered_dispersion(np.zeros((20, 30), dtype=np.uint8), places, 3, np.random.default_rng(0))
    assert {*(chosen.positions // 10)} == {0, 1, 2}
    assert chosen.diagnostics["never_changed"] == 3


@pytest.mark.parametrize("considered", [0, -1, 1.5, True, "10"])
def test_a_share_that_makes_no_sense_is_refused(considered: Any) -> None:
    with pytest.raises(InputError, match="considered as a whole number, 1 or more"):
        clustered_dispersion(
            np.zeros((20, 4), int), np.zeros((4, 2)), 1, np.random.default_rng(0), considered=considered
        )


def test_history_and_embeddings_of_other_samples_are_refused() -> None:
    with pytest.raises(InputError, match="same samples, got 3 and 4 of them"):
        clustered_dispersion(np.zeros((20, 3), int), np.zeros((4, 2)), 1, np.random.default_rng(0))
