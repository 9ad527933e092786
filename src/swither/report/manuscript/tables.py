"""The report's tables of accuracy and of area, for a manuscript."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from swither.report.areas import STANDARDS, AreaComparison, area_comparisons
from swither.report.comparison import Comparison, Point
from swither.report.intervals import LEAST_SEEDS, within_bounds
from swither.report.manuscript.latex import Cell, Tex, booktabs, interval, number
from swither.report.manuscript.table_1 import tables_1
from swither.report.whole_curves import WholeCurves
from swither.report.wording import NONE, SPACE, count, in_prose, listed, of_seeds, plural
from swither.statistics import area_under_curve


def tables(comparison: Comparison) -> Mapping[str, str]:
    """Name of each table that there are results for -> its LaTeX."""
    curves = WholeCurves.of(comparison)
    found = area_comparisons(comparison, curves)
    made = {
        "accuracy": _accuracy(comparison),
        "accuracy-intervals": _accuracy(comparison, intervals=True) if _has_intervals(comparison) else "",
        "last-cycle": _last_cycle(comparison),
        **{f"areas-{over}": _areas(comparison, curves, found, over) for over in STANDARDS},
        **tables_1(comparison),
    }
    return {name: source for name, source in made.items() if source}


def seeds_in_words(comparison: Comparison) -> str:
    """Of how many seeds the numbers are: "3 seeds", or "2 to 3 seeds" where methods have unlike numbers."""
    return of_seeds(len(p.values) for m in comparison.methods for p in comparison.curve(m))


def _has_intervals(comparison: Comparison) -> bool:
    return any(p.interval is not None for m in comparison.methods for p in comparison.curve(m))


def _accuracy(comparison: Comparison, *, intervals: bool = False) -> str:
    """Accuracy at each budget, with the deviation beside it or the interval below it."""
    if not comparison.methods:
        return ""
    head: list[Cell] = ["Method", *(_budget(comparison, cycle) for cycle in comparison.cycles)]
    rows: list[list[Cell]] = []
    for method in comparison.methods:
        points = [comparison.point(method, cycle) for cycle in comparison.cycles]
        title = comparison.titles[method]
        if intervals:
            rows += [[]] if rows else []
            rows.append([title, *(number(100 * p.mean if p else None) for p in points)])
            rows.append(["", *(_ends(p) if p else Tex("--") for p in points)])
        else:
            rows.append([title, *(_with_deviation(p) for p in points)])
    spread = (
        f" and below it Student\u2019s 95{SPACE}% interval"
        if intervals
        else " \u00b1 sample standard deviation"
        if len(comparison.seeds) > 1
        else ""
    )
    caption = f"Test accuracy (%) with so many labelled images: mean{spread} over {seeds_in_words(comparison)}."
    return booktabs("accuracy-intervals" if intervals else "accuracy", caption + _whole(comparison), head, rows)


def _budget(comparison: Comparison, cycle: int) -> str:
    labels = [p.labelled for m in comparison.methods if (p := comparison.point(m, cycle)) is not None]
    low, high = count(min(labels)), count(max(labels))
    return low if low == high else f"{low}\u2013{high}"


def _with_deviation(point: Point | None) -> Tex:
    if point is None:
        return Tex("--")
    mean = number(100 * point.mean).source
    return Tex(mean if len(point.values) < 2 else f"{mean[:-1]} \\pm {100 * point.deviation:.2f}$")


def _ends(point: Point) -> Tex:
    if point.interval is None:
        return Tex("--")
    low, high = within_bounds(point.interval)
    return interval(100 * low, 100 * high)


def _whole(comparison: Comparison) -> str:
    """A sentence on the network that was trained on everything."""
    whole = comparison.reference_point
    if whole is None:
        return ""
    spread = f" \u00b1 {100 * whole.deviation:.2f}" if len(whole.values) > 1 else ""
    return f" Trained on all {plural(round(whole.labelled), 'image')}: {100 * whole.mean:.2f}{spread}."


def _last_cycle(comparison: Comparison) -> str:
    """The last cycle in full, with the paired gain over random."""
    cycle = comparison.last_cycle
    if cycle is None:
        return ""
    whole, baseline = comparison.reference_point, comparison.baseline
    head: list[Cell] = ["Method", "Accuracy", "Deviation", f"95{SPACE}% interval"]
    head += ["Over random", f"95{SPACE}% interval"] if baseline else []
    head += ["Of all data, %"] if whole else []
    head += ["Seeds"]
    rows: list[list[Cell]] = []
    for method in comparison.methods:
        point = comparison.point(method, cycle)
        if point is None:
            continue
        gain = comparison.gain(method, cycle) if method != baseline else None
        ends = gain.interval if gain else None
        row: list[Cell] = [comparison.titles[method], *_measured(point)]
        if baseline:
            row.append(number(100 * gain.mean if gain else None, signed=True))
            row.append(interval(100 * ends.low, 100 * ends.high, signed=True) if ends else Tex("--"))
        share = comparison.share_of_all_data(point)
        row += [number(None if share is None else 100 * share)] if whole else []
        rows.append([*row, str(len(point.values))])
    if whole is not None:
        rest: list[Cell] = [Tex("--"), Tex("--")] if baseline else []
        rows.append(["all data", *_measured(whole), *rest, number(100.0), str(len(whole.values))])
    labels = sorted({count(p.labelled) for m in comparison.methods if (p := comparison.point(m, cycle))})
    caption = f"Test accuracy (%) with {listed(labels)} labelled images, after {plural(cycle, 'query', 'queries')}."
    if baseline:
        caption += " Over random: the mean of the differences seed by seed, in points; one cycle alone is descriptive."
    return booktabs("last-cycle", caption, head, rows, last=1 if whole else 0)


def _measured(point: Point) -> list[Cell]:
    return [number(100 * point.mean), number(100 * point.deviation), _ends(point)]


def _areas(comparison: Comparison, curves: WholeCurves, found: list[AreaComparison], over: str) -> str:
    """Mean heights of the curves, and the tested differences from one standard."""
    rows: list[list[Cell]] = []
    for each in found:
        if each.over != over:
            continue
        gain = each.gain
        ends = gain.interval if gain else None
        tested = each.test is not None and each.test.spread
        rows.append(
            [
                comparison.titles[each.method],
                number(_height(curves, each.method)),
                number(100 * gain.mean if gain else None, signed=True),
                interval(100 * ends.low, 100 * ends.high, signed=True) if ends else Tex("--"),
                _p(each.test.p if each.test and tested else None),
                _p(each.adjusted if tested else None),
                number(100 * each.detectable if each.detectable else None),
                str(len(each.seeds)),
            ]
        )
    if not rows:
        return ""
    head: list[Cell] = ["Method", "Mean height", "Difference", f"95{SPACE}% interval"]
    head += [Tex("$p$"), Tex("$p$ (Holm)"), "Could be found", "Seeds"]
    standard, height = in_prose(comparison.titles[over]), _height(curves, over)
    caption = (
        "Mean height of the learning curve (the area under it over the width of the budget, in % accuracy) and its "
        f"difference from that of {standard} ({NONE if height is None else f'{height:.2f}'}), in points, paired by "
        "seed."
    )
    family = next((each.family for each in found if each.family), 0)
    if family:
        caption += (
            f" p: Student\u2019s paired test, two-sided; Holm: adjusted over all {plural(family, 'comparison')} of "
            f"area. Could be found: the difference that this test would find with 80{SPACE}% probability."
        )
    else:
        caption += f" Fewer than {LEAST_SEEDS} seeds: no interval and no test."
    return booktabs(f"areas-{over}", caption, head, rows)


def _height(curves: WholeCurves, method: str) -> float | None:
    """In per cent, the mean over the seeds that went through the whole budget."""
    heights = [area_under_curve(curves.budget, curve) for curve in curves.curves.get(method, {}).values()]
    return 100 * float(np.mean(heights)) if heights else None


def _p(p: float | None) -> Tex:
    if p is None:
        return Tex("--")
    if p < 0.00005:
        return Tex("$<0.0001$")
    return number(p, 2 if p >= 0.0995 else 3 if p >= 0.00095 else 4)
