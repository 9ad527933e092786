from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from swither.acquisition import entropy, least_confidence, margin
from swither.acquisition.probabilities import as_probabilities
from swither.errors import InputError

METHODS = [least_confidence, margin, entropy]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([[0.5, 0.5], [np.nan, 1.0]], "row 1 holds NaN"),
        ([[1.2, -0.2]], "negative value -0.2"),
        ([[0.5, 0.5], [0.5, 0.4]], "row 1 sums to 0.9"),
        ([[2.0, 3.0]], "softmax"),
        ([[np.inf, 0.0]], "row 0 sums to inf"),
        ([0.5, 0.5], r"shape \(samples, classes\), got \(2,\)"),
        (np.zeros((2, 2, 2)), r"got \(2, 2, 2\)"),
        ([[1.0], [1.0]], "two classes or more"),
        ([["a", "b"]], "real numbers"),
        ([[0.5 + 0j, 0.5]], "real numbers"),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_what_is_no_probability_is_refused_in_words(method: Any, given: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        method(given)


def test_a_bad_row_deep_in_a_large_pool_is_found_by_its_number() -> None:
    probabilities = np.full((300_000, 2), 0.5, dtype=np.float32)
    probabilities[250_001] = [0.7, 0.7]
    with pytest.raises(InputError, match=r"row 250001 sums to 1\.4"):
        as_probabilities(probabilities)


def test_float32_is_not_copied_and_half_precision_is_taken() -> None:
    single = np.full((4, 2), 0.5, dtype=np.float32)
    assert as_probabilities(single) is single
    assert as_probabilities(single.astype(np.float16)).dtype == np.float32
    thirds = np.float16(1 / 3) * np.ones((2, 3), dtype=np.float16)
    assert margin(thirds).tolist() == [1.0, 1.0]
    assert least_confidence(np.array([[0, 1]])).tolist() == [0.0]


def test_rows_rounded_to_bfloat16_are_taken() -> None:
    draw = np.random.default_rng(0)
    exact = draw.dirichlet(np.ones(10), 1000).astype(np.float32)
    rounded = (exact.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)  # cut, the worst rounding
    assert len(as_probabilities(rounded)) == 1000


@pytest.mark.parametrize("method", METHODS)
def test_no_candidate_gives_no_score(method: Any) -> None:
    assert method(np.empty((0, 3))).shape == (0,)


@pytest.mark.parametrize("method", METHODS)
def test_certain_samples_score_exactly_zero_and_even_ones_highest(method: Any) -> None:
    scores = method([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.6, 0.3, 0.1]])
    assert scores[0] == 0.0
    assert not np.signbit(scores[0])
    assert scores.argmax() == 1
