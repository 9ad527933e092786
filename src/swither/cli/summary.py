"""What came out of a comparison, in a few lines on the screen."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from swither.acquisition.variant import in_catalogue_order
from swither.experiment.contents import described
from swither.report import ReportData
from swither.report.comparison import Comparison, Point
from swither.report.headline import Headline, headline, with_interval
from swither.report.intervals import gain_in_words
from swither.report.wording import count, of_seeds


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
    cycle, reference = comparison.last_cycle, comparison.reference_point
    found = {m: p for m in comparison.methods if cycle is not None and (p := comparison.point(m, cycle)) is not None}
    seeds = {method: len(point.values) for method, point in found.items()}
    unlike = len({*seeds.values(), *([len(reference.values)] if reference else [])}) > 1
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("method")
    for title in ("labels", *(["seeds"] if unlike else []), "test accuracy", "against random"):
        table.add_column(title, justify="right")

    def add(title: str, point: Point, against: str, style: str | None = None) -> None:
        number = [str(len(point.values))] if unlike else []
        table.add_row(title, count(point.labelled), *number, with_interval(point), against, style=style)

    for method, point in sorted(found.items(), key=lambda each: -each[1].mean):
        gain = comparison.gain(method, point.cycle) if method != comparison.baseline else None
        add(comparison.titles[method], point, gain_in_words(gain) if gain else "")
    if reference is not None:
        add("all images", reference, "", "dim")
    if max(seeds.values(), default=0) > 1:
        table.caption = _caption(seeds.values())
    return table


def _caption(seeds: Collection[int]) -> str:
    beside = "their results" if max(seeds) == 2 else "95 % intervals"
    said = f"means of {of_seeds(seeds)} with {beside}"
    if len(set(seeds)) > 1:
        said += "; sorted by means that are not of the same seeds: only the last column compares seed by seed"
    return said
