from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from swither.errors import InputError
from swither.report import REFERENCE, MontageImage, ReportData
from swither.report.comparison import Comparison
from swither.report.contents import CIRCUMSTANCES, SHOWN_BESIDE


def row(method: str, seed: int, cycle: int, accuracy: float, **more: object) -> dict[str, object]:
    return {"method": method, "seed": seed, "cycle": cycle, "labelled": 100 * (cycle + 1), "accuracy": accuracy, **more}


def test_points_are_means_over_the_seeds_that_are_there(synthetic: ModuleType) -> None:
    data = synthetic.report_data()
    comparison = Comparison(data)
    point = comparison.point("margin", 3)
    expected = [r["accuracy"] for r in data.results if r["method"] == "margin" and r["cycle"] == 3]

    assert point is not None
    assert point.mean == pytest.approx(np.mean(expected))
    assert point.deviation == pytest.approx(np.std(expected, ddof=1))
    assert point.labelled == 1000
    assert comparison.point("margin", 99) is None


def test_a_share_of_all_data_is_the_mean_of_ratios_seed_by_seed_as_in_table_1() -> None:
    rows = [row("random", s, 0, v) for s, v in enumerate((0.2, 0.6, 0.5))]
    rows += [row("reference", s, 0, v) for s, v in enumerate((0.4, 0.8))]
    comparison = Comparison(ReportData("x", rows))
    point, other = comparison.point("random", 0), comparison.point("random", 0, seeds=(2,))
    assert point is not None
    assert other is not None
    assert comparison.share_of_all_data(point) == pytest.approx((0.5 + 0.75) / 2)
    assert comparison.shares_of_all_data(point.values) == pytest.approx({0: 0.5, 1: 0.75})
    assert comparison.share_of_all_data(other) is None, "no seed in common, no share"
    assert Comparison(ReportData("x", rows[:3])).share_of_all_data(point) is None


def test_gains_pair_seeds_that_both_methods_have() -> None:
    rows = [row("random", s, 0, 0.5 + 0.1 * s) for s in range(3)]
    rows += [row("margin", s, 0, 0.52 + 0.1 * s) for s in (2, 1)] + [row("margin", 7, 0, 0.0)]
    gain = Comparison(ReportData("x", rows)).gain("margin", 0)

    assert gain is not None
    assert gain.pairs == 2
    assert gain.mean == pytest.approx(0.02)


def test_methods_stand_in_the_order_of_the_catalogue_and_strangers_after() -> None:
    rows = [row(m, 0, 0, 0.5) for m in ("mine.py:score", "margin", REFERENCE, "random")]
    catalogue = [{"name": "random"}, {"name": "entropy"}, {"name": "margin", "title": "Margin"}]
    comparison = Comparison(ReportData("x", rows, methods=catalogue))

    assert comparison.methods == ("random", "margin", "mine.py:score")
    assert comparison.titles["margin"] == "Margin"
    assert comparison.titles["mine.py:score"] == "mine.py:score"


def test_the_last_cycle_compared_is_one_that_two_methods_have_reached() -> None:
    rows = [row("random", 0, c, 0.5) for c in range(5)] + [row("margin", 0, c, 0.5) for c in range(3)]

    assert Comparison(ReportData("x", rows)).last_cycle == 2


def test_the_most_common_circumstances_are_pooled_and_changing_ones_left_out() -> None:
    rows = [row(m, s, c, 0.5, threads=1) for m in ("random", "margin") for s in range(2) for c in range(2)]
    rows += [row("random", 5, c, 0.9, threads=1 + c) for c in range(2)]
    rows += [row("margin", 5, c, 0.9, threads=4) for c in range(2)]
    comparison = Comparison(ReportData("x", rows))

    assert comparison.circumstances == (("threads", "1"),)
    assert set(comparison.left_out) == {("random", 5), ("margin", 5)}
    assert comparison.seeds == (0, 1)
    said = " ".join(comparison.unequal)
    assert "changing circumstances: random, seed 5" in said
    assert "threads 4 (and not 1): margin, seed 5" in said
    assert comparison.unfinished == []


@pytest.mark.parametrize("name", CIRCUMSTANCES)
def test_every_circumstance_keeps_results_apart(name: str) -> None:
    rows = [row("random", s, 0, 0.5, **{name: "one"}) for s in range(2)] + [row("random", 2, 0, 0.9, **{name: "two"})]
    comparison = Comparison(ReportData("x", rows))

    assert comparison.seeds == (0, 1)
    assert f"{name} two (and not one): random, seed 2" in " ".join(comparison.unequal)


@pytest.mark.parametrize("name", SHOWN_BESIDE)
def test_another_version_of_python_or_swither_is_pooled(name: str) -> None:
    rows = [row("random", s, 0, 0.5, torch="2", **{name: str(s)}) for s in range(3)]

    assert Comparison(ReportData("x", rows)).seeds == (0, 1, 2)


def test_rows_of_left_out_cells_leave_the_other_tables_too() -> None:
    rows = [row("random", s, 0, 0.5, device="cpu") for s in range(2)] + [row("random", 2, 0, 0.5, device="cuda")]
    other = [{"method": "random", "seed": s, "portion": 1.0, "accuracy": 0.5} for s in range(3)]
    comparison = Comparison(ReportData("x", rows, informativeness=other))

    assert [r["seed"] for r in comparison.pooled(other)] == [0, 1]


def test_two_results_for_one_cell_are_an_error() -> None:
    with pytest.raises(InputError, match="got two"):
        Comparison(ReportData("x", [row("random", 0, 0, 0.5), row("random", 0, 0, 0.6)]))
    with pytest.raises(InputError, match="got two"):
        Comparison(ReportData("x", [row(REFERENCE, 0, -1, 0.5), row(REFERENCE, 0, 0, 0.6)]))


def test_a_row_that_lacks_a_field_is_named() -> None:
    with pytest.raises(InputError, match="Row 1 of results lacks accuracy"):
        ReportData("x", [row("random", 0, 0, 0.5), {**row("random", 1, 0, 0.5), "accuracy": None}])


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 4)])
def test_pixels_of_another_kind_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="Expected pixels"):
        MontageImage(np.zeros(shape, np.uint8), "id", "cat", ("cat",), 0.9, 0.1, "most")
    with pytest.raises(InputError, match="side"):
        MontageImage(np.zeros((8, 8, 1), np.uint8), "id", "cat", ("cat",), 0.9, 0.1, "middle")  # type: ignore[arg-type]
