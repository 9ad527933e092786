"""What CoreSet proved of its queries stands in the report as it was measured."""

from __future__ import annotations

from typing import Any

from swither.report import ReportData
from swither.report.comparison import Comparison
from swither.report.coverings import coverings


def row(seed: int, status: str = "optimal", **given: Any) -> dict[str, Any]:
    radii = {"greedy_radius": 4.0, "radius": 3.0, "lower_bound": 3.0, "outliers_allowed": 2, "outliers_used": 1}
    return {"method": "coreset", "seed": seed, "cycle": 0, "seconds": 1.5, "status": status, **radii, **given}


def section(*rows: dict[str, Any]) -> str:
    results = [{"method": "coreset", "seed": s, "cycle": 0, "labelled": 9, "accuracy": 0.5} for s in range(3)]
    made = coverings(Comparison(ReportData("test", results, coverings=rows)))
    return "" if made is None else str(made.body)


def test_without_coreset_there_is_no_section() -> None:
    assert section() == ""


def test_what_is_proven_is_told_from_what_is_not() -> None:
    page = section(row(0), row(1, "feasible", lower_bound=1.5), row(2, "greedy", radius=4.0, lower_bound=2.0))
    assert "1 proven the smallest possible" in page
    assert "1 smaller than greedy" in page
    assert "1 greedy" in page
    assert "up to 50.0\u00a0% below them" in page


def test_proven_radii_leave_no_gap_to_speak_of() -> None:
    page = section(row(0), row(1))
    assert "25.0\u00a0% below" in page
    assert "lower bound is up to" not in page


def test_a_query_that_the_clock_cut_is_marked() -> None:
    assert "cut by the clock and may differ" in section(row(0, cut_by_clock=True))


def test_embeddings_that_are_all_equal_divide_nothing_by_nothing() -> None:
    assert "1 proven" in section(row(0, greedy_radius=0.0, radius=0.0, lower_bound=0.0))
