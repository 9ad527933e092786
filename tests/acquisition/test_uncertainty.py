"""Least confidence, margin and entropy against what the standard library and SciPy say."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from swither.acquisition import entropy, least_confidence, margin


@given(st.integers(0, 2**32 - 1), st.integers(2, 12), st.floats(0.05, 5.0))
def test_scores_agree_with_sorting_each_row_and_with_scipy(seed: int, classes: int, alpha: float) -> None:
    probabilities = np.random.default_rng(seed).dirichlet(np.full(classes, alpha), 20)
    falling = -np.sort(-probabilities, axis=1)
    np.testing.assert_array_equal(least_confidence(probabilities), 1 - falling[:, 0])
    np.testing.assert_array_equal(margin(probabilities), 1 - (falling[:, 0] - falling[:, 1]))
    np.testing.assert_allclose(entropy(probabilities), scipy.stats.entropy(probabilities, axis=1), atol=1e-9)


def test_entropy_is_in_nats() -> None:
    assert entropy([[0.25] * 4])[0] == pytest.approx(np.log(4))


def test_with_two_classes_all_three_rank_alike() -> None:
    first = np.random.default_rng(0).random(200)
    probabilities = np.stack([first, 1 - first], axis=1)
    orders = [np.argsort(-method(probabilities)).tolist() for method in (least_confidence, margin, entropy)]
    assert orders[0] == orders[1] == orders[2]


def test_blocks_do_not_show_in_the_scores() -> None:
    probabilities = np.random.default_rng(1).dirichlet(np.ones(10), 60_000).astype(np.float32)
    for method in (margin, entropy):
        whole = method(probabilities)
        some = np.random.default_rng(2).integers(60_000, size=50)
        np.testing.assert_array_equal(whole[some], method(probabilities[some]))
