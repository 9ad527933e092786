from __future__ import annotations

import re
from html import unescape

from swither.report import ReportData
from swither.report.area_tables import area_table, every_number, how_to_read, pair_name
from swither.report.areas import AreaComparison
from swither.report.comparison import Comparison
from swither.report.markup import text
from swither.statistics import Interval, PairedDifference, PairedTest, SignFlip

GAIN = PairedDifference(0.0123, 0.004, Interval(0.009, 0.016, 0.95), 3)
FOUND = AreaComparison(
    "margin", "random", (0, 1, 2), (0.01, 0.012, 0.015), GAIN, PairedTest(5.3, 0.0123, 2, True), 0.0246, 2,
    detectable=0.0131,
)  # fmt: skip


def comparison() -> Comparison:
    rows = [{"method": m, "seed": 0, "cycle": 0, "labelled": 1, "accuracy": 0.5} for m in ("random", "margin", "bald")]
    return Comparison(ReportData("x", rows, methods=[{"name": "margin", "title": "Margin"}]))


def cells(markup: str) -> list[list[str]]:
    found = re.findall(r"<tr>(.*?)</tr>", markup.split("<tbody>")[1], re.DOTALL)
    return [
        [unescape(re.sub(r"<[^>]+>", "", c)).replace("\u00a0", " ") for c in re.split(r"</t[hd]>", row)][:-1]
        for row in found
    ]


def test_a_row_holds_the_difference_both_p_and_what_could_be_found() -> None:
    assert cells(area_table(comparison(), [FOUND], "random")) == [
        ["Margin", "+1.23 (+0.90 to +1.60)", "0.012", "0.025", "3", "1.31", "ahead"]
    ]


def test_a_standard_without_comparisons_has_no_table() -> None:
    assert area_table(comparison(), [FOUND], "margin") == ""


def test_what_was_not_tested_has_no_p() -> None:
    few = AreaComparison("margin", "random", (0,), (0.01,), PairedDifference(0.01, float("nan"), None, 1))
    none = AreaComparison("bald", "random", (), (), None)
    rows = cells(area_table(comparison(), [few, none], "random"))

    assert rows[0] == ["Margin", "+1.00", "\u2013", "\u2013", "1", "\u2013", "too few seeds"]
    assert rows[1] == ["bald", "\u2013", "\u2013", "\u2013", "0", "\u2013", "no seed in common"]
    assert every_number(comparison(), [few, none]) == ""
    assert "Nothing here says anything about chance" in how_to_read([few])


def test_every_number_holds_t_the_bootstrap_and_the_smallest_possible_p() -> None:
    flips = SignFlip(0.00390625, 0.00195312, True, 1024, 10)
    each = AreaComparison(
        "margin", "random", tuple(range(10)), (0.01,) * 10, GAIN, PairedTest(-5.3, 0.0123, 9, True), 0.0246, 2,
        Interval(-0.0101, 0.0152, 0.95), flips, 0.0131,
    )  # fmt: skip

    assert cells(every_number(comparison(), [each])) == [
        ["Margin against random", "0.400", "\u22125.30", "9", "4", "\u22121.01 to +1.52", "0.004", "0.002"]
    ]


def test_drawn_flips_are_said_to_be_drawn() -> None:
    drawn = SignFlip(0.01, 1e-5, False, 100_000, 60)
    each = AreaComparison(
        "margin", "random", tuple(range(60)), (0.01,) * 60, GAIN, PairedTest(5.3, 0.01, 59, True), 0.02, 2,
        Interval(0.01, 0.02, 0.95), drawn, 0.01,
    )  # fmt: skip

    assert "among 100,000 flips drawn at random, beyond 40 seeds" in every_number(comparison(), [each])


def test_comparisons_of_different_seeds_each_name_theirs() -> None:
    other = AreaComparison(
        "bald", "random", (0, 1, 4), (0.01, 0.01, 0.02), GAIN, PairedTest(5.3, 0.0123, 2, True), 0.0246, 2,
        detectable=0.0131,
    )  # fmt: skip

    assert [row[-1] for row in cells(every_number(comparison(), [FOUND, other]))] == ["0, 1, 2", "0, 1, 4"]


def test_the_name_of_a_pair_says_against_what() -> None:
    assert "against random" in text(pair_name(comparison(), FOUND))
