"""Table 1 beside ours: the paper's figures as printed, ours with seeds, and nothing where nothing is."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from types import ModuleType

import numpy as np
import pytest

from swither.report.comparison import Comparison
from swither.report.paper_figures import ALL_DATA, PAPER_METHODS
from swither.report.paper_study import Beside, PaperStudy
from swither.report.paper_table import paper_table

PLAIN = str.maketrans({"\u00a0": " ", "\u2019": "'", "\u2013": "-", "\u2212": "-"})


def shown(data: object) -> tuple[str, list[dict[str, list[str]]]]:
    """The section as text, and each of its tables: first cell -> the others."""
    section = paper_table(Comparison(data))  # type: ignore[arg-type]
    assert section is not None
    tables = []
    for found in re.findall(r"<tbody>.*?</tbody>", section.body, re.DOTALL):
        rows = [
            [plain(cell) for cell in re.split(r"</t[hd]>", row)][:-1] for row in re.findall(r"<tr>(.*?)</tr>", found)
        ]
        tables.append({first: rest for first, *rest in rows})
    return plain(section.body), tables


def plain(markup: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", markup)).translate(PLAIN).strip()


def test_outside_the_paper_there_is_no_such_section(synthetic: ModuleType) -> None:
    assert paper_table(Comparison(synthetic.report_data())) is None


def test_our_means_deviations_and_seeds_stand_beside_the_papers(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data(seeds={"bald": 1})
    _, (table,) = shown(data)
    assert list(table) == [
        "All data",
        "Dispersion",
        "Margin",
        "BALD",
        "k-center greedy",
        "CoreSet",
        "VAAL",
        "Random",
        "Oracle",
    ]
    ours = [r["accuracy"] for r in data.results if r["method"] == "margin" and r["cycle"] == 4]
    whole = [r["accuracy"] for r in data.results if r["method"] == "reference"]
    margin = table["Margin"]
    assert margin[0] == f"{100 * np.mean(ours):.2f}"
    assert margin[1] == f"{100 * np.std(ours, ddof=1):.2f}"
    assert margin[2] == "90.44"
    assert margin[4] == f"{100 * np.mean(np.array(ours) / np.array(whole)):.2f}"
    assert margin[5:] == ["96.61", "3 of 3"]
    assert table["BALD"][1] == "-"
    assert table["BALD"][-1] == "1 of 3"
    assert table["Oracle"][2] == "-", "the paper's table has no oracle"


def test_what_is_compared_besides_stands_below_without_a_paper_figure(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()
    rows = [{**row, "method": "mine.py:doubt"} for row in data.results if row["method"] == "margin"]
    titled = [*data.methods, {"name": "mine.py:doubt", "title": "doubt (mine.py)"}]
    _, (table,) = shown(replace(data, results=[*data.results, *rows], methods=titled))
    assert [*table][-1] == "doubt (mine.py)"
    ours, margin = table["doubt (mine.py)"], table["Margin"]
    assert ours[:2] == margin[:2]
    assert (ours[2], ours[5]) == ("-", "-")


def test_what_is_missing_is_shown_as_missing(synthetic_paper: ModuleType) -> None:
    _, (table,) = shown(synthetic_paper.paper_data(seeds={"vaal": 0, "reference": 0}))
    assert table["VAAL"] == ["-", "-", "87.88", "-", "-", "93.88", "0 of 3"]
    assert table["All data"] == ["-", "-", "93.61", "-", "-", "100.00", "0 of 3"]
    assert table["Margin"][4] == "-", "nothing is relative to a training that is not there"


def test_a_reduced_scale_is_said_and_not_subtracted(synthetic_paper: ModuleType) -> None:
    said, (table,) = shown(synthetic_paper.paper_data(scale="small", whole=0.5))
    assert "This is not the paper's scale: 10,000 of 50,000 training images, a tiny network and 30 epochs" in said
    assert len(table["Margin"]) == 6, "no difference to the paper's accuracy"
    assert "fault" not in said, "the 0.7 rule is for the full scale"
    assert "VAAL (reduced)" in table


@pytest.mark.parametrize(
    ("whole", "word"), [(0.928, "a fault to find"), (0.931, "within the 0.7"), (0.95, "tuned away")]
)
def test_the_all_data_accuracy_is_held_against_the_papers(synthetic_paper: ModuleType, whole: float, word: str) -> None:
    said, _ = shown(synthetic_paper.paper_data(whole=whole, noise=1e-5))
    assert word in said


def test_the_papers_relative_column_of_cifar100_is_said_not_to_follow(synthetic_paper: ModuleType) -> None:
    said, _ = shown(synthetic_paper.paper_data("cifar100"))
    assert "60.66 of 74.61 is 81.30 %, and the table prints 81.97. They fit an all-data accuracy of 74.00" in said
    said, _ = shown(synthetic_paper.paper_data("cifar10"))
    assert "do not follow" not in said


def test_the_other_data_sets_folder_has_a_table_of_its_own(synthetic_paper: ModuleType) -> None:
    here, other = synthetic_paper.paper_data(), synthetic_paper.paper_data("cifar100", scale="small")
    beside = Beside(other.paper, other.results, other.methods, other.planned)
    said, tables = shown(replace(here, paper=replace(here.paper, beside=beside)))
    assert [table["Margin"][2] for table in tables] == ["90.44", "59.78"]
    assert "The folder of CIFAR-100 is not the paper's scale" in said


def test_methods_are_found_under_the_folders_names(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()
    spec = "vaal:iterations=300,width=16"
    rows = [{**row, "method": spec} if row["method"] == "vaal" else row for row in data.results]
    study = PaperStudy("cifar10", "full", methods={**{m: m for m in PAPER_METHODS}, "vaal": spec})
    planned = [(spec if m == "vaal" else m, s) for m, s in data.planned]
    titles = [*data.methods, {"name": spec, "title": "VAAL (reduced)"}]
    _, (table,) = shown(replace(data, results=rows, paper=study, planned=planned, methods=titles))
    assert table["VAAL (reduced)"][-1] == "3 of 3"
    assert ALL_DATA not in study.methods
