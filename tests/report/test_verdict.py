"""Words on claims: what three seeds allow to say, and what they do not."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from scipy import stats

from swither.report.verdict import (
    Contrast,
    Verdict,
    all_ahead,
    all_level,
    contrast,
    could_have_found,
    is_around,
    refuting,
    together,
    too_far,
)
from swither.statistics import Interval
from swither.statistics.power import detectable_difference, detection_power

SEEDS = range(3)


def apart(mean: float, noise: float, seeds: int = 3) -> Contrast:
    """A comparison whose differences have this mean and spread evenly around it."""
    around = np.linspace(-noise, noise, seeds)
    found = contrast("a less b", dict(enumerate(0.5 + mean + around)), dict.fromkeys(range(seeds), 0.5))
    assert found is not None
    return found


def test_only_seeds_that_both_have_are_compared() -> None:
    found = contrast("a less b", {0: 0.9, 1: 0.8, 5: 0.1}, {1: 0.7, 0: 0.7, 6: 0.9})
    assert found is not None
    assert found.difference.pairs == 2
    assert found.difference.mean == pytest.approx(0.15)
    assert contrast("a less b", {0: 0.9}, {1: 0.7}) is None


def test_the_probability_is_that_of_a_paired_test() -> None:
    ours, theirs = [0.93, 0.95, 0.94], [0.92, 0.93, 0.93]
    found = contrast("", dict(zip(SEEDS, ours, strict=True)), dict(zip(SEEDS, theirs, strict=True)))
    assert found is not None
    assert found.p == pytest.approx(stats.ttest_rel(ours, theirs).pvalue)


def test_a_claim_holds_only_where_every_interval_is_on_its_side() -> None:
    clear, noisy = apart(0.02, 0.001), apart(0.02, 0.05)
    assert all_ahead([clear, clear]) is Verdict.HOLDS
    assert all_ahead([clear, noisy]) is Verdict.OPEN
    assert all_ahead([clear, None]) is Verdict.MISSING
    assert all_ahead([]) is Verdict.MISSING


def test_a_difference_the_other_way_refutes_even_where_something_is_missing() -> None:
    assert all_ahead([apart(-0.02, 0.0005), None]) is Verdict.FAILS


def test_one_contrary_interval_among_many_may_be_chance() -> None:
    contrary = apart(-0.02, 0.006)
    assert contrary.is_behind
    assert all_ahead([contrary]) is Verdict.FAILS
    assert all_ahead([contrary, *[apart(0.02, 0.05)] * 30]) is Verdict.OPEN


def test_only_what_stands_the_correction_refutes() -> None:
    sure, chance, ahead = apart(-0.02, 0.0005), apart(-0.02, 0.006), apart(0.02, 0.0005)
    assert refuting([ahead, None, chance, *[apart(0.02, 0.05)] * 30, sure]) == [sure]
    assert refuting([ahead, None]) == []
    assert too_far([ahead, apart(0.001, 0.0005), None, sure], 0.003) == [ahead, sure]


def test_fewer_than_three_seeds_tell_nothing() -> None:
    assert all_ahead([apart(0.02, 0.0001, seeds=2)]) is Verdict.OPEN
    assert all_ahead([apart(-0.02, 0.0001, seeds=2)]) is Verdict.OPEN
    assert all_level([apart(0.0, 0.0001, seeds=2)], 0.003) is Verdict.OPEN


def test_equal_differences_without_spread_refute_nothing() -> None:
    found = contrast("", dict.fromkeys(SEEDS, 0.5), dict.fromkeys(SEEDS, 0.75))
    assert found is not None
    assert found.p == 1
    assert all_ahead([found]) is Verdict.OPEN


@pytest.mark.parametrize("levels", [(0.9, 0.8, 0.7), (0.9, 0.3, 0.1)])
def test_equal_differences_without_spread_tell_nothing(levels: tuple[float, ...]) -> None:
    """Equal, or but for rounding: an interval without width is no evidence, on whichever side it lies."""
    theirs = dict(enumerate(levels))
    better = {seed: value + 0.01 for seed, value in theirs.items()}
    ahead, behind = contrast("", better, theirs), contrast("", theirs, better)
    same = contrast("", theirs, theirs)
    assert ahead is not None
    assert not ahead.is_ahead
    assert behind is not None
    assert not behind.is_behind
    assert all_ahead([ahead]) is Verdict.OPEN
    assert all_level([ahead], 0.003) is Verdict.OPEN, "differences equal but for rounding are no test of the margin"
    assert all_level([same], 0.003) is Verdict.OPEN


def test_level_needs_the_whole_interval_within_the_margin() -> None:
    assert all_level([apart(0.001, 0.0005)], 0.003) is Verdict.HOLDS
    assert all_level([apart(0.001, 0.01)], 0.003) is Verdict.OPEN
    assert all_level([apart(0.02, 0.0005)], 0.003) is Verdict.FAILS
    assert all_level([apart(-0.02, 0.0005)], 0.003) is Verdict.FAILS
    assert all_level([apart(0.001, 0.0005), None], 0.003) is Verdict.MISSING


def test_beyond_the_margin_is_told_as_a_t_test_against_the_margin_tells_it() -> None:
    """At the edge of 5 %: SciPy's test of the differences against the margin agrees."""
    for noise in (0.002, 0.0045, 0.006, 0.01):
        found = apart(0.02, noise)
        differences = 0.02 + np.linspace(-noise, noise, 3)
        sure = stats.ttest_1samp(differences, 0.003).pvalue < 0.05
        assert (all_level([found], 0.003) is Verdict.FAILS) == sure


