from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from swither.report.areas import area_comparisons
from swither.report.comparison import Comparison
from swither.report.manuscript.tables import tables
from swither.report.whole_curves import WholeCurves


@pytest.fixture(scope="module")
def data(synthetic: ModuleType) -> Any:
    return synthetic.report_data()


@pytest.fixture(scope="module")
def made(data: Any) -> dict[str, str]:
    return dict(tables(Comparison(data)))


def cells(source: str) -> list[list[str]]:
    """Lines of a table, head first, cell by cell; every line as long as the columns that were announced."""
    found = re.search(r"\\begin\{tabular\}\{(l?r*)\}\n(.*?)\\end\{tabular\}", source, re.DOTALL)
    assert found is not None
    lines = [
        [cell.strip() for cell in re.split(r"(?<!\\)&", line.removesuffix(r"\\"))]
        for line in found[2].splitlines()
        if line.endswith(r"\\")
    ]
    assert {len(line) for line in lines} == {len(found[1])}
    return lines


def test_every_table_is_balanced_and_of_booktabs(made: dict[str, str]) -> None:
    assert made.keys() == {"accuracy", "accuracy-intervals", "last-cycle", "areas-random", "areas-margin"}
    for source in made.values():
        cells(source)
        unescaped = re.sub(r"\\[{}]", "", source)
        assert unescaped.count("{") == unescaped.count("}")
        assert source.count("$") % 2 == 0
        for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\caption{", r"\label{tab:"):
            assert rule in source


def test_accuracies_are_means_and_deviations_of_the_results(made: dict[str, str], data: Any) -> None:
    head, *rows = cells(made["accuracy"])
    titles = data.titles()
    for name, *values in rows:
        method = next(key for key, title in titles.items() if title == name)
        for cycle, value in enumerate(values):
            seeds = [r["accuracy"] for r in data.results if (r["method"], r["cycle"]) == (method, cycle)]
            assert value == rf"${100 * np.mean(seeds):.2f} \pm {100 * np.std(seeds, ddof=1):.2f}$"
    assert head[1:] == ["250", "500", "750", "1,000", "1,250", "1,500"]
    assert len(rows) == 6


def test_intervals_stand_below_the_means(made: dict[str, str]) -> None:
    _, *rows = cells(made["accuracy-intervals"])
    for means, ends in zip(rows[::2], rows[1::2], strict=True):
        assert ends[0] == ""
        for mean, interval in zip(means[1:], ends[1:], strict=True):
            low, high = (float(end) for end in interval.strip("$[]").split(", "))
            assert low < float(mean.strip("$")) < high


def test_differences_of_area_carry_their_adjusted_p(made: dict[str, str], data: Any) -> None:
    comparison = Comparison(data)
    found = {
        (each.over, comparison.titles[each.method]): each
        for each in area_comparisons(comparison, WholeCurves.of(comparison))
    }
    for over in ("random", "margin"):
        _, *rows = cells(made[f"areas-{over}"])
        assert rows
        for name, _, difference, _, p, adjusted, *_ in rows:
            each = found.pop((over, name))
            assert each.gain is not None
            assert each.test is not None
            assert each.adjusted is not None
            assert difference == f"${100 * each.gain.mean:+.2f}$"
            assert float(p.strip("$<")) == pytest.approx(each.test.p, rel=0.06, abs=6e-4)
            assert float(adjusted.strip("$<")) == pytest.approx(each.adjusted, rel=0.06, abs=6e-4)
    assert not found


def test_the_reference_is_set_off_in_the_last_cycle(made: dict[str, str]) -> None:
    *_, last = cells(made["last-cycle"])
    assert last[0] == "all data"
    assert last[-2:] == ["$100.00$", "3"]
    assert made["last-cycle"].count(r"\midrule") == 2


def test_of_one_seed_there_is_no_deviation_no_interval_and_no_test(synthetic: ModuleType) -> None:
    whole = synthetic.report_data()
    rows = [row for row in whole.results if row["seed"] == 0]
    made = tables(Comparison(synthetic.report_data(results=rows, planned=())))
    assert "accuracy-intervals" not in made
    assert r"\pm" not in made["accuracy"]
    assert "over 1 seed." in made["accuracy"]
    assert "no test" in made["areas-random"]


def test_a_method_that_has_not_come_so_far_leaves_a_dash(synthetic: ModuleType) -> None:
    whole = synthetic.report_data()
    rows = [row for row in whole.results if row["method"] != "bald" or row["cycle"] < 2]
    _, *lines = cells(tables(Comparison(synthetic.report_data(results=rows)))["accuracy"])
    bald = next(line for line in lines if line[0] == "BALD")
    assert bald[3:] == ["--"] * 4


def test_without_results_there_are_no_tables(synthetic: ModuleType) -> None:
    assert not tables(Comparison(synthetic.report_data(results=())))
