"""What came out of a comparison, in a few lines on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from swither.acquisition.variant import in_catalogue_order
from swither.experiment.contents import described
from swither.report import ReportData
from swither.report.comparison import Comparison
from swither.report.headline import Headline, headline, with_interval
from swither.report.intervals import gain_in_words
from swither.report.wording import count


def comparison_of(results: Any) -> Comparison:
    """The results as the report orders them.

    Args:
        results: the table that `swither.experiment.compare` gives.
    """
    names = dict.fromkeys(results.column("method").to_pylist())
    methods = [described(name) for name in in_catalogue_order(names)]
    return Comparison(ReportData(title="", results=results.to_pylist(), methods=methods))


def print_summary(results: Any, out: Path, console: Console | None = None) -> Headline | None:
    """A row for each method at the last cycle, and where the report lies.

    Returns:
        What the report says in words; None where nothing has finished.
    """
    console = console or Console()
    if not results.num_rows:
        console.print(f"{out} holds no finished cycle yet.", markup=False)
        return None
    comparison = comparison_of(results)
    console.print(_table(comparison))
    console.print(f"Report: {out / 'report.html'}", style="bold", markup=False, highlight=False, soft_wrap=True)
    return headline(comparison)


def _table(comparison: Comparison) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for title, right in (("method", False), ("labels", True), ("test accuracy", True), ("against random", True)):
        table.add_column(title, justify="right" if right else "left")
    cycle = comparison.last_cycle
    points = [(method, comparison.point(method, cycle)) for method in comparison.methods if cycle is not None]
    for method, point in sorted(points, key=lambda found: -(found[1].mean if found[1] else 0.0)):
        if point is not None:
            gain = comparison.gain(method, point.cycle) if method != comparison.baseline else None
            against = gain_in_words(gain) if gain else ""
            table.add_row(comparison.titles[method], count(point.labelled), with_interval(point), against)
    reference = comparison.reference_point
    if reference is not None:
        table.add_row("all images", count(reference.labelled), with_interval(reference), "", style="dim")
    if len(comparison.seeds) > 1:
        beside = "their results" if len(comparison.seeds) == 2 else "95 % intervals"
        table.caption = f"means of {len(comparison.seeds)} seeds with {beside}"
    return table
