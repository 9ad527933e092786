from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from swither.report import ReportData
from swither.report.areas import AreaComparison, area_comparisons, in_one_sentence
from swither.report.comparison import Comparison
from swither.report.whole_curves import WholeCurves

BUDGET = np.array([100, 200, 400])


def experiment(heights: dict[str, np.ndarray]) -> Comparison:
    """A comparison of method -> (seeds, cycles) accuracies; NaN where a run is missing."""
    results = [
        {"method": m, "seed": s, "cycle": c, "labelled": int(BUDGET[c]), "accuracy": float(v)}
        for m, values in heights.items()
        for (s, c), v in np.ndenumerate(values)
        if np.isfinite(v)
    ]
    return Comparison(ReportData("x", results, methods=[{"name": m} for m in heights]))


def drawn(seeds: int, gains: dict[str, float], spread: float = 0.005) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(3)
    shared = generator.normal(0, 0.02, (seeds, 1)) + np.array([0.5, 0.6, 0.7])
    return {m: shared + generator.normal(0, spread, (seeds, 3)) + g for m, g in gains.items()}


def compared(comparison: Comparison) -> dict[tuple[str, str], AreaComparison]:
    found = area_comparisons(comparison, WholeCurves.of(comparison))
    assert len({(each.method, each.over) for each in found}) == len(found)
    return {(each.method, each.over): each for each in found}


def said(comparison: Comparison, method: str, over: str = "random") -> str:
    return in_one_sentence(comparison, compared(comparison)[method, over]).replace("\u00a0", " ")


def area(values: np.ndarray) -> np.ndarray:
    return integrate.trapezoid(values, BUDGET, axis=1) / (BUDGET[-1] - BUDGET[0])


def test_each_pair_is_compared_once_and_tested_as_scipy_does() -> None:
    heights = drawn(6, {"random": 0, "margin": 0.01, "dispersion": 0.012, "bald": 0})
    found = compared(experiment(heights))

    assert list(found) == [
        ("margin", "random"), ("dispersion", "random"), ("bald", "random"),
        ("dispersion", "margin"), ("bald", "margin"),
    ]  # fmt: skip
    for (method, over), each in found.items():
        expected = stats.ttest_rel(area(heights[method]), area(heights[over]))
        assert each.gain is not None
        assert each.test is not None
        assert each.gain.interval is not None
        assert each.differences == pytest.approx(area(heights[method]) - area(heights[over]))
        assert (each.test.t, each.test.p) == pytest.approx((expected.statistic, expected.pvalue))
        low, high = expected.confidence_interval(0.95)
        assert (each.gain.interval.low, each.gain.interval.high) == pytest.approx((low, high))
        assert each.bootstrap is each.flips is None, "ten seeds are the least"


def test_holm_is_over_all_comparisons_of_the_report() -> None:
    found = compared(experiment(drawn(5, {"random": 0, "margin": 0.004, "dispersion": 0.006, "bald": 0.001})))
    ranked = sorted(found.values(), key=lambda each: each.test.p if each.test else 1)
    smallest = ranked[0]

    assert smallest.test is not None
    assert {each.family for each in ranked} == {5}
    assert smallest.adjusted == pytest.approx(min(1, 5 * smallest.test.p))
    adjusted = [each.adjusted for each in ranked]
    assert adjusted == sorted(adjusted)  # type: ignore[type-var]


def test_from_ten_seeds_there_are_a_bootstrap_and_a_sign_flip_test_the_same_every_time() -> None:
    heights = drawn(10, {"random": 0, "dispersion": 0.006})
    each, again = (compared(experiment(heights))["dispersion", "random"] for _ in range(2))
    differences = area(heights["dispersion"]) - area(heights["random"])

    assert each.flips is not None
    assert each.bootstrap is not None
    assert each.bootstrap == again.bootstrap
    assert each.flips.smallest_p == 2 / 2**10
    flipped = stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert each.flips.p == pytest.approx(flipped.pvalue)