def test_the_worst_part_decides_a_claim() -> None:
    order = [Verdict.FAILS, Verdict.MISSING, Verdict.OPEN, Verdict.HOLDS, Verdict.ELSEWHERE]
    for worst in range(len(order)):
        assert together(order[worst:]) is order[worst]
    assert together([]) is Verdict.MISSING


def test_words_say_how_many_seeds_there_are() -> None:
    assert apart(0.02, 0.001).in_words == "+2.00 (+1.75 to +2.25; n = 3)"
    assert apart(0.02, 0.001, seeds=2).in_words == "+2.00 (n = 2, no interval)"
    assert math.isclose(apart(0.02, 0.001).difference.mean, 0.02)


def test_what_could_have_been_found_is_said_of_what_is_not_clear() -> None:
    noisy = apart(0.001, 0.01)
    (points,) = re.findall(r"difference of ([\d.]+) points", could_have_found([apart(0.02, 0.001), noisy, None]))
    assert detection_power(float(points) / 100, noisy.difference.deviation, 3) == pytest.approx(0.8, abs=0.02)
    assert could_have_found([apart(0.02, 0.001), None]) == ""
    assert could_have_found([apart(0.001, 0.01, seeds=2)]) == "", "two seeds have no noise to speak of"


def test_what_is_not_clear_is_worth_the_middle_of_what_each_comparison_would_have_found() -> None:
    many, few = apart(0.0, 0.01, seeds=9), apart(0.0, 0.02)
    each = [detectable_difference(found.difference.deviation, found.difference.pairs) for found in (many, few)]
    said = could_have_found([many, few])
    assert f"difference of {100 * sum(each) / 2:.1f} points" in said
    assert "with 3 to 9 seeds" in said
    assert "median of 2 comparisons" in said
    assert "Holm" in said


def test_differences_without_spread_could_not_have_found_anything() -> None:
    same = contrast("", dict.fromkeys(SEEDS, 0.5), dict.fromkeys(SEEDS, 0.5))
    assert could_have_found([same]) == ""
    assert could_have_found([same, apart(0.001, 0.01)]) == could_have_found([apart(0.001, 0.01)])


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.066, 0.084, Verdict.HOLDS),
        (0.065, 0.085, Verdict.HOLDS),
        (0.064, 0.084, Verdict.OPEN),
        (0.004, 0.076, Verdict.OPEN),
        (0.0065, 0.0735, Verdict.OPEN),
        (0.01, 0.06, Verdict.FAILS),
        (0.09, 0.12, Verdict.FAILS),
        (0.075, 0.075, Verdict.OPEN),
        (-math.inf, 0.06, Verdict.FAILS),
        (-math.inf, math.inf, Verdict.OPEN),
    ],
)
def test_noise_does_not_earn_the_word_that_a_figure_is_met(low: float, high: float, verdict: Verdict) -> None:
    assert is_around(Interval(low, high, 0.95), 0.075, 0.01) is verdict
    assert is_around(None, 0.075, 0.01) is Verdict.OPEN
