from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax, xlogy

from swither.acquisition import bald
from swither.acquisition.specimens import Passes, Sizes
from swither.errors import InputError


def plain_bald(logits: Any) -> Any:
    """Everything at once: (passes, samples, classes)."""
    p = softmax(np.asarray(logits, dtype=np.float64), axis=2)
    of_mean = -xlogy(p.mean(axis=0), p.mean(axis=0)).sum(axis=1)
    return of_mean - -xlogy(p, p).sum(axis=2).mean(axis=0)


@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.integers(2, 6), st.floats(0.01, 300.0))
def test_bald_agrees_with_softmax_over_everything(seed: int, classes: int, passes: int, spread: float) -> None:
    logits = np.random.default_rng(seed).normal(size=(passes, 9, classes)) * spread
    np.testing.assert_allclose(bald(logits, passes=passes), plain_bald(logits), atol=1e-12)
    single = logits.astype(np.float32)
    np.testing.assert_allclose(bald(list(single), passes=passes), plain_bald(single), atol=2e-6)


def test_a_shift_of_the_logits_changes_nothing() -> None:
    logits = np.random.default_rng(0).normal(size=(4, 6, 3))
    np.testing.assert_allclose(bald(logits + 1e3, passes=4), bald(logits, passes=4), atol=1e-10)


def test_passes_that_agree_score_zero_however_doubtful_they_are() -> None:
    doubtful = np.zeros((5, 2, 4))
    assert bald(doubtful, passes=5).tolist() == [0.0, 0.0]


def test_passes_that_are_each_certain_of_another_class_score_log_classes() -> None:
    certain = np.full((3, 1, 3), -np.inf)
    certain[range(3), 0, range(3)] = 0.0
    assert bald(certain, passes=3)[0] == pytest.approx(np.log(3))


def test_scores_are_never_negative() -> None:
    same = np.random.default_rng(0).normal(size=(1, 5000, 10)).astype(np.float32)
    assert bald(np.repeat(same, 10, axis=0)).min() >= 0


def test_each_pass_is_read_once() -> None:
    class Counted(Passes):
        reads = 0

        def __getitem__(self, number: Any) -> Any:
            Counted.reads += 1
            return super().__getitem__(number)

    bald(Counted(Sizes(samples=5), seed=0))
    assert Counted.reads == 10


@pytest.mark.parametrize(
    ("logits", "passes", "says"),
    [
        (np.zeros((3, 2, 2)), 10, "Expected 10 stochastic passes, got 3"),
        (np.zeros((1, 2, 2)), 1, "2 or more"),
        ([np.zeros((2, 2)), np.zeros((3, 2))], 2, "pass 1"),
        ([np.zeros((2, 1)), np.zeros((2, 1))], 2, "two classes or more"),
        ([np.zeros((2, 2)), np.full((2, 2), np.nan)], 2, "finite logits, but row 0 of pass 1"),
        ([np.zeros((2, 2)), np.full((2, 2), np.inf)], 2, "finite logits"),
        ([np.zeros((2, 2)), np.full((2, 2), -np.inf)], 2, "finite logits"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_words(logits: Any, passes: int, says: str) -> None:
    with pytest.raises(InputError, match=says):
        bald(logits, passes=passes)
