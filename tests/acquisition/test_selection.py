from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swither.acquisition import take_highest
from swither.acquisition.selection import as_count, require_generator
from swither.errors import InputError


@given(st.lists(st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, float("inf"), float("-inf")]), max_size=40), st.data())
def test_highest_first_and_equal_scores_in_row_order(scores: list[float], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, len(scores)))
    expected = sorted(range(len(scores)), key=lambda row: (-scores[row], row))[:count]
    assert take_highest(np.array(scores, dtype=np.float64), count).positions.tolist() == expected


def test_unsigned_scores_are_not_turned_round() -> None:
    assert take_highest(np.array([0, 3, 200], dtype=np.uint8), 3).positions.tolist() == [2, 1, 0]


def test_diagnostics_say_how_many_share_the_last_score() -> None:
    chosen = take_highest([0.5, 0.9, 0.5, 0.5], 2)
    assert chosen.diagnostics == {"last_score": 0.5, "tied_with_last": 3, "tied_and_taken": 1}


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        ([0.0, np.nan, np.nan], "2 of 3 scores are NaN, the first at row 1"),
        ([[0.0]], "one score for each sample"),
        (["a"], "one score for each sample"),
        ([1j], "one score for each sample"),
    ],
)
def test_what_cannot_be_ranked_is_refused_in_words(scores: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        take_highest(scores, 0)


@pytest.mark.parametrize("count", [-1, 1.5, "3", None, True, np.float64(2)])
def test_a_count_is_a_whole_number(count: Any) -> None:
    with pytest.raises(InputError, match="whole number"):
        as_count(count, 5)


def test_more_than_there_are_is_refused_with_both_numbers() -> None:
    assert as_count(np.int64(5), 5) == 5
    with pytest.raises(InputError, match=r"at most 5 .* got 6"):
        as_count(6, 5)


@pytest.mark.parametrize("generator", [0, None, np.random, np.random.RandomState(0)])
def test_only_a_generator_is_a_generator(generator: Any) -> None:
    with pytest.raises(InputError, match="default_rng"):
        require_generator(generator)
