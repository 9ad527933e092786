from __future__ import annotations

import re
from html import unescape

from swither.report import ReportData
from swither.report.areas import area_comparisons
from swither.report.comparison import Comparison
from swither.report.savings_tables import savings_tables
from swither.report.whole_curves import WholeCurves


def tables_of(**curves: list[list[float]]) -> list[list[list[str]]]:
    results = [
        {"method": m, "seed": s, "cycle": c, "labelled": 100 * (c + 1), "accuracy": value}
        for m, seeds in curves.items() for s, values in enumerate(seeds) for c, value in enumerate(values)
    ]  # fmt: skip
    comparison = Comparison(ReportData("x", results))
    whole = WholeCurves.of(comparison)
    markup = savings_tables(comparison, whole, area_comparisons(comparison, whole))
    return [
        [
            [unescape(re.sub(r"<[^>]+>", "", c)).replace("\u00a0", " ") for c in re.split(r"</t[hd]>", row)][:-1]
            for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
        ]
        for body in re.findall(r"<tbody>(.*?)</tbody>", markup, re.DOTALL)
    ]


def test_what_both_reached_comes_first_and_one_level_second() -> None:
    both, level = tables_of(random=[[0.5, 0.6, end] for end in (0.69, 0.71, 0.703)], bald=[[0.5, 0.7, 0.8]] * 3)

    # Random comes to its ends with 300 labels, the other with 195, 210 and 203.
    assert both[0][:2] == ["bald against random", "+97"]
    assert both[0][3:] == ["32 %", "3"]
    # 70.1 % takes the other 201 labels; random more than 300, 291.8 and 298.1.
    assert level[0][:3] == ["bald against random", "70.1 %", "at least +96"]
    assert level[0][3].endswith("or more")
    assert level[0][4] == "2 of 3"


def test_a_method_that_needs_more_has_a_minus() -> None:
    both, _ = tables_of(random=[[0.5, 0.7, 0.8]] * 3, bald=[[0.5, 0.6, 0.7]] * 3)

    assert both[0][1] == "\u2212100"
    assert both[0][3] == "\u221250 %"


def test_without_a_common_seed_there_is_no_table() -> None:
    assert tables_of(random=[[0.5, 0.6]]) == []
