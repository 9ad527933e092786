"""The paper's figures as they are printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from swither.report.paper_figures import PAPER_METHODS, TABLE_1, printed_gain, relative_of_printed

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("dataset", ["cifar10", "cifar100"])
def test_printed_figures_are_those_of_the_paper(dataset: str) -> None:
    """Against the paper's own text, where it lies beside the repository."""
    paper = ROOT.parent / "shared" / "paper.txt"
    if not paper.exists():
        pytest.skip("the paper's text is not here")
    line = {"all-data": "All data", "dispersion": "Dispersion", "margin": "Margin", "bald": "BALD"}
    line |= {"kcenter": "KCenterGreedy", "coreset": "CoreSet", "vaal": "VAAL", "random": "Random"}
    table = paper.read_text(encoding="utf-8").split("Methods\tCIFAR 10")[1].split("Table 1.")[0]
    for method, printed in TABLE_1[dataset].items():
        (row,) = [row for row in table.splitlines() if row.startswith(line[method])]
        cells = [float(cell.rstrip("%")) for cell in row.split("\t")[1:]]
        assert printed == tuple(cells[:2] if dataset == "cifar10" else cells[2:])


def test_relative_figures_follow_from_accuracies_on_cifar10_alone() -> None:
    for method in PAPER_METHODS:
        printed = {name: TABLE_1[name][method].relative for name in TABLE_1}
        assert relative_of_printed("cifar10", method) == pytest.approx(printed["cifar10"], abs=0.02)
        assert abs(relative_of_printed("cifar100", method) - printed["cifar100"]) > 0.6
        assert 100 * TABLE_1["cifar100"][method].accuracy / 74.00 == pytest.approx(printed["cifar100"], abs=0.02)


def test_table_1_gives_less_than_half_of_what_the_text_says() -> None:
    assert printed_gain("cifar10") == pytest.approx(3.09)
    assert printed_gain("cifar100") == pytest.approx(2.19)
