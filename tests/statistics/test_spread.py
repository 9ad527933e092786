from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from swither.errors import InputError
from swither.statistics import mean_and_deviation, paired_difference, student_interval

RESULTS = st.lists(st.floats(0, 1, allow_nan=False), min_size=2, max_size=12)


@given(RESULTS)
def test_mean_and_deviation_are_numpys_with_one_degree_of_freedom_taken(values: list[float]) -> None:
    mean, deviation = mean_and_deviation(values)

    assert mean == pytest.approx(np.mean(values))
    assert deviation == pytest.approx(math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1)), abs=1e-12)


@given(RESULTS, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_the_interval_is_scipys(values: list[float], level: float) -> None:
    interval = student_interval(values, level)
    error = np.std(values, ddof=1) / math.sqrt(len(values))

    assert interval is not None
    assert interval.level == level
    if error == 0:  # SciPy divides by it
        assert interval.low == interval.high == pytest.approx(values[0])
    else:
        expected = stats.t.interval(level, len(values) - 1, np.mean(values), error)
        assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-12)


def test_the_interval_holds_the_true_mean_as_often_as_it_says() -> None:
    generator = np.random.default_rng(4)
    draws = generator.normal(0.9, 0.02, size=(4000, 3))

    held = np.mean([interval.holds(0.9) for row in draws if (interval := student_interval(row, 0.8)) is not None])

    assert held == pytest.approx(0.8, abs=0.02)


def test_one_run_gives_no_interval_and_no_deviation() -> None:
    assert student_interval([0.9]) is None
    assert math.isnan(mean_and_deviation([0.9])[1])
    assert paired_difference([0.9], [0.8]).interval is None


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=9))
def test_the_paired_difference_agrees_with_scipys_paired_test(pairs: list[tuple[float, float]]) -> None:
    ours, theirs = zip(*pairs, strict=True)
    if np.std(np.subtract(ours, theirs)) < 1e-9:
        return
    gain = paired_difference(ours, theirs)
    expected = stats.ttest_rel(ours, theirs)

    assert gain.interval is not None
    assert gain.pairs == len(pairs)
    assert gain.interval.holds(0.0) == (expected.pvalue >= 0.05) or expected.pvalue == pytest.approx(0.05, abs=1e-6)
    low, high = expected.confidence_interval(0.95)
    assert (gain.interval.low, gain.interval.high) == pytest.approx((low, high), abs=1e-9)


def test_pairing_takes_out_what_both_share() -> None:
    shared = np.array([0.70, 0.80, 0.90])
    gain = paired_difference(shared + np.array([0.010, 0.011, 0.012]), shared)

    assert gain.interval is not None
    assert not gain.interval.holds(0.0)


@pytest.mark.parametrize("bad", [[], [0.5, math.nan], [math.inf], [[0.5, 0.6]]])
def test_what_is_no_list_of_finite_results_is_refused(bad: list[float]) -> None:
    for function in (mean_and_deviation, student_interval):
        with pytest.raises(InputError, match="Expected"):
            function(bad)


def test_unpaired_results_and_impossible_levels_are_refused() -> None:
    with pytest.raises(InputError, match="same seeds"):
        paired_difference([0.5, 0.6], [0.5])
    with pytest.raises(InputError, match="level"):
        student_interval([0.5, 0.6], level=95)


def test_an_iterator_of_results_is_taken() -> None:
    assert mean_and_deviation(value / 4 for value in (1, 2, 3)) == (0.5, 0.25)
