from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from swither.errors import InputError
from swither.statistics import (
    Interval,
    PairedDifference,
    beyond_margin,
    paired_difference,
    student_interval,
    within_margin,
)

DIFFERENCES = st.lists(st.integers(-1000, 1000), min_size=2, max_size=20).map(lambda values: np.array(values) / 1e4)
MARGINS = st.integers(1, 500).map(lambda value: value / 1e4)


@given(DIFFERENCES, MARGINS)
def test_beyond_the_margin_is_scipys_test_against_the_end_on_that_side(differences: np.ndarray, margin: float) -> None:
    assume(np.ptp(differences) > 0)
    mean = float(np.mean(differences))
    assume(abs(abs(mean) - margin) > 1e-9)
    end = math.copysign(margin, mean)
    expected = stats.ttest_1samp(differences, end).pvalue if abs(mean) > margin else 1.0

    found = paired_difference(differences, np.zeros(len(differences)))
    assert beyond_margin(found, margin) == pytest.approx(expected)
    turned = paired_difference(np.zeros(len(differences)), differences)
    assert beyond_margin(turned, margin) == pytest.approx(expected), "the sign is no matter"


@given(DIFFERENCES, st.integers(-1000, 1000), MARGINS)
def test_within_the_margin_is_scipys_pair_of_one_sided_tests(
    differences: np.ndarray, wanted: int, margin: float
) -> None:
    assume(np.ptp(differences) > 0)
    claimed = wanted / 1e4
    low, high = claimed - margin, claimed + margin

    def p(end: float, side: Literal["less", "greater"]) -> float:
        return float(stats.ttest_1samp(differences, end, alternative=side).pvalue)

    inside = max(p(low, "greater"), p(high, "less"))
    outside = min(p(low, "less"), p(high, "greater"))
    assume(min(abs(inside - 0.025), abs(outside - 0.025)) > 1e-9)
    expected = True if inside < 0.025 else False if outside < 0.025 else None

    interval = student_interval(differences)
    assert interval is not None
    assert within_margin(interval, claimed, margin) is expected


def test_the_ends_of_the_margin_belong_to_it_whatever_rounding_makes_of_them() -> None:
    assert within_margin(Interval(0.065, 0.085, 0.95), 0.075, 0.01) is True
    assert within_margin(Interval(0.085, 0.1, 0.95), 0.075, 0.01) is None


def test_seeds_that_do_not_vary_say_nothing_about_a_margin() -> None:
    assert within_margin(Interval(0.075, 0.075, 0.95), 0.075, 0.01) is None
    assert within_margin(Interval(0.5, 0.5, 0.95), 0.075, 0.01) is None
    assert beyond_margin(PairedDifference(0.5, 0.0, Interval(0.5, 0.5, 0.95), 3), 0.01) == 1
    assert beyond_margin(paired_difference([0.9], [0.4]), 0.01) == 1


def test_an_interval_without_bound_can_lie_outside_and_never_inside() -> None:
    assert within_margin(Interval(-math.inf, 0.06, 0.95), 0.075, 0.01) is False
    assert within_margin(Interval(-math.inf, math.inf, 0.95), 0.075, 0.01) is None


@pytest.mark.parametrize("margin", [0.0, -0.01, math.nan, math.inf])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    with pytest.raises(InputError, match="margin"):
        within_margin(Interval(0.0, 1.0, 0.95), 0.5, margin)
    with pytest.raises(InputError, match="margin"):
        beyond_margin(paired_difference([0.9, 0.8], [0.4, 0.5]), margin)
