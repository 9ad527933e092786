from __future__ import annotations

from types import ModuleType

from swither.report import ReportData
from swither.report.area_figure import area_figure
from swither.report.areas import area_comparisons
from swither.report.comparison import Comparison
from swither.report.whole_curves import WholeCurves


def test_there_is_a_panel_for_each_standard_and_a_row_for_each_method(synthetic: ModuleType) -> None:
    comparison = Comparison(synthetic.report_data())
    drawing = area_figure(comparison, area_comparisons(comparison, WholeCurves.of(comparison)))

    assert drawing is not None
    for svg in (drawing.svg.decode(), drawing.narrow_svg.decode()):
        for shown in ("against random", "against margin", "itself", "Margin", "Dispersion", "BALD", "Entropy"):
            assert shown in svg
    assert "dispersion against margin" in drawing.description


def test_one_seed_is_drawn_without_intervals_and_none_is_not_drawn() -> None:
    rows = [
        {"method": m, "seed": 0, "cycle": c, "labelled": 10 * (c + 1), "accuracy": 0.5 + 0.1 * c}
        for m in ("random", "bald") for c in range(2)
    ]  # fmt: skip
    comparison = Comparison(ReportData("x", rows))

    assert area_figure(comparison, area_comparisons(comparison, WholeCurves.of(comparison))) is not None
    assert area_figure(comparison, []) is None
