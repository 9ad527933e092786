"""How well CoreSet covered the pool: each query's radius beside greedy's, and what was proven of it."""

from __future__ import annotations

from collections import Counter

from swither.report.comparison import Comparison
from swither.report.contents import Row
from swither.report.markup import Content, table, tag, text
from swither.report.section import Section, method_name, paragraph
from swither.report.wording import SPACE, count, listed, percent, plural

_MEANING = {
    "optimal": "proven the smallest possible",
    "feasible": "smaller than greedy\u2019s, not proven the smallest",
    "greedy": "greedy\u2019s own, not proven the smallest",
}


def coverings(comparison: Comparison) -> Section | None:
    """The section on CoreSet's queries. None where there is none."""
    rows = comparison.pooled(comparison.data.coverings)
    if not rows:
        return None
    several = len({row["method"] for row in rows}) > 1
    head = ["seed", "cycle", "greedy radius", "radius", "lower bound", "outliers", "status", "seconds"]
    lines = [[*([method_name(comparison, str(row["method"]))] if several else []), *_line(row)] for row in rows]
    caption = (
        "Every query of CoreSet. The radius is the largest distance of an image to its nearest labelled or chosen one, "
        "outliers left aside, in the unit of the embeddings; greedy\u2019s is that of k-center greedy with as many "
        "left aside. No choice of so many images has a radius below the lower bound."
    )
    shown = table(caption, [*(["method"] if several else []), *head], lines)
    folded = tag("details", tag("summary", f"Every query ({count(len(rows))})"), shown)
    return Section("coverings", "Did CoreSet cover as well as can be?", "CoreSet", text((_said(rows), folded)))


def _said(rows: list[Row]) -> Content:
    number = Counter(str(row["status"]) for row in rows)
    statuses = [f"{number[status]} {_MEANING[status]}" for status in _MEANING if number[status]]
    gains = [1 - float(row["radius"]) / float(row["greedy_radius"]) for row in rows if float(row["greedy_radius"]) > 0]
    gaps = [1 - float(row["lower_bound"]) / float(row["radius"]) for row in rows if float(row["radius"]) > 0]
    said = f"Of the radii of {plural(len(rows), 'query', 'queries')}: {listed(statuses)}."
    if gains:
        said += f" They lie {percent(sum(gains) / len(gains))} below greedy\u2019s on average"
        said += f"; the lower bound is up to {percent(max(gaps))} below them." if max(gaps) > 0 else "."
    cut = sum(bool(row.get("cut_by_clock")) for row in rows)
    if cut:
        said += f" {plural(cut, 'query was', 'queries were')} cut by the clock and may differ on another machine."
    return paragraph(said)


def _line(row: Row) -> list[Content]:
    used = f"{int(row['outliers_used'])}{SPACE}of{SPACE}{int(row['outliers_allowed'])}"
    radii = [f"{float(row[name]):.4g}" for name in ("greedy_radius", "radius", "lower_bound")]
    status = f"{row['status']}, cut by the clock" if row.get("cut_by_clock") else str(row["status"])
    return [str(row["seed"]), str(row["cycle"]), *radii, used, status, f"{float(row['seconds']):.1f}"]
