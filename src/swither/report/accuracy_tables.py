"""Tables of accuracy: at the last cycle (the paper's Table 1), and at every cycle."""

from __future__ import annotations

import math

from swither.report.comparison import Comparison, Point
from swither.report.headline import gain_in_words, is_clear
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.section import method_name
from swither.report.wording import NONE, SPACE, count, listed, percent, roughly
from swither.statistics import area_under_curve

_MEASURES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro F1",
}


def last_cycle_table(comparison: Comparison) -> Markup:
    """Accuracy at the last cycle: mean, deviation, seeds, share of the all-data accuracy, gain over random."""
    cycle = comparison.last_cycle
    if cycle is None:
        return Markup("")
    baseline = comparison.baseline
    head: list[Content] = ["Method", "Accuracy, %", "Deviation", "Seeds"]
    if comparison.reference_point is not None:
        head.append("Of all-data accuracy")
    if baseline is not None:
        head += ["Against random, points", "Labels for random\u2019s final accuracy"]
    rows = [_last_cycle_row(comparison, method, cycle) for method in comparison.methods]
    if comparison.reference_point is not None:
        rows.append(_reference_row(comparison, comparison.reference_point))
    labelled = {count(p.labelled) for m in comparison.methods if (p := comparison.point(m, cycle))}
    caption = f"Test accuracy at cycle {cycle}, with {listed(sorted(labelled))} labelled images."
    note = (
        tag(
            "p",
            f"Against random: seed by seed, with its 95{SPACE}% interval; \u25b2 or \u25bc where the interval leaves "
            "out zero. One in twenty such marks comes about by chance alone. Labels are read from the mean curves.",
            class_="note",
        )
        if baseline is not None
        else ""
    )
    return Markup(table(caption, head, rows) + note)


def _last_cycle_row(comparison: Comparison, method: str, cycle: int) -> list[Content]:
    point = comparison.point(method, cycle)
    reference = comparison.reference_point
    width = 4 + (reference is not None) + 2 * (comparison.baseline is not None)
    if point is None:
        reached = comparison.curve(method)[-1].cycle
        return [method_name(comparison, method), f"cycle {reached} so far", *[NONE] * (width - 2)]
    row: list[Content] = [method_name(comparison, method), *_spread(point)]
    if reference is not None:
        row.append(percent(point.mean / reference.mean, 2) if reference.mean else NONE)
    if comparison.baseline is not None:
        row += [_gain(comparison, method, cycle), _labels(comparison, method, cycle)]
    return row


def _reference_row(comparison: Comparison, point: Point) -> list[Content]:
    name = f"{comparison.titles['reference']} ({count(point.labelled)} labels)"
    row: list[Content] = [name, *_spread(point), percent(1, 2)]
    return row + ([NONE, NONE] if comparison.baseline is not None else [])


def _spread(point: Point) -> list[Content]:
    return [
        f"{100 * point.mean:.2f}",
        NONE if math.isnan(point.deviation) else f"{100 * point.deviation:.2f}",
        str(len(point.values)),
    ]


def _gain(comparison: Comparison, method: str, cycle: int) -> Content:
    gain = comparison.gain(method, cycle) if method != comparison.baseline else None
    if gain is None:
        return NONE
    mark = "" if not is_clear(gain) else " \u25b2" if gain.mean > 0 else " \u25bc"
    return gain_in_words(gain, 2) + mark


def _labels(comparison: Comparison, method: str, cycle: int) -> Content:
    theirs = comparison.point(str(comparison.baseline), cycle)
    if theirs is None:
        return NONE
    reached = comparison.labels_for(method, theirs.mean)
    if reached is None:
        return NONE
    sign = {"about": "", "at least": "> ", "at most": "\u2264 "}[reached.bound]
    return sign + (count(reached.labels) if method == comparison.baseline else roughly(reached.labels))


def cycle_tables(comparison: Comparison) -> Markup:
    """Accuracy at every cycle, and the other measures folded away below it."""
    tables = {m: _cycle_table(comparison, m) for m in _MEASURES}
    folded = [
        tag("details", tag("summary", _MEASURES[measure]), markup)
        for measure, markup in tables.items()
        if measure != "accuracy" and markup
    ]
    return Markup(tables["accuracy"] + text(folded))


def _cycle_table(comparison: Comparison, measure: str) -> Markup:
    curves = {method: comparison.curve(method, measure) for method in comparison.methods}
    curves = {method: curve for method, curve in curves.items() if curve}
    if not curves:
        return Markup("")
    cycles = sorted({point.cycle for curve in curves.values() for point in curve})
    budgets = {c: [p.labelled for curve in curves.values() for p in curve if p.cycle == c] for c in cycles}
    head: list[Content] = ["Method"]
    head += [[f"cycle {cycle}", tag("br"), tag("small", f"{_range(budgets[cycle])} labels")] for cycle in cycles]
    head.append(["mean height", tag("br"), tag("small", "of the curve")])
    rows = [[method_name(comparison, method), *_cells(curve, cycles), _area(curve)] for method, curve in curves.items()]
    caption = (
        f"{_MEASURES[measure]} at every cycle, %: mean over seeds \u00b1 half the 95{SPACE}% interval"
        " (nothing behind it: one seed). The mean height is the area under the curve over the width of the budget."
    )
    return table(caption, head, rows)


def _cells(curve: list[Point], cycles: list[int]) -> list[Content]:
    found = {point.cycle: point for point in curve}
    return [_mean_and_half(found[cycle]) if cycle in found else NONE for cycle in cycles]


def _mean_and_half(point: Point) -> Content:
    mean = f"{100 * point.mean:.2f}"
    if point.interval is None:
        return mean
    return [mean, " ", tag("small", f"\u00b1{SPACE}{100 * point.interval.half_width:.2f}")]


def _area(curve: list[Point]) -> str:
    if len(curve) < 2:
        return NONE
    return f"{100 * area_under_curve([p.labelled for p in curve], [p.mean for p in curve]):.2f}"


def _range(budgets: list[float]) -> str:
    low, high = count(min(budgets)), count(max(budgets))
    return low if low == high else f"{low}\u2013{high}"
