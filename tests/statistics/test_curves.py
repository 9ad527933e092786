from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from sklearn.isotonic import isotonic_regression

from swither.errors import InputError
from swither.statistics import LabelsToReach, area_under_curve, labels_to_reach, monotone_fit

VALUES = st.lists(st.floats(0, 1), min_size=2, max_size=9)


@given(VALUES, st.integers(0, 2**32 - 1))
def test_the_area_is_scipys_trapezoid_over_the_budget(values: list[float], seed: int) -> None:
    labelled = np.cumsum(np.random.default_rng(seed).integers(1, 500, len(values)))

    expected = integrate.trapezoid(values, labelled) / (labelled[-1] - labelled[0])
    assert area_under_curve(labelled, values) == pytest.approx(expected)


@given(VALUES)
def test_the_monotone_fit_is_scikit_learns_isotonic_regression(values: list[float]) -> None:
    np.testing.assert_allclose(monotone_fit(values), isotonic_regression(values), atol=1e-9)


@given(VALUES, st.floats(0, 1))
def test_reading_the_curve_at_the_answer_gives_the_level_back(values: list[float], level: float) -> None:
    labelled = np.arange(1, len(values) + 1) * 100.0
    fit = monotone_fit(values)
    answer = labels_to_reach(labelled, values, level)

    if answer.bound == "about":
        assert np.interp(answer.labels, labelled, fit) == pytest.approx(level, abs=1e-6)
        assert np.all(fit[labelled < answer.labels] <= level)
    elif answer.bound == "at least":
        assert fit.max() < level
        assert answer.labels == labelled[-1]
    else:
        assert fit.min() > level
        assert answer.labels == labelled[0]


def test_the_first_point_at_a_level_counts_on_a_plateau() -> None:
    assert labels_to_reach([1, 2, 3, 4], [0.1, 0.5, 0.5, 0.9], 0.5) == LabelsToReach(2.0, "about")


def test_a_dip_is_taken_as_noise_and_not_as_a_second_start() -> None:
    dipped = labels_to_reach([100, 200, 300, 400], [0.5, 0.7, 0.66, 0.8], 0.75)
    smooth = labels_to_reach([100, 200, 300, 400], [0.5, 0.68, 0.68, 0.8], 0.75)

    assert dipped.labels == pytest.approx(smooth.labels)


@pytest.mark.parametrize(
    ("labelled", "values"),
    [([1, 1], [0.1, 0.2]), ([2, 1], [0.1, 0.2]), ([1, 2], [0.1]), ([1, 2], [0.1, math.nan]), ([], [])],
    ids=["equal", "falling", "unequal lengths", "NaN", "none"],
)
def test_what_is_no_curve_is_refused(labelled: list[float], values: list[float]) -> None:
    with pytest.raises(InputError, match="Expected"):
        labels_to_reach(labelled, values, 0.5)
    with pytest.raises(InputError, match="Expected"):
        area_under_curve(labelled, values)


def test_a_single_point_has_no_area() -> None:
    with pytest.raises(InputError, match="two points"):
        area_under_curve([100], [0.5])
