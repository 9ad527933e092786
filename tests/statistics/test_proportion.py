"""Wilson's interval, against the equation that it solves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from swither.errors import InputError
from swither.statistics.proportion import wilson_interval


@pytest.mark.parametrize(("right", "counted"), [(0, 1), (1, 1), (0, 30), (30, 30), (8, 10), (181, 250), (1, 250)])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_an_end_is_where_the_share_is_just_not_too_unlikely(right: int, counted: int, level: float) -> None:
    low, high, kept = wilson_interval(right, counted, level=level)
    assert kept == level
    z = special.ndtri(0.5 + level / 2)
    for end in (low, high):
        if 0 < end < 1:
            assert abs(right / counted - end) == pytest.approx(z * np.sqrt(end * (1 - end) / counted))
    assert 0 <= low <= right / counted <= high <= 1
    assert (low == 0) == (right == 0)
    assert (high == 1) == (right == counted)


def test_it_agrees_with_scipy() -> None:
    ours = wilson_interval(37, 61)
    theirs = stats.binomtest(37, 61).proportion_ci(method="wilson")
    assert ours[:2] == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize(("right", "counted"), [(1, 0), (-1, 5), (6, 5)])
def test_counts_that_cannot_be_are_refused(right: int, counted: int) -> None:
    with pytest.raises(InputError, match="right between 0 and counted"):
        wilson_interval(right, counted)
