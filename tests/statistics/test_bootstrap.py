from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from swither.errors import InputError
from swither.statistics import bootstrap_interval, student_interval


@given(st.integers(0, 2**32 - 1), st.integers(3, 14), st.sampled_from([0.8, 0.95]), st.booleans())
def test_the_interval_is_scipys_bca_of_the_same_draws(seed: int, seeds: int, level: float, skewed: bool) -> None:
    fresh = np.random.default_rng(seed)
    differences = fresh.exponential(0.01, seeds) if skewed else fresh.normal(0.01, 0.01, seeds)
    differences = np.round(differences * 2**20) / 2**20  # sums are exact: SciPy takes rounding for a distance
    if np.ptp(differences) == 0:
        return

    interval = bootstrap_interval(differences, np.random.default_rng(seed), level, draws=999)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name of an argument that SciPy has renamed
        expected = stats.bootstrap(
            (differences,), np.mean, n_resamples=999, confidence_level=level, method="BCa",
            random_state=np.random.default_rng(seed), vectorized=True,
        ).confidence_interval  # fmt: skip

    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert interval.level == level


def test_of_many_normal_differences_it_is_students_interval() -> None:
    differences = np.random.default_rng(5).normal(0.01, 0.02, 400)
    interval, student = bootstrap_interval(differences, np.random.default_rng(0)), student_interval(differences)

    assert student is not None
    assert (interval.low, interval.high) == pytest.approx((student.low, student.high), abs=2e-4)


def test_of_ten_seeds_it_holds_the_true_mean_nearly_as_often_as_it_says() -> None:
    generator = np.random.default_rng(3)
    samples = generator.normal(0.01, 0.02, (600, 10))

    held = np.mean([bootstrap_interval(sample, generator, draws=400).holds(0.01) for sample in samples])
    assert 0.86 < held < 0.97


def test_the_same_generator_gives_the_same_interval() -> None:
    differences = [0.01, 0.02, 0.0, 0.03]
    first, again = (bootstrap_interval(differences, np.random.default_rng(2)) for _ in range(2))

    assert first == again


def test_equal_differences_give_a_point_and_no_division_by_zero() -> None:
    interval = bootstrap_interval([0.93 - 0.92, 0.94 - 0.93, 0.95 - 0.94], np.random.default_rng(0))

    assert interval.low == interval.high == pytest.approx(0.01)


def test_tiny_differences_have_the_same_interval_on_their_scale() -> None:
    differences = np.array([1.0, 2.0, 4.0, 3.0])
    large, tiny = (bootstrap_interval(differences * s, np.random.default_rng(0), draws=500) for s in (1.0, 1e-200))

    assert (tiny.low * 1e200, tiny.high * 1e200) == pytest.approx((large.low, large.high))


def test_what_cannot_be_drawn_from_is_refused() -> None:
    generator = np.random.default_rng(0)
    with pytest.raises(InputError, match="two seeds"):
        bootstrap_interval([0.1], generator)
    with pytest.raises(InputError, match="draw"):
        bootstrap_interval([0.1, 0.2], generator, draws=0)
    with pytest.raises(InputError, match="level"):
        bootstrap_interval([0.1, 0.2], generator, level=95)