def test_a_difference_is_told_with_n_interval_and_adjusted_p() -> None:
    text = said(experiment(drawn(6, {"random": 0, "dispersion": 0.02})), "dispersion")

    assert text.startswith("Over the whole budget dispersion is ahead of random by 2.")
    assert "(n = 6 seeds, 95 % interval +" in text
    assert "adjusted p " in text
    behind = said(experiment(drawn(6, {"random": 0, "dispersion": -0.02})), "dispersion")
    assert "dispersion is behind random by " in behind
    assert "+" not in behind.split("(")[0], "a size, not a sign"


def test_what_was_not_found_is_told_with_what_would_have_been_found() -> None:
    comparison = experiment(drawn(5, {"random": 0, "dispersion": 0.0}))
    each, text = compared(comparison)["dispersion", "random"], said(comparison, "dispersion")

    assert each.gain is not None
    assert each.detectable is not None
    power = stats.nct.sf(stats.t.ppf(0.975, 4), 4, each.detectable / each.gain.deviation * np.sqrt(5))
    assert power == pytest.approx(0.8, abs=1e-3)
    assert text.startswith("Over the whole budget no difference between dispersion and random was found: ")
    assert (
        f"With n = 5 and this deviation a difference of {100 * each.detectable:.1f} points would have been found with "
        "80 % probability."
    ) in text


def test_a_difference_that_holm_takes_back_is_told_so() -> None:
    for gain in np.arange(0.003, 0.02, 0.0005):
        comparison = experiment(drawn(5, {"random": 0, "dispersion": gain} | {f"m{k}": 0 for k in range(8)}))
        each = compared(comparison)["dispersion", "random"]
        assert each.test is not None
        assert each.adjusted is not None
        if each.test.p < 0.05 <= each.adjusted:
            assert each.verdict == "no difference"
            assert "By itself it would be one (p = 0.0" in said(comparison, "dispersion")
            assert "among 9 comparisons" in said(comparison, "dispersion")
            return
    pytest.fail("no difference between the two levels was met")


@pytest.mark.parametrize(("seeds", "words"), [(1, "of one seed: too few"), (2, "of two seeds: too few")])
def test_too_few_seeds_have_a_difference_and_no_test(seeds: int, words: str) -> None:
    comparison = experiment(drawn(seeds, {"random": 0, "dispersion": 0.02}))
    each = compared(comparison)["dispersion", "random"]

    assert each.test is each.adjusted is each.detectable is None
    assert each.gain is not None
    assert each.gain.interval is None
    assert words in said(comparison, "dispersion")


def test_identical_curves_are_called_identical() -> None:
    heights = drawn(10, {"random": 0})
    comparison = experiment({**heights, "dispersion": heights["random"], "margin": heights["random"] + 0.01})

    assert "came out exactly the same in each of 10 seeds" in said(comparison, "dispersion")
    assert compared(comparison)["dispersion", "random"].flips is None


def test_without_spread_nothing_is_tested_and_no_other_comparison_profits() -> None:
    heights = drawn(4, {"random": 0, "dispersion": 0.01})
    heights["margin"] = heights["random"] + 0.01
    comparison = experiment(heights)
    found = compared(comparison)

    assert found["margin", "random"].verdict == "no spread"
    assert found["margin", "random"].adjusted == 1
    assert "the same in each of 4 seeds: there is no spread to test it against" in said(comparison, "margin")
    assert found["dispersion", "random"].family == 3


def test_no_seed_in_common_is_told() -> None:
    heights = drawn(4, {"random": 0, "dispersion": 0.01})
    heights["random"][2:], heights["dispersion"][:2] = np.nan, np.nan

    assert "have no seed in common" in said(experiment(heights), "dispersion")


def test_one_training_each_has_no_area_and_no_comparison() -> None:
    comparison = experiment({m: v[:, :1] for m, v in drawn(4, {"random": 0, "dispersion": 0.01}).items()})

    assert area_comparisons(comparison, WholeCurves.of(comparison)) == []
