from __future__ import annotations

import re
from typing import Any

import pytest

from swither.report import ReportData
from swither.report.comparison import Comparison
from swither.report.opinions import opinions
from swither.report.wording import NONE

METHODS = ("random", "margin", "dispersion", "dispersion:stride=5")


def rows(seeds: int = 2, cycle: int = 0, count: int = 40, methods: tuple[str, ...] = METHODS) -> list[dict[str, Any]]:
    return [
        {
            "seed": seed, "cycle": cycle, "count": count, "pool": 400, "method": method, "title": method.upper(),
            "accuracy": 0.5 + 0.1 * seed, "pool_accuracy": 0.8, "auroc": None if method == "random" else 0.75,
            "classes": [count // 2, count // 2, 0], "nearest_chosen": 0.9, "nearest_labelled": None,
        }
        for seed in range(seeds)
        for method in methods
    ]  # fmt: skip


def overlaps(seeds: int = 2, cycle: int = 0, count: int = 40) -> list[dict[str, Any]]:
    shares = {("random", "margin"): 0.1, ("margin", "dispersion"): 0.4, ("random", "dispersion"): 0.05}
    shares |= {("dispersion", "dispersion:stride=5"): 0.7, ("margin", "dispersion:stride=5"): 0.3}
    return [
        {
            "seed": seed, "cycle": cycle, "count": count, "method": one, "other": other,
            "share": share + 0.1 * seed, "by_chance": 0.1,
        }
        for seed in range(seeds)
        for (one, other), share in shares.items()
    ]  # fmt: skip


def drawn(**tables: Any) -> Any:
    results = [{"method": m, "seed": 0, "cycle": 0, "labelled": 9, "accuracy": 0.5} for m in ("random", "dispersion")]
    return opinions(Comparison(ReportData("x", results, **tables)))


def test_the_shares_are_means_over_seeds_and_stand_in_both_directions() -> None:
    section = drawn(opinions=rows(), overlaps=overlaps())
    numbers = re.findall(
        rf"<td>([\d.]+|{NONE})</td>", section.body.partition("Share in common")[2].partition("</table>")[0]
    )
    assert [numbers[4 * row : 4 * row + 4] for row in range(4)] == [
        [NONE, "15.0", "10.0", NONE],
        ["15.0", NONE, "45.0", "35.0"],
        ["10.0", "45.0", NONE, "75.0"],
        [NONE, "35.0", "75.0", NONE],
    ]
    svg = section.drawings[0].svg.decode()
    assert svg.count(">45<") == 2


def test_the_words_name_the_nearest_of_another_idea_and_what_chance_gives() -> None:
    body = drawn(opinions=rows(), overlaps=overlaps()).body.replace("\u00a0", " ")
    assert "Of what DISPERSION would ask for, MARGIN would take 45 % too" in body
    assert "RANDOM 10 %, the least. Two random draws share 10 %." in body


def test_the_table_holds_means_and_deviations_and_leaves_out_what_is_not_known() -> None:
    body = drawn(opinions=rows(), overlaps=overlaps()).body
    line = body[body.index("What is in the 40 images") :]
    random = line[line.index("random</th>") :].partition("</tr>")[0]
    assert re.findall(r"<td>([^<]*)", random) == ["55.0 ", NONE, "2.0 ", "0.90 ", NONE]
    assert "± 7.1" in random
    assert "80.0" in line[line.index("whole pool</th>") :]


def test_each_cycle_and_count_has_a_figure_of_its_own() -> None:
    section = drawn(
        opinions=[*rows(), *rows(1, cycle=2), *rows(1, count=10)],
        overlaps=[*overlaps(), *overlaps(1, cycle=2), *overlaps(1, count=10)],
    )
    assert [drawing.name for drawing in section.drawings] == ["opinions", "opinions-cycle0-40", "opinions-cycle2-40"]
    assert "10 images after the first training" in section.body
    assert "40 images after cycle 2" in section.body


@pytest.mark.parametrize("tables", [{}, {"opinions": rows(methods=("random",))}, {"opinions": rows()}])
def test_without_two_opinions_of_one_training_there_is_no_section(tables: dict[str, Any]) -> None:
    assert drawn(**tables) is None


def test_many_methods_are_drawn_without_numbers_on_a_phone() -> None:
    names = tuple(f"method-{number}" for number in range(12))
    shared = [
        {"seed": 0, "cycle": 0, "count": 40, "method": names[0], "other": name, "share": 0.37, "by_chance": 0.1}
        for name in names[1:]
    ]
    section = drawn(opinions=rows(1, methods=names), overlaps=shared)
    assert b">37<" in section.drawings[0].svg
    assert b">37<" not in section.drawings[0].narrow_svg


def test_a_method_that_was_asked_of_fewer_seeds_is_named() -> None:
    several = [row for row in rows() if (row["method"], row["seed"]) != ("margin", 1)]
    assert "Asked of fewer seeds: MARGIN (1)." in drawn(opinions=several, overlaps=overlaps()).body
    assert "fewer seeds" not in drawn(opinions=rows(), overlaps=overlaps()).body


def test_shares_of_fewer_seeds_are_not_called_means_over_all() -> None:
    of_one = [
        row for row in overlaps() if row["seed"] == 0 or "dispersion:stride=5" not in (row["method"], row["other"])
    ]
    assert "mean over the 1 to 2 seeds of which both were asked" in drawn(opinions=rows(), overlaps=of_one).body
    assert "mean over 2 seeds." in drawn(opinions=rows(), overlaps=overlaps()).body
