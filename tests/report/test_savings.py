from __future__ import annotations

import math

import pytest

from swither.report import ReportData
from swither.report.comparison import Comparison
from swither.report.savings import final_mean, saved_by_seed, saved_in_words, saved_interval_in_words, savings
from swither.report.whole_curves import WholeCurves
from swither.statistics import Interval, LabelsSaved


def comparison_of(**curves: list[list[float]]) -> Comparison:
    results = [
        {"method": m, "seed": s, "cycle": c, "labelled": 100 * (c + 1), "accuracy": value}
        for m, seeds in curves.items() for s, values in enumerate(seeds) for c, value in enumerate(values)
    ]  # fmt: skip
    return Comparison(ReportData("x", results))


def test_the_mean_curves_and_the_seeds_agree_where_all_seeds_are_alike() -> None:
    comparison = comparison_of(random=[[0.5, 0.6, 0.7]] * 3, margin=[[0.5, 0.7, 0.8]] * 3)
    by_mean, by_seed = (
        savings(comparison, "margin", 0.65),
        saved_by_seed(WholeCurves.of(comparison), "margin", "random", 0.65),
    )

    assert by_mean is not None
    assert by_seed is not None
    assert by_mean.saved == pytest.approx(75) == by_seed.saved
    assert by_mean.share == pytest.approx(0.3) == by_seed.share


def test_at_the_final_mean_of_the_other_a_run_below_it_is_a_bound() -> None:
    comparison = comparison_of(
        random=[[0.5, 0.6, 0.69], [0.5, 0.6, 0.71], [0.5, 0.6, 0.7]], margin=[[0.5, 0.7, 0.8]] * 3
    )
    curves = WholeCurves.of(comparison)
    level = final_mean(curves, "margin", "random")
    found = saved_by_seed(curves, "margin", "random", level)

    assert level == pytest.approx(0.7)
    assert found is not None
    assert (found.bound, found.bounded) == ("at least", 1)
    assert saved_interval_in_words(found).endswith("or more")


def test_without_a_seed_in_common_or_an_area_nothing_is_saved() -> None:
    assert saved_by_seed(WholeCurves.of(comparison_of(random=[[0.5]], margin=[[0.5]])), "margin", "random") is None
    assert saved_by_seed(WholeCurves.of(comparison_of(random=[[0.5, 0.6]])), "margin", "random") is None


@pytest.mark.parametrize(
    ("saved", "bound", "ends", "words"),
    [
        (310.2, "about", (-40, 660), ("+310", "\u221240 to +660")),
        (120, "at least", (12, math.inf), ("at least +120", "+12 or more")),
        (-7, "at most", (-math.inf, 30), ("at most \u22127", "+30 or less")),
        (math.nan, "unknown", (-math.inf, math.inf), ("\u2013", "open on both sides")),
        (0.0, "about", None, ("0", "\u2013")),
    ],
)
def test_bounds_and_open_ends_are_told_in_words(
    saved: float, bound: str, ends: tuple[float, float] | None, words: tuple[str, str]
) -> None:
    interval = Interval(*ends, 0.95) if ends else None
    found = LabelsSaved(saved, bound, interval, 300.0, "about", 3, 0)  # type: ignore[arg-type]

    assert (saved_in_words(found), saved_interval_in_words(found)) == words
