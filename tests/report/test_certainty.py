from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest

from swither.report import ReportData
from swither.report.areas import area_comparisons
from swither.report.certainty import certainty
from swither.report.comparison import Comparison
from swither.report.markup import Markup
from swither.report.whole_curves import WholeCurves


def data_of(
    seeds: int, methods: tuple[str, ...] = ("random", "margin", "dispersion"), cycles: int = 4, gain: float = 0.012
) -> ReportData:
    generator = np.random.default_rng(11)
    start = generator.normal(0.6, 0.01, seeds)
    rows = [
        {"method": m, "seed": s, "cycle": c, "labelled": 100 * (c + 1),
         "accuracy": start[s] + 0.05 * c + (c > 0) * (gain * (m != "random") + generator.normal(0, 0.003))}
        for m in methods for s in range(seeds) for c in range(cycles)
    ]  # fmt: skip
    return ReportData("x", rows, methods=[{"name": m} for m in methods])


def words(body: Markup) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", body, flags=re.DOTALL)))


def said(data: ReportData) -> str:
    section = certainty(Comparison(data))
    assert section is not None
    return words(section.body)


def test_the_section_begins_with_one_sentence_and_a_count_of_the_others() -> None:
    text = said(data_of(10))

    assert text.strip().startswith("Over the whole budget dispersion is ahead of random by ")
    assert "Of all 3 comparisons with random and margin, 2 show a difference" in text
    assert "adjusted by Holm over all 3 comparisons of area in this report" in text


def test_every_number_of_a_comparison_can_be_read() -> None:
    comparison = Comparison(data_of(10))
    found = area_comparisons(comparison, WholeCurves.of(comparison))
    text = said(data_of(10))

    for each in found:
        assert each.test is not None
        assert each.gain is not None
        assert each.bootstrap is not None
        assert each.detectable is not None
        assert f"{100 * each.gain.mean:+.2f}".replace("-", "\u2212") in text
        assert f"{100 * each.detectable:.2f}" in text
        assert f"{each.test.t:+.2f}".replace("-", "\u2212") in text
        assert f"{100 * each.bootstrap.low:+.2f} to {100 * each.bootstrap.high:+.2f}".replace("-", "\u2212") in text
    assert "0.002" in text, "the smallest p that ten seeds can give"
    assert "counted exactly" in text
    assert "Seeds 0, 1, 2, 3, 4, 5, 6, 7, 8 and 9." in text


def test_fewer_than_ten_seeds_have_no_bootstrap_and_it_is_said_when_there_is_one() -> None:
    text = said(data_of(5))

    assert "Bootstrap 95" not in text
    assert "From 10 seeds on a bootstrap and an exact sign-flip test stand beside them." in text


@pytest.mark.parametrize("seeds", [1, 2])
def test_too_few_seeds_show_differences_and_claim_nothing(seeds: int) -> None:
    text = said(data_of(seeds))

    assert "too few for an interval or a test" in text
    assert "below 3 seeds there is no interval and no test" in text
    assert "nobody can be said to win" in text
    assert "ahead" not in text
    assert "Every number" not in text


def test_what_was_left_out_is_named() -> None:
    data = data_of(4)
    short = [row for row in data.results if not (row["method"] == "margin" and row["seed"] == 3 and row["cycle"] == 3)]
    text = said(ReportData("x", short, methods=data.methods))

    assert "1 run left out of the areas, because it did not go through all cycles up to 3: margin (seed 3)." in text


def test_identical_methods_are_not_divided_by_zero() -> None:
    data = data_of(10, ("random",))
    twins = [{**row, "method": "dispersion"} for row in data.results]
    text = said(ReportData("x", [*data.results, *twins]))

    assert "came out exactly the same in each of 10 seeds" in text
    assert "nan" not in text
    assert "inf" not in text


def test_neither_random_nor_margin_leaves_the_matrix_and_says_why() -> None:
    text = said(data_of(4, ("bald", "dispersion")))

    assert "Neither random nor margin was run" in text
    assert "Pairwise penalties" in text


def test_one_training_each_is_a_section_too() -> None:
    text = said(data_of(4, cycles=1))

    assert "No run has two trainings yet" in text


def test_one_method_has_nothing_to_be_sure_of() -> None:
    assert certainty(Comparison(data_of(4, ("dispersion",)))) is None
    assert certainty(Comparison(ReportData("x", []))) is None
