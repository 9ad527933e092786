from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from swither.errors import InputError
from swither.statistics import detectable_difference, detection_power, paired_test, seeds_needed

SEEDS = st.integers(2, 60)
LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99, 0.999])


@given(st.floats(0, 0.2), st.floats(0.001, 0.1), SEEDS, LEVELS)
def test_power_is_the_mass_of_scipys_noncentral_t(difference: float, deviation: float, n: int, level: float) -> None:
    shift, quantile = difference / deviation * math.sqrt(n), stats.t.ppf((1 + level) / 2, n - 1)
    if shift > 30:  # there SciPy's tails are not numbers any more
        return
    below = np.nan_to_num(stats.nct.cdf(-quantile, n - 1, shift))
    expected = stats.nct.sf(quantile, n - 1, shift) + below

    assert detection_power(difference, deviation, n, level) == pytest.approx(expected, abs=1e-8)
    assert detection_power(-difference, deviation, n, level) == detection_power(difference, deviation, n, level)


@given(st.floats(1e-6, 10), SEEDS, st.floats(0.3, 0.999), LEVELS)
def test_at_the_detectable_difference_the_power_is_the_one_asked_for(
    deviation: float, n: int, power: float, level: float
) -> None:
    found = detectable_difference(deviation, n, power, level)

    assert detection_power(found, deviation, n, level) == pytest.approx(power, abs=1e-7)


def test_simulated_experiments_find_the_detectable_difference_four_times_in_five() -> None:
    generator = np.random.default_rng(6)
    for n in (3, 5, 10):
        difference = detectable_difference(0.012, n)
        samples = generator.normal(difference, 0.012, (2000, n))
        found = np.mean([paired_test(sample, np.zeros(n)).p < 0.05 for sample in samples])
        assert found == pytest.approx(0.8, abs=0.03)


@given(st.floats(0.001, 0.1), st.floats(0.001, 0.1), SEEDS, LEVELS)
def test_more_seeds_find_more_and_smaller_differences(
    difference: float, deviation: float, n: int, level: float
) -> None:
    more = detection_power(difference, deviation, n + 1, level)

    assert more >= detection_power(difference, deviation, n, level) - 1e-12
    assert detectable_difference(deviation, n + 1, 0.8) < detectable_difference(deviation, n, 0.8)


@given(st.floats(0.002, 0.1), st.floats(0.001, 0.02))
def test_the_seeds_needed_are_the_fewest_that_do(difference: float, deviation: float) -> None:
    n = seeds_needed(difference, deviation)

    assert detection_power(difference, deviation, n) >= 0.8 - 1e-9
    assert n == 2 or detection_power(difference, deviation, n - 1) < 0.8


def test_without_a_difference_the_power_is_the_chance_of_a_false_find() -> None:
    assert detection_power(0.0, 0.01, 7) == pytest.approx(0.05)
    assert detection_power(0.0, 0.01, 2, level=0.99) == pytest.approx(0.01)


def test_without_spread_every_difference_is_found() -> None:
    assert detectable_difference(0.0, 5) == 0.0
    assert seeds_needed(0.01, 0.0) == 2


def test_what_has_no_answer_is_refused() -> None:
    for call in (
        lambda: detectable_difference(0.01, 1),
        lambda: detectable_difference(-0.01, 5),
        lambda: detectable_difference(math.nan, 5),
        lambda: detectable_difference(0.01, 5, power=0.04),
        lambda: detectable_difference(0.01, 5, power=80),
        lambda: detectable_difference(0.01, 5, level=95),
        lambda: detection_power(math.nan, 0.01, 5),
        lambda: detection_power(0.01, 0.0, 5),
        lambda: seeds_needed(0.0, 0.01),
        lambda: seeds_needed(1e-9, 1.0),
    ):
        with pytest.raises(InputError):
            call()
