from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from swither.acquisition.badge import badge
from swither.errors import InputError


def test_the_first_choice_is_the_largest_gradient_unless_a_uniform_one_is_asked_for() -> None:
    draw = np.random.default_rng(0)
    probabilities, embeddings = draw.dirichlet([1, 1, 1], 30), draw.normal(size=(30, 4))
    residuals = probabilities - np.eye(3)[probabilities.argmax(axis=1)]
    largest = int((np.linalg.norm(residuals, axis=1) * np.linalg.norm(embeddings, axis=1)).argmax())
    firsts = [
        {
            int(badge(probabilities, embeddings, 1, np.random.default_rng(seed), first=how).positions[0])
            for seed in range(60)
        }
        for how in ("largest", "uniform")
    ]
    assert firsts[0] == {largest}
    assert len(firsts[1]) > 20


def test_certain_predictions_come_last_in_the_order_of_rows() -> None:
    draw = np.random.default_rng(1)
    probabilities = np.concatenate([np.eye(3)[[0, 1, 2, 0]], draw.dirichlet([1, 1, 1], 6)])
    positions = badge(probabilities, draw.normal(size=(10, 4)), 10, np.random.default_rng(0)).positions.tolist()
    certain = [row for row in positions if row < 4]
    assert set(range(4, 10)) < set(positions[:7])
    assert len([row for row in positions[:7] if row < 4]) == 1, "all gradients of 0 are one point"
    assert certain[1:] == sorted(certain[1:])
    nothing = badge(np.eye(3)[[0, 1, 2]], np.ones((3, 2)), 3, np.random.default_rng(0))
    assert nothing.positions.tolist() == [0, 1, 2]


def test_diagnostics_hold_gradient_norms_in_the_embeddings_unit() -> None:
    probabilities, embeddings = [[0.5, 0.5], [0.9, 0.1]], [[3.0, 4.0], [300.0, 400.0]]
    chosen = badge(probabilities, embeddings, 1, np.random.default_rng(0))
    norms = [5 * np.sqrt(0.5), 500 * np.sqrt(0.02)]
    assert chosen.positions.tolist() == [1]
    assert chosen.diagnostics["gradient_norm"] == pytest.approx(np.mean(norms))
    assert chosen.diagnostics["gradient_norm_taken"] == pytest.approx(norms[1])


@pytest.mark.parametrize(
    ("probabilities", "embeddings", "settings", "says"),
    [
        ([[0.5, 0.5]], [[1.0], [2.0]], {}, "same samples, got 1 and 2 rows"),
        ([[0.5, 0.5]], [[1.0]], {"first": "farthest"}, "'largest' or 'uniform', got 'farthest'"),
        ([[2.0, 0.5]], [[1.0]], {}, "sums to 2.5"),
        ([[0.5, 0.5]], [[np.inf]], {}, "finite embeddings"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(probabilities: Any, embeddings: Any, settings: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        badge(probabilities, embeddings, 1, np.random.default_rng(0), **settings)


def test_an_empty_pool_gives_an_empty_choice() -> None:
    assert badge(np.empty((0, 2)), np.empty((0, 3)), 0, np.random.default_rng(0)).positions.tolist() == []
