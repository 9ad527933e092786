from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from swither.errors import InputError
from swither.statistics import sign_flip

DIFFERENCES = st.lists(st.integers(-30, 30), min_size=1, max_size=9).map(lambda counts: [c / 1000 for c in counts])


def counted(differences: list[float]) -> float:
    """Every flip written out, in whole thousandths so that nothing is rounded."""
    whole = [round(1000 * d) for d in differences]
    sums = [abs(sum(s * d for s, d in zip(signs, whole, strict=True))) for signs in product((-1, 1), repeat=len(whole))]
    return float(np.mean([total >= abs(sum(whole)) for total in sums]))


@given(DIFFERENCES)
def test_p_is_the_share_of_all_flips_written_out(differences: list[float]) -> None:
    test = sign_flip(differences)

    assert test.exact
    assert test.flips == 2 ** len(differences)
    assert test.p == pytest.approx(counted(differences), abs=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(2, 11))
def test_p_is_scipys_permutation_test(seed: int, seeds: int) -> None:
    differences = np.random.default_rng(seed).normal(0.4, 1, seeds)
    expected = stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf)

    assert sign_flip(differences).p == pytest.approx(expected.pvalue, abs=1e-12)


@given(DIFFERENCES)
def test_all_signs_turned_round_and_another_order_give_the_same(differences: list[float]) -> None:
    assert sign_flip(differences) == sign_flip([-d for d in differences])
    assert sign_flip(differences).p == pytest.approx(sign_flip(differences[::-1]).p, abs=1e-12)


@given(DIFFERENCES)
def test_no_choice_of_signs_gives_less_than_the_smallest_p(differences: list[float]) -> None:
    test = sign_flip(differences)

    assert test.p >= test.smallest_p
    assert sign_flip([abs(d) for d in differences]).p == test.smallest_p


@pytest.mark.parametrize(("seeds", "smallest"), [(1, 1.0), (3, 0.25), (5, 0.0625), (6, 0.03125), (10, 2 / 1024)])
def test_the_smallest_p_of_few_seeds_is_known(seeds: int, smallest: float) -> None:
    assert sign_flip(np.arange(1, seeds + 1) / 100).smallest_p == smallest
    assert sign_flip([0.0, *(np.arange(1, seeds + 1) / 100)]).smallest_p == smallest, "a zero cannot be flipped"


def test_twenty_and_forty_seeds_are_counted_exactly() -> None:
    differences = np.random.default_rng(1).normal(0.3, 1, 20)
    signs = 1 - 2 * ((np.arange(2**20)[:, None] >> np.arange(20)) & 1)  # every flip, one by one
    expected = np.mean(np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9)
    assert sign_flip(differences).p == pytest.approx(expected, abs=1e-12)

    many = sign_flip(np.ones(40))  # half of them: a binomial distribution
    assert many.exact
    assert many.p == 2 / 2**40
    assert sign_flip([1.0] * 30 + [-1.0] * 10).p == pytest.approx(stats.binomtest(30, 40).pvalue)


def test_beyond_forty_seeds_signs_are_drawn_and_that_is_said() -> None:
    differences = np.random.default_rng(8).normal(0.25, 1, 60)
    test = sign_flip(differences, np.random.default_rng(0), draws=20_000)

    assert not test.exact
    assert (test.flips, test.smallest_p) == (20_000, 1 / 20_001)
    assert test == sign_flip(differences, np.random.default_rng(0), draws=20_000)
    assert test.p == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.01)
    with pytest.raises(InputError, match="generator"):
        sign_flip(differences)


def test_equal_methods_are_found_different_as_rarely_as_p_says() -> None:
    generator = np.random.default_rng(4)
    p = np.array([sign_flip(sample).p for sample in generator.normal(0, 1, (2000, 8))])

    for level in (0.05, 0.25, 0.5):
        assert np.mean(p <= level) <= level + 0.03


def test_differences_of_zero_are_no_difference() -> None:
    test = sign_flip([0.0, 0.0, 0.0])

    assert (test.p, test.smallest_p, test.exact) == (1.0, 1.0, True)


def test_what_is_no_list_of_differences_is_refused() -> None:
    for bad in ([], [0.1, float("nan")], [[0.1]]):
        with pytest.raises(InputError, match="Expected"):
            sign_flip(bad)  # type: ignore[arg-type]
