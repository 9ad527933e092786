from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swither.errors import InputError
from swither.statistics import labels_saved, labels_to_reach, monotone_fit, student_interval

BUDGET = np.array([100, 200, 300, 400])


def rising(generator: np.random.Generator, seeds: int, slope: float) -> np.ndarray:
    """(seeds, cycles) curves that rise in every cycle."""
    return 0.5 + np.cumsum(generator.uniform(0.01, slope, (seeds, len(BUDGET))), axis=1)


@given(st.integers(0, 2**32 - 1), st.integers(3, 8))
def test_each_seed_is_read_by_itself_at_its_own_level(seed: int, seeds: int) -> None:
    generator = np.random.default_rng(seed)
    theirs = rising(generator, seeds, 0.1)
    ours = np.concatenate([theirs[:, :1], theirs[:, 1:] + generator.uniform(0, 0.05, (seeds, 1))], axis=1)
    each = [
        labels_to_reach(BUDGET, b, b[-1]).labels - labels_to_reach(BUDGET, a, b[-1]).labels
        for a, b in zip(ours, theirs, strict=True)
    ]
    found, expected = labels_saved(BUDGET, ours, theirs), student_interval(each)

    assert found.bound == found.needed_bound == "about"
    assert found.bounded == 0
    assert found.saved == pytest.approx(np.mean(each), abs=1e-9)
    assert found.needed == 400
    assert found.share == pytest.approx(np.mean(each) / 400, abs=1e-12)
    assert found.interval is not None
    assert expected is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_curves_that_dip_are_read_as_if_they_never_fell() -> None:
    dipping = np.array([[0.5, 0.7, 0.66, 0.8]] * 3)
    smooth = np.array([monotone_fit(curve) for curve in dipping])
    theirs = np.array([[0.5, 0.6, 0.7, 0.75]] * 3)

    assert labels_saved(BUDGET, dipping, theirs) == labels_saved(BUDGET, smooth, theirs)


def test_a_level_that_only_ours_reaches_gives_at_least_and_an_interval_open_above() -> None:
    ours = np.array([[0.5, 0.7, 0.8, 0.9], [0.5, 0.72, 0.8, 0.9], [0.5, 0.68, 0.8, 0.9]])
    theirs = ours - np.array([0, 0.1, 0.1, 0.15])
    found = labels_saved(BUDGET, ours, theirs, level=0.85)
    lows = [400 - labels_to_reach(BUDGET, curve, 0.85).labels for curve in ours]

    assert (found.bound, found.needed_bound, found.bounded) == ("at least", "at least", 3)
    assert found.saved == pytest.approx(np.mean(lows))
    assert math.isnan(found.share), "a part of what is only known as a bound"
    assert found.interval is not None
    assert found.interval.high == math.inf
    assert found.interval.low <= found.saved


def test_by_itself_the_level_is_the_highest_that_both_reach_and_the_order_only_turns_the_sign() -> None:
    ours, theirs = np.array([[0.5, 0.7, 0.8, 0.9]] * 3), np.array([[0.5, 0.6, 0.7, 0.8]] * 3)
    ahead, behind = labels_saved(BUDGET, ours, theirs), labels_saved(BUDGET, theirs, ours)

    assert (ahead.saved, ahead.needed, ahead.share) == pytest.approx((100, 400, 0.25))
    assert (behind.saved, behind.needed) == pytest.approx((-100, 300))
    assert (ahead.bound, behind.bound) == ("about", "about")


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_by_itself_no_seed_is_only_known_as_a_bound(seed: int, seeds: int) -> None:
    ours, theirs = np.random.default_rng(seed).uniform(size=(2, seeds, len(BUDGET)))  # falls as often as it rises
    found = labels_saved(BUDGET, ours, theirs)
    if all(max(monotone_fit(a)[0], monotone_fit(b)[0]) <= min(monotone_fit(a)[-1], monotone_fit(b)[-1])
           for a, b in zip(ours, theirs, strict=True)):  # fmt: skip
        assert (found.bound, found.bounded) == ("about", 0)


