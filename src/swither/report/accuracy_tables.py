"""Tables of accuracy: at the last cycle (the paper's Table 1), and at every cycle."""

from __future__ import annotations

import math

from swither.report.comparison import Comparison, Point
from swither.report.intervals import LEAST_SEEDS, gain_in_words, is_clear, spread_in_words
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.savings import savings
from swither.report.section import method_name
from swither.report.wording import NONE, SPACE, count, listed, percent, plural, roughly
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
    baseline = comparison.baseline if len(comparison.methods) > 1 else None
    points = [comparison.point(method, cycle) for method in comparison.methods]
    columns: dict[str, list[Content]] = {
        "Method": [_name_and_reach(comparison, method, cycle) for method in comparison.methods],
        "Accuracy, %": [_number(p.mean if p else None) for p in points],
    }
    if baseline is not None:
        columns["Against random, points"] = [_gain(comparison, method, cycle) for method in comparison.methods]
    columns["Deviation"] = [_number(p.deviation if p else None) for p in points]
    columns["Seeds"] = [str(len(p.values)) if p else NONE for p in points]
    reference = comparison.reference_point
    if reference is not None and reference.mean:
        shares = [comparison.share_of_all_data(p) if p else None for p in points]
        columns["Of all-data accuracy"] = [NONE if share is None else percent(share, 2) for share in shares]
    labels = [_labels(comparison, method, cycle) for method in comparison.methods]
    if any(label != NONE for label in labels):
        columns["Labels for random\u2019s final accuracy"] = labels
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    if reference is not None:
        rows.append(_reference_row(comparison, reference, list(columns)))
    labelled = {count(p.labelled) for m in comparison.methods if (p := comparison.point(m, cycle))}
    noun = "image" if labelled == {"1"} else "images"
    caption = f"Test accuracy at cycle {cycle}, with {listed(sorted(labelled))} labelled {noun}."
    note = tag("p", _note(comparison, cycle), class_="note") if baseline is not None else ""
    return Markup(table(caption, list(columns), rows) + note)


def _note(comparison: Comparison, cycle: int) -> str:
    """How to read the gains: their interval is spoken of where there is one."""
    gains = [comparison.gain(m, cycle) for m in comparison.methods if m != comparison.baseline]
    if not any(gain is not None and gain.interval is not None for gain in gains):
        return "Against random: the mean of the differences seed by seed."
    return (
        f"Against random: seed by seed, with the 95{SPACE}% interval of this cycle alone. Everything at one cycle is "
        "descriptive: among so many intervals some leave out zero by chance. What is tested is the whole curve, see "
        "\u201cHow sure is that?\u201d. Labels for random\u2019s final accuracy are read from the mean curves, made "
        "never to fall, and only where the interval lies above zero."
    )


def _name_and_reach(comparison: Comparison, method: str, cycle: int) -> Content:
    """The method, and how far it came where that is not as far as the table."""
    name = method_name(comparison, method)
    if comparison.point(method, cycle) is not None:
        return name
    reached = comparison.curve(method)[-1].cycle
    return [name, " ", tag("small", f"cycle {reached} so far")]


def _reference_row(comparison: Comparison, point: Point, columns: list[str]) -> list[Content]:
    cells: dict[str, Content] = {
        "Method": f"{comparison.titles['reference']} ({plural(round(point.labelled), 'label')})",
        "Accuracy, %": _number(point.mean),
        "Deviation": _number(point.deviation),
        "Seeds": str(len(point.values)),
        "Of all-data accuracy": percent(1, 2),
    }
    return [cells.get(column, NONE) for column in columns]


def _number(share: float | None) -> str:
    return NONE if share is None or math.isnan(share) else f"{100 * share:.2f}"


def _gain(comparison: Comparison, method: str, cycle: int) -> Content:
    gain = comparison.gain(method, cycle) if method != comparison.baseline else None
    if gain is None:
        return NONE
    return gain_in_words(gain, 2)


def _labels(comparison: Comparison, method: str, cycle: int) -> Content:
    """What the method and random need for random's final accuracy; nothing where the gain may be chance."""
    theirs = comparison.point(str(comparison.baseline), cycle)
    gain = comparison.gain(method, cycle) if method != comparison.baseline else None
    if theirs is None or gain is None:
        return NONE
    found = savings(comparison, method, theirs.mean) if is_clear(gain) and gain.mean > 0 else None
    if found is None:
        return NONE
    mark = {"about": "", "at most": "\u2264 "}[found.bound]
    return f"{mark}{roughly(found.ours)} (random {roughly(found.theirs)})"


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
    head += [[f"cycle {cycle}", tag("br"), tag("small", _range(budgets[cycle]))] for cycle in cycles]
    head.append(["mean height", tag("br"), tag("small", "of the curve")])
    rows = [[method_name(comparison, method), *_cells(curve, cycles), _area(curve)] for method, curve in curves.items()]
    most = max(len(point.values) for curve in curves.values() for point in curve)
    spread = f" \u00b1 half the 95{SPACE}% interval (or its ends, where it would pass 0 or 100)"
    spread = spread if most >= LEAST_SEEDS else ", and what they gave" if most > 1 else ""
    caption = (
        f"{_MEASURES[measure]} at every cycle, %: mean over seeds{spread}."
        " The mean height is the area under the curve over the width of the budget. Descriptive: nothing "
        "here is tested."
    )
    return table(caption, head, rows)


def _cells(curve: list[Point], cycles: list[int]) -> list[Content]:
    found = {point.cycle: point for point in curve}
    return [_mean_and_half(found[cycle]) if cycle in found else NONE for cycle in cycles]


def _mean_and_half(point: Point) -> Content:
    mean, spread = f"{100 * point.mean:.2f}", spread_in_words(point.values.values(), 2, short=True)
    if not spread:
        return mean
    # Two numbers are too long to stand beside the mean.
    return [mean, " " if spread.startswith("\u00b1") else tag("br"), tag("small", spread)]


def _area(curve: list[Point]) -> str:
    if len(curve) < 2:
        return NONE
    return f"{100 * area_under_curve([p.labelled for p in curve], [p.mean for p in curve]):.2f}"


def _range(budgets: list[float]) -> str:
    low, high = count(min(budgets)), count(max(budgets))
    return plural(round(max(budgets)), "label") if low == high else f"{low}\u2013{high} labels"
