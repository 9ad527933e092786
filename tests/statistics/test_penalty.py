from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from swither.errors import InputError
from swither.statistics import penalty_matrix


def curves_of(seed: int, methods: int, seeds: int, budgets: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {f"m{i}": generator.normal(0.02 * i, 0.03, (seeds, budgets)) for i in range(methods)}


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(3, 7), st.integers(1, 5))
def test_a_win_is_counted_where_scipys_paired_test_finds_one(seed: int, methods: int, seeds: int, budgets: int) -> None:
    curves = curves_of(seed, methods, seeds, budgets)
    matrix = penalty_matrix(curves)

    for i, first in enumerate(curves):
        for j, second in enumerate(curves):
            wins = 0
            for budget in range(budgets):
                if i != j:
                    t = stats.ttest_rel(curves[first][:, budget], curves[second][:, budget]).statistic
                    wins += t > stats.t.ppf(0.975, seeds - 1)
            assert matrix.wins[i, j] == pytest.approx(wins / budgets)
    assert matrix.methods == tuple(curves)


@given(st.integers(0, 2**32 - 1))
def test_nobody_beats_and_is_beaten_at_one_budget(seed: int) -> None:
    matrix = penalty_matrix(curves_of(seed, 4, 4, 5))

    assert np.all(matrix.wins + matrix.wins.T <= 1 + 1e-12)
    assert not matrix.wins.diagonal().any()


def test_the_penalty_of_a_column_is_its_mean_over_the_other_methods() -> None:
    matrix = penalty_matrix(curves_of(3, 4, 5, 6))

    for j in range(4):
        assert matrix.penalties[j] == pytest.approx(np.mean([matrix.wins[i, j] for i in range(4) if i != j]))


def test_missing_results_leave_out_their_seed_at_their_budget_only() -> None:
    curves = curves_of(5, 2, 6, 3)
    holed = {name: curve.copy() for name, curve in curves.items()}
    holed["m0"][5, 1] = np.nan
    short = {name: np.delete(curve, 5, axis=0) for name, curve in curves.items()}
    at = [penalty_matrix({n: c[:, [b]] for n, c in (short if b == 1 else curves).items()}).wins for b in range(3)]

    np.testing.assert_allclose(penalty_matrix(holed).wins, np.mean(at, axis=0))


def test_too_few_common_seeds_are_not_compared_and_nobody_wins() -> None:
    better, worse = np.array([[0.9], [0.91], [0.92]]), np.array([[0.1], [0.12], [np.nan]])
    matrix = penalty_matrix({"a": better, "b": worse})

    assert not matrix.wins.any()
    assert matrix.compared.tolist() == [[0, 0], [0, 0]]
    assert penalty_matrix({"a": better, "b": worse}, least_pairs=2).wins[0, 1] == 1


def test_identical_curves_win_nothing() -> None:
    curve = np.random.default_rng(0).normal(size=(5, 4))
    matrix = penalty_matrix({"a": curve, "b": curve.copy()})

    assert not matrix.wins.any()
    assert matrix.compared[0, 1] == 4


def test_what_is_no_set_of_curves_is_refused() -> None:
    for bad in ({}, {"a": [0.1, 0.2]}, {"a": [[0.1]], "b": [[0.1], [0.2]]}, {"a": [[np.inf]]}):
        with pytest.raises(InputError, match="Expected"):
            penalty_matrix(bad)


def test_what_was_not_compared_is_not_taken_for_not_beaten() -> None:
    """c has seeds of its own at one budget of two, so only there it can be beaten, and d is never compared."""
    generator = np.random.default_rng(1)
    good = 0.9 + 0.001 * generator.normal(size=(4, 2))
    bad, half, never = good - 0.3 + 0.001 * generator.normal(size=(4, 2)), good - 0.3, np.full((4, 2), np.nan)
    half = half + 0.001 * generator.normal(size=(4, 2))
    half[:, 0] = np.nan
    matrix = penalty_matrix({"good": good, "bad": bad, "half": half, "never": never})
    good_, bad_, half_, never_ = matrix.penalties
    duel = round(float(matrix.wins[2, 1] * 2)), round(float(matrix.wins[1, 2] * 2))

    assert good_ == 0
    assert bad_ == pytest.approx((2 + duel[0]) / 3), "two budgets against good and one against half"
    assert half_ == pytest.approx((1 + duel[1]) / 2), "one budget against either"
    assert np.isnan(never_)
    assert np.isnan(penalty_matrix({"alone": good}).penalties[0])


@pytest.mark.parametrize("gain", [0.25, 0.01])
def test_equal_differences_without_spread_win_nothing(gain: float) -> None:
    worse = np.array([[0.5], [0.6], [0.7]])

    assert not penalty_matrix({"a": worse + gain, "b": worse}).wins.any()