def test_a_level_that_ours_misses_gives_at_most_and_an_interval_open_below() -> None:
    theirs = np.array([[0.5, 0.6, 0.7, 0.8]] * 3) + np.array([[0.0], [0.01], [0.02]])
    found = labels_saved(BUDGET, theirs - np.array([0, 0.05, 0.05, 0.05]), theirs, level=theirs[:, -1])

    assert (found.saved, found.bound, found.bounded) == (0.0, "at most", 3)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == (-math.inf, 0.0)


def test_one_censored_seed_opens_one_side_only() -> None:
    theirs = np.array([[0.5, 0.6, 0.7, 0.8]] * 4)
    ours = theirs + np.array([[0, 0.05, 0.05, 0.05]] * 3 + [[0, -0.05, -0.05, -0.05]])
    found = labels_saved(BUDGET, ours, theirs, level=0.8)

    assert (found.bound, found.bounded) == ("at most", 1)
    assert found.saved == pytest.approx(3 * 50 / 4)
    assert found.interval is not None
    assert found.interval.low == -math.inf
    assert math.isfinite(found.interval.high)


def test_where_neither_reaches_the_level_nothing_is_known() -> None:
    curves = np.array([[0.5, 0.6, 0.7, 0.8]] * 3)
    found = labels_saved(BUDGET, curves, curves, level=0.9)

    assert (found.bound, found.bounded) == ("unknown", 3)
    assert math.isnan(found.saved)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == (-math.inf, math.inf)


def test_the_open_interval_holds_the_truth_though_curves_were_cut() -> None:
    generator = np.random.default_rng(9)
    held = []
    budget = np.arange(100, 1001, 100)
    for _ in range(600):
        slopes = 0.001 * (1 + 0.1 * generator.normal(size=(2, 5, 1)))
        ours, theirs = 1.25 * slopes[0] * budget, slopes[1] * budget
        # Straight lines: the whole curves would give these; cut at 700 labels many are not reached.
        whole = labels_saved(np.append(budget, 100_000), *(np.c_[c, c[:, -1:] * 100] for c in (ours, theirs)), 0.69)
        cut = labels_saved(budget[:7], ours[:, :7], theirs[:, :7], level=0.69)
        assert cut.interval is not None
        assert whole.interval is not None
        true = 0.69 * 1000 * (1 - 1 / 1.25) * 1.01  # E[1 / (1 + 0.1 z)] is about 1.01
        held.append(cut.interval.holds(true))
        assert whole.bound == "about"
    assert np.mean(held) > 0.93


def test_methods_that_swap_places_swap_the_sign() -> None:
    generator = np.random.default_rng(1)
    ours, theirs = rising(generator, 5, 0.1), rising(generator, 5, 0.1)
    level = min(ours[:, -1].min(), theirs[:, -1].min())
    there, back = labels_saved(BUDGET, ours, theirs, level), labels_saved(BUDGET, theirs, ours, level)

    assert there.saved == pytest.approx(-back.saved)
    assert there.interval is not None
    assert back.interval is not None
    assert (there.interval.low, there.interval.high) == pytest.approx((-back.interval.high, -back.interval.low))


def test_a_level_that_both_begin_above_is_bounded_on_both_sides() -> None:
    curves = np.array([[0.5, 0.6, 0.7, 0.8]] * 3)
    found = labels_saved(BUDGET, curves, curves, level=0.4)

    assert found.bounded == 3
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == (-100, 100)


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_give_a_mean_and_no_interval(seeds: int) -> None:
    curves = np.array([[0.5, 0.6, 0.7, 0.8]] * seeds)
    found = labels_saved(BUDGET, curves, curves)

    assert (found.saved, found.interval, found.pairs) == (0.0, None, seeds)


def test_what_is_no_pair_of_curves_is_refused() -> None:
    good = np.full((3, 4), 0.5)
    for labelled, ours, theirs, level in (
        (BUDGET, good, good[:2], None),
        (BUDGET, good[:, :3], good[:, :3], None),
        (BUDGET, good[0], good[0], None),
        (BUDGET, good[:0], good[:0], None),
        (BUDGET[::-1], good, good, None),
        (BUDGET, good * np.nan, good, 0.5),
        (BUDGET, good, good, [0.5, 0.6]),
        (BUDGET, good, good, math.nan),
    ):
        with pytest.raises(InputError, match="Expected"):
            labels_saved(labelled, ours, theirs, level)
