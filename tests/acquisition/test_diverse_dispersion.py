from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from swither.acquisition.diverse_dispersion import diverse_dispersion
from swither.errors import InputError

HISTORY = np.array([[0, 0, 1, 1, 2], [0, 1, 1, 2, 2], [0, 1, 2, 0, 2], [0, 1, 1, 1, 0], [1, 1, 0, 2, 1]])
PLACES = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [3.0, 1.0], [0.0, 0.5]])


@pytest.mark.parametrize("power", [0, 1, 2.0])
def test_a_draw_is_weighted_by_a_power_of_dispersion_and_squared_distance(power: float) -> None:
    weights = [(1 - Counter(labels).most_common(1)[0][1] / 5) ** power for labels in HISTORY.T.tolist()]
    assert len(set(weights)) == (1 if power == 0 else 3)

    def chance(draw: tuple[int, ...]) -> float:
        product = weights[draw[0]] / sum(weights)
        for step in range(1, len(draw)):
            squared = [min(float(np.sum((place - PLACES[c]) ** 2)) for c in draw[:step]) for place in PLACES]
            mass = [weight * distance for weight, distance in zip(weights, squared, strict=True)]
            product *= mass[draw[step]] / sum(mass)
        return product

    expected = {draw: chance(draw) for draw in permutations(range(5), 2)}
    draw = np.random.default_rng(1)
    drawn = Counter(
        tuple(diverse_dispersion(HISTORY, PLACES, 2, draw, power=power).positions.tolist()) for _ in range(4000)
    )
    common = [pair for pair, share in expected.items() if share * 4000 >= 5]
    seen, wanted = [drawn[pair] for pair in common], [expected[pair] * 4000 for pair in common]
    if rest := 4000 - sum(wanted):  # pairs too rare for the test by themselves
        seen, wanted = [*seen[:-1], 4000 - sum(seen[:-1])], [*wanted[:-1], wanted[-1] + rest]
    assert stats.chisquare(seen, wanted).pvalue > 1e-3


def test_a_batch_is_spread_over_regions_that_the_most_dispersed_samples_leave_out() -> None:
    draw = np.random.default_rng(0)
    places = np.repeat([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]], 30, axis=0) + draw.normal(size=(90, 2))
    epochs = np.arange(30)[:, None]
    labels = np.where(np.arange(90) < 30, epochs % 3, epochs % 10 == 0)  # the first region is the most dispersed
    regions = [{*(diverse_dispersion(labels, places, 6, np.random.default_rng(s)).positions // 30)} for s in range(30)]
    assert sum(len(met) == 3 for met in regions) > 20


def test_samples_that_never_changed_come_after_all_that_did() -> None:
    places = np.random.default_rng(0).normal(size=(40, 3))
    labels = np.zeros((20, 40), dtype=np.uint8)
    labels[:5, :12] = 1
    chosen = diverse_dispersion(labels, places, 20, np.random.default_rng(0))
    assert sorted(chosen.positions[:12].tolist()) == list(range(12))
    assert chosen.diagnostics == {
        "dispersion": pytest.approx(0.25 * 12 / 40),
        "dispersion_taken": pytest.approx(0.25 * 12 / 20),
        "never_changed": 8,
    }


def test_without_any_dispersion_it_is_plain_diversity() -> None:
    places = np.random.default_rng(0).normal(size=(40, 3))
    settled, undecided = np.zeros((20, 40), dtype=np.uint8), np.tile(np.arange(20)[:, None] % 4, (1, 40))
    chosen = [diverse_dispersion(labels, places, 15, np.random.default_rng(5)) for labels in (settled, undecided)]
    assert chosen[0].positions.tolist() == chosen[1].positions.tolist()
    assert chosen[0].diagnostics["never_changed"] == 15


@pytest.mark.parametrize("power", [-1, np.inf, np.nan, "2", True])
def test_a_power_that_makes_no_sense_is_refused(power: Any) -> None:
    with pytest.raises(InputError, match="power as a number, 0 or more"):
        diverse_dispersion(HISTORY, PLACES, 1, np.random.default_rng(0), power=power)


def test_history_and_embeddings_of_other_samples_are_refused() -> None:
    with pytest.raises(InputError, match="same samples, got 5 and 4 of them"):
        diverse_dispersion(HISTORY, PLACES[:4], 1, np.random.default_rng(0))


def test_a_large_power_takes_the_most_dispersed_and_does_not_fade_into_no_weight_at_all() -> None:
    history = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 2, 0], [0, 0, 3, 0]])  # the third changed most
    places = np.array([[0.0], [9.0], [5.0], [2.0]])
    for seed in range(5):
        chosen = diverse_dispersion(history, places, 1, np.random.default_rng(seed), power=5000)
        assert chosen.positions.tolist() == [2]
