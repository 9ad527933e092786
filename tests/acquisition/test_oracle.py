from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from swither.acquisition import oracle
from swither.errors import InputError, UnknownName

DRAW = np.random.default_rng(0)
PROBABILITIES = DRAW.dirichlet(np.ones(4), 50)
LABELS = DRAW.integers(4, size=50)
WRONG = set(np.flatnonzero(PROBABILITIES.argmax(axis=1) != LABELS).tolist())


@pytest.mark.parametrize("order", ["random", "loss"])
def test_misclassified_samples_come_first_in_either_order(order: str) -> None:
    chosen = oracle(PROBABILITIES, LABELS, 50, np.random.default_rng(0), order=order)
    assert set(chosen.positions[: len(WRONG)].tolist()) == WRONG
    assert chosen.diagnostics == {"misclassified": len(WRONG)}


def test_the_order_of_loss_is_the_lowest_probability_of_the_true_class_first() -> None:
    positions = oracle(PROBABILITIES, LABELS, 50, np.random.default_rng(0), order="loss").positions
    true = PROBABILITIES[positions, LABELS[positions]]
    assert (np.diff(true[: len(WRONG)]) >= 0).all()
    assert (np.diff(true[len(WRONG) :]) >= 0).all()


def test_the_random_order_follows_its_generator() -> None:
    orders = [oracle(PROBABILITIES, LABELS, 10, np.random.default_rng(seed)).positions.tolist() for seed in (0, 1, 0)]
    assert orders[0] == orders[2] != orders[1]


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (np.full(50, -1), "from 0 to 3, got -1"),
        (np.full(50, 4), "from 0 to 3"),
        (LABELS[:49], r"shape \(50\)"),
        (LABELS.astype(float), "whole numbers"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        oracle(PROBABILITIES, labels, 5, np.random.default_rng(0))


def test_an_unknown_order_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="loss, random"):
        oracle(PROBABILITIES, LABELS, 5, np.random.default_rng(0), order="lost")
