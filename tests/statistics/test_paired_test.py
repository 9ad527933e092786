from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from swither.errors import InputError
from swither.statistics import paired_difference, paired_test

SHARES = st.integers(0, 10**6).map(lambda count: count / 10**6)
PAIRS = st.lists(st.tuples(SHARES, SHARES), min_size=2, max_size=15)


@given(PAIRS)
def test_t_and_p_are_scipys(pairs: list[tuple[float, float]]) -> None:
    ours, theirs = np.array(pairs).T
    if np.ptp(ours - theirs) < 1e-9:
        return
    expected = stats.ttest_rel(ours, theirs)
    test = paired_test(ours, theirs)

    assert test.spread
    assert test.degrees == expected.df
    assert test.t == pytest.approx(expected.statistic, rel=1e-9)
    assert test.p == pytest.approx(expected.pvalue, rel=1e-9)


@given(PAIRS)
def test_the_other_way_round_only_the_sign_of_t_is_another(pairs: list[tuple[float, float]]) -> None:
    ours, theirs = zip(*pairs, strict=True)
    first, second = paired_test(ours, theirs), paired_test(theirs, ours)

    assert (first.t, first.p, first.degrees) == (-second.t, second.p, second.degrees)


@given(PAIRS)
def test_p_is_small_exactly_where_the_interval_leaves_out_zero(pairs: list[tuple[float, float]]) -> None:
    ours, theirs = zip(*pairs, strict=True)
    test, gain = paired_test(ours, theirs), paired_difference(ours, theirs)
    if not test.spread or test.p == pytest.approx(0.05, abs=1e-9):
        return

    assert gain.interval is not None
    assert gain.interval.holds(0.0) == (test.p > 0.05)


def test_identical_results_are_no_difference_and_not_a_division_by_zero() -> None:
    test = paired_test([0.9, 0.8, 0.7], [0.9, 0.8, 0.7])

    assert (test.t, test.p, test.spread) == (0.0, 1.0, False)


def test_equal_differences_are_said_to_have_no_spread_though_rounding_gives_them_one() -> None:
    ours, theirs = [0.93, 0.95, 0.94], [0.92, 0.94, 0.93]
    assert np.ptp(np.subtract(ours, theirs)) > 0

    test = paired_test(ours, theirs)
    assert (test.t, test.p, test.spread) == (math.inf, 0.0, False)
    assert paired_test(theirs, ours).t == -math.inf


@pytest.mark.parametrize("scale", [1.0, 1e-150, 1e-300, 1e-308])
def test_differences_whose_squares_are_too_small_for_a_number_are_tested_all_the_same(scale: float) -> None:
    test = paired_test([0.0, 2.0 * scale, 3.0 * scale], [0.0, 0.0, 0.0])

    assert test.t == pytest.approx(stats.ttest_1samp([0, 2, 3], 0).statistic)


def test_what_cannot_be_tested_is_refused() -> None:
    with pytest.raises(InputError, match="two pairs"):
        paired_test([0.9], [0.8])
    with pytest.raises(InputError, match="same seeds"):
        paired_test([0.9, 0.8], [0.8])
    with pytest.raises(InputError, match="finite"):
        paired_test([0.9, math.nan], [0.8, 0.7])
