"""Imbalance: how many labels each class got, and how well it is recognised for them, the rarest classes first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from swither.report.classes import MOST_ROWS, heat, mean_recall
from swither.report.comparison import Comparison
from swither.report.contents import REFERENCE
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.section import Section, method_name, paragraph
from swither.report.wording import NONE, count, plural

GROUPS = 5
"""With more than `MOST_ROWS` classes, they are put together into so many groups of like size."""

Columns = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""method -> labels of each class and its recall (NaN where unknown), means over seeds, in the order of the classes."""


def imbalance(comparison: Comparison) -> Section | None:
    """The section on rare and common classes after the last cycle. None where it is not known what was labelled."""
    data, cycle = comparison.data, comparison.last_cycle
    names = [str(name) for name in data.class_names]
    sizes = [int(data.pool_classes.get(name, 0)) for name in names]
    if cycle is None or not any(sizes):
        return None
    columns = _columns(comparison, cycle, names, sizes)
    if not columns:
        return None
    order = sorted(range(len(names)), key=lambda n: (sizes[n], names[n]))
    body: list[Content] = [paragraph(_in_words(columns, names, sizes, order))]
    caption = f"Labels of a class after cycle {cycle} \u00b7 its recall in %, means over seeds; rarest first."
    if len(names) > MOST_ROWS:
        body.append(_groups(comparison, columns, sizes, order, cycle))
        ends = [*order[: MOST_ROWS // 2], *order[-(MOST_ROWS // 2) :]]
        shortened = f"{caption} Of {plural(len(names), 'class', 'classes')}, the ten rarest and the ten most common."
        body.append(_table(comparison, columns, names, sizes, ends, shortened))
        whole = _table(comparison, columns, names, sizes, order, caption)
        body.append(tag("details", tag("summary", f"All {len(names)} classes"), whole))
    else:
        body.append(_table(comparison, columns, names, sizes, order, caption))
    return Section("imbalance", "Did rare classes get labels?", "Rare classes", text(body))


def _columns(comparison: Comparison, cycle: int, names: Sequence[str], sizes: Sequence[int]) -> Columns:
    """What was labelled and recognised, method by method; the training on all images last."""
    counts: dict[tuple[str, int], np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    place = {name: n for n, name in enumerate(names)}
    data = comparison.data
    earlier = [row for row in data.selected_classes if int(row["cycle"]) < cycle]
    for row in comparison.pooled([*data.initial_classes, *earlier]):
        labels = counts.setdefault((str(row["method"]), int(row["seed"])), np.zeros(len(names)))
        if str(row["class_name"]) in place:
            labels[place[str(row["class_name"])]] += float(row["count"])
    begun = {(str(row["method"]), int(row["seed"])) for row in data.initial_classes}
    columns: dict[str, tuple[Sequence[float], Sequence[float]]] = {}
    for method in comparison.methods:
        rows = comparison.rows(method, cycle)
        known = [counts[method, seed] for seed in rows if (method, seed) in begun]
        if known:
            recalls = mean_recall(rows, len(names)) or [math.nan] * len(names)
            columns[method] = (np.mean(known, axis=0).tolist(), recalls)
    whole = mean_recall(comparison.reference, len(names))
    if columns and whole is not None:
        columns[REFERENCE] = ([float(size) for size in sizes], whole)
    return columns


def _in_words(columns: Columns, names: Sequence[str], sizes: Sequence[int], order: Sequence[int]) -> str:
    there = [n for n in order if sizes[n]]
    rarest, commonest = there[0], there[-1]
    least, most = sizes[rarest], sizes[commonest]
    if most <= 1.5 * least:
        said = f"The classes are of like size: {count(least)} to {count(most)} training images each."
    else:
        said = (
            f"The most common class, {names[commonest]}, has {most / least:.1f} times as many training images as the "
            f"rarest, {names[rarest]}: {count(most)} and {count(least)}."
        )
    got = {method: labels[rarest] for method, (labels, _) in columns.items() if method != REFERENCE}
    low, high = min(got.values()), max(got.values())
    labels = _number(low) if _number(low) == _number(high) else f"{_number(low)} to {_number(high)}"
    said += f" Of {names[rarest]}, {labels} {'was' if labels == '1' else 'were'} labelled, by method."
    return f"{said} The mean of the classes\u2019 recalls is the balanced accuracy."


def _groups(comparison: Comparison, columns: Columns, sizes: Sequence[int], order: Sequence[int], cycle: int) -> Markup:
    """Classes of like size together: what a hundred rows do not show."""
    rows: list[list[Content]] = []
    for group in np.array_split(np.array(order), GROUPS):
        size = plural(len(group), "class", "classes")
        span = sorted({sizes[group[0]], sizes[group[-1]]})
        first: Content = f"{size} of {' to '.join(count(s) for s in span)}"
        cells = [
            (float(np.mean(np.array(labels)[group])), _mean_of_known(np.array(recalls)[group]))
            for labels, recalls in columns.values()
        ]
        rows.append([first, *_cells(cells, columns)])
    head: list[Content] = ["Classes by training images", *[method_name(comparison, method) for method in columns]]
    caption = f"Labels a class after cycle {cycle} \u00b7 mean recall in %, from the rarest classes to the most common."
    return table(caption, head, rows, class_="heat")


def _table(
    comparison: Comparison,
    columns: Columns,
    names: Sequence[str],
    sizes: Sequence[int],
    shown: Sequence[int],
    caption: str,
) -> Markup:
    head: list[Content] = ["Class", "Training images", *[method_name(comparison, method) for method in columns]]
    rows: list[list[Content]] = [
        [names[n], count(sizes[n]), *_cells([(labels[n], recalls[n]) for labels, recalls in columns.values()], columns)]
        for n in shown
    ]
    return table(caption, head, rows, class_="heat")


def _cells(values: Sequence[tuple[float, float]], columns: Columns) -> list[Content]:
    known = [recall for _, recalls in columns.values() for recall in recalls if math.isfinite(recall)]
    lowest = min(known, default=0.0)
    return [
        heat(recall, lowest, f"{_number(labels)} \u00b7 {NONE if math.isnan(recall) else f'{100 * recall:.1f}'}")
        for labels, recall in values
    ]


def _mean_of_known(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan


def _number(value: float) -> str:
    return count(value) if value == round(value) or value >= 100 else f"{value:.1f}"
