from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType

import pytest

from swither.report.comparison import Comparison
from swither.report.manuscript.table_1 import tables_1
from swither.report.paper_figures import PAPER_METHODS, TABLE_1
from swither.report.paper_study import Beside


def rows(source: str) -> list[list[str]]:
    lines = [line for line in source.splitlines() if line.endswith(r"\\")]
    return [[cell.strip() for cell in line.removesuffix(r"\\").split("&")] for line in lines]


@pytest.mark.parametrize("dataset", ["cifar10", "cifar100"])
def test_the_papers_figures_stand_beside_ours(dataset: str, synthetic_paper: ModuleType) -> None:
    _, whole, *methods = rows(tables_1(Comparison(synthetic_paper.paper_data(dataset)))["paper-table-1"])
    printed = TABLE_1[dataset]
    assert whole[3:] == [f"${printed['all-data'].accuracy:.2f}$", "$100.00$", "$100.00$", "3"]
    assert len(methods) == len(PAPER_METHODS)
    for method, line in zip(PAPER_METHODS, methods, strict=True):
        assert line[3] == f"${printed[method].accuracy:.2f}$"
        assert line[5] == f"${printed[method].relative:.2f}$"
        assert float(line[1].strip("$")) == pytest.approx(printed[method].accuracy, abs=0.5)


def test_a_small_scale_is_said_and_a_missing_method_is_a_dash(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data(scale="small", methods=("random", "dispersion"))
    source = tables_1(Comparison(data))["paper-table-1"]
    assert "Not at the paper's scale" in re.sub(r"\s+", " ", source)
    vaal = next(line for line in rows(source) if line[0] == "VAAL")
    assert vaal[1:3] == ["--", "--"]
    assert vaal[-1] == "0"


def test_outside_the_papers_study_there_is_none(synthetic: ModuleType) -> None:
    assert tables_1(Comparison(synthetic.report_data())) == {}


def test_the_other_data_sets_folder_has_a_table_of_its_own(synthetic_paper: ModuleType) -> None:
    data, other = synthetic_paper.paper_data("cifar10"), synthetic_paper.paper_data("cifar100")
    beside = Beside(other.paper, other.results, other.methods, other.planned)
    made = tables_1(Comparison(replace(data, paper=replace(data.paper, beside=beside))))
    assert made.keys() == {"paper-table-1", "paper-table-1-beside"}
    assert "CIFAR-100" in made["paper-table-1-beside"]
    assert r"\label{tab:paper-table-1-beside}" in made["paper-table-1-beside"]
    _, whole, *_ = rows(made["paper-table-1-beside"])
    assert whole[3] == f"${TABLE_1['cifar100']['all-data'].accuracy:.2f}$"
