"""Classes: which ones each method asked for, and how well each is recognised in the end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from swither.report.comparison import Comparison
from swither.report.contents import REFERENCE, Row
from swither.report.drawing import NARROW, WIDE, Drawing, draw, plain, rest_lightly
from swither.report.learning_curves import key_line, legend_height
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.names import short_names
from swither.report.section import Section, figure, method_name
from swither.report.style import GRID, INK, method_styles
from swither.report.wording import NONE, in_prose, listed, of_seeds, percent, plural

MOST_ROWS = 20
"""More classes than this are shown by the ten at either end."""


def selected_classes(comparison: Comparison) -> Section | None:
    """The section on the classes of the chosen images. None where nothing was chosen."""
    ratios, sizes = _ratios(comparison)
    if not ratios:
        return None
    names = list(next(iter(ratios.values())))
    shown = _ends(names, _spread_of(ratios, comparison))
    drawing = _drawing(comparison, ratios, shown, sizes)
    caption = (
        "How often each class was chosen, as a multiple of its share of the pool, all cycles and seeds together "
        "(1 is what random gives; the random first set is not counted). The band holds 95\u00a0% of what chance "
        "alone gives."
    )
    if len(shown) < len(names):
        caption += f" Of {plural(len(names), 'class', 'classes')}, the ten chosen least and the ten chosen most."
    body = text((figure(comparison, drawing, caption), _selection_table(comparison, ratios, shown)))
    return Section("classes", "Which classes were asked for?", "Classes", body, (drawing,))


Ratios = Mapping[str, Mapping[str, float]]
"""method -> class name -> share of the picks over share of the pool."""


def _ratios(comparison: Comparison) -> tuple[Ratios, dict[str, tuple[float, float]]]:
    """Ratios, and for each class its share of the pool and the picks of a typical method."""
    counts: dict[str, dict[str, float]] = {}
    for row in comparison.pooled(comparison.data.selected_classes):
        picks = counts.setdefault(str(row["method"]), {})
        picks[str(row["class_name"])] = picks.get(str(row["class_name"]), 0.0) + float(row["count"])
    names = _class_names(comparison, [name for picks in counts.values() for name in picks])
    pool = comparison.data.pool_classes or dict.fromkeys(names, 1)
    everything = sum(pool.values())
    shares = {name: pool.get(name, 0) / everything for name in names if pool.get(name, 0)} if everything else {}
    ratios = {
        method: {name: counts[method].get(name, 0.0) / total / share for name, share in shares.items()}
        for method in comparison.data.method_order()
        if (total := sum(counts.get(method, {}).values())) and shares
    }
    typical = float(np.median([sum(counts[method].values()) for method in ratios])) if ratios else 0.0
    return ratios, {name: (share, typical) for name, share in shares.items()}


def _class_names(comparison: Comparison, found: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*map(str, comparison.data.class_names), *found]))


def _spread_of(ratios: Ratios, comparison: Comparison) -> dict[str, float]:
    """What the classes are sorted by: the ratio of the focus, or else the mean over methods."""
    if comparison.focus is not None and comparison.focus in ratios:
        return dict(ratios[comparison.focus])
    return {name: float(np.mean([r[name] for r in ratios.values()])) for name in next(iter(ratios.values()))}


def _ends(names: Sequence[str], key: Mapping[str, float]) -> list[str]:
    """Names sorted by their number, only the ten at either end where there are many; NaN last."""
    ordered = sorted(names, key=lambda name: (math.isnan(key[name]), key[name]))
    if len(ordered) <= MOST_ROWS:
        return ordered
    known = [name for name in ordered if not math.isnan(key[name])]
    return [*known[: MOST_ROWS // 2], *known[-(MOST_ROWS // 2) :]]


def _drawing(
    comparison: Comparison, ratios: Ratios, shown: Sequence[str], sizes: Mapping[str, tuple[float, float]]
) -> Drawing:
    legend, narrow_legend = 30.0 + 20 * ((len(ratios) - 1) // 6), legend_height(len(ratios))
    rows_height = 26.0 * len(shown) + 46

    def paint(canvas: Figure, *, wide: bool) -> None:
        width, top = (WIDE, legend) if wide else (NARROW, narrow_legend)
        height = rows_height + top
        axes = canvas.subplots()
        canvas.subplots_adjust(
            left=(130 if wide else 96) / width, right=1 - 14 / width, top=1 - top / height, bottom=40 / height
        )
        rest_lightly(axes, grid="x")
        styles = method_styles(comparison.data.method_order())
        rows = np.arange(len(shown))
        for row, name in zip(rows, shown, strict=True):
            share, picks = sizes[name]
            half = 1.96 * math.sqrt((1 - share) / (share * picks))
            axes.barh(row, 2 * half, left=1 - half, height=0.72, color=GRID, zorder=0.5)
        axes.axvline(1, color=INK, linewidth=0.8)
        for method, values in ratios.items():
            line = key_line(styles[method], [values[name] for name in shown], rows.tolist(), zorder=3)
            line.set_linestyle("none")
            if method == comparison.focus:
                line.set_markersize(8.5)
            axes.add_line(line)
        highest = max(max(values[name] for name in shown) for values in ratios.values())
        lowest = min(min(values[name] for name in shown) for values in ratios.values())
        margin = 0.06 * (highest - lowest) + 0.02
        axes.set_xlim(max(0.0, min(lowest - margin, 0.9)), max(highest + margin, 1.1))
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_yticks(rows, [plain(name, 18 if wide else 13) for name in shown])
        axes.tick_params(axis="y", labelcolor=INK)
        axes.xaxis.set_major_locator(MaxNLocator(7 if wide else 4, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}\u00d7"))
        axes.set_xlabel("times its share of the pool")
        handles = [key_line(styles[method], [0], [0]) for method in ratios]
        for handle in handles:
            handle.set_linestyle("none")
        names = short_names(comparison.titles, 19)
        canvas.legend(
            handles,
            [names[m] for m in ratios],
            loc="upper left",
            ncols=6 if wide else 2,
            fontsize=11.5,
            borderaxespad=0,
            handletextpad=0.2,
            columnspacing=1.2,
            handlelength=1.2,
        )

    described = [
        f"{in_prose(comparison.titles[method])} from {min(values.values()):.2f} to {max(values.values()):.2f}"
        for method, values in ratios.items()
    ]
    return draw(
        "selected-classes",
        "How often each class was chosen, against its share of the pool",
        f"A row for each class, a marker for each method. Multiples of the pool's share: {listed(described)}.",
        paint,
        height=rows_height + legend,
        narrow_height=rows_height + narrow_legend,
        numbers=[
            {"method": method, "class": name, "times_its_share": ratio, "share_of_pool": sizes[name][0]}
            for method, values in ratios.items()
            for name, ratio in values.items()
        ],
    )


def _selection_table(comparison: Comparison, ratios: Ratios, shown: Sequence[str]) -> Markup:
    head: list[Content] = ["Class", *[method_name(comparison, method) for method in ratios]]
    rows: list[list[Content]] = [[name, *[f"{values[name]:.2f}\u00d7" for values in ratios.values()]] for name in shown]
    caption = "Share of the chosen images over share of the pool."
    return tag("details", tag("summary", "The same as numbers"), table(caption, head, rows))


def recall(comparison: Comparison) -> Section | None:
    """The section on recall per class at the last cycle. None where no recall was measured."""
    cycle = comparison.last_cycle
    names = [str(name) for name in comparison.data.class_names]
    if cycle is None or not names:
        return None
    found = {method: mean_recall(comparison.rows(method, cycle), len(names)) for method in comparison.methods}
    found[REFERENCE] = mean_recall(comparison.reference, len(names))
    columns = {method: values for method, values in found.items() if values is not None}
    if not columns:
        return None
    keys = np.array(list(columns.values()))  # (methods, classes)
    own = np.array([values for method, values in columns.items() if method != REFERENCE] or keys)
    means = np.full(len(names), np.nan)
    np.divide(np.nansum(own, 0), np.sum(np.isfinite(own), 0), out=means, where=np.isfinite(own).any(0))
    shown = _ends([str(n) for n in range(len(names))], {str(n): float(means[n]) for n in range(len(names))})
    caption = f"Recall of each class at cycle {cycle}, %, mean over seeds; the worst classes first."
    if len(shown) < len(names):
        caption += f" Of {plural(len(names), 'class', 'classes')}, the ten worst and the ten best."
    head: list[Content] = ["Class", *[method_name(comparison, method) for method in columns]]
    lowest = float(np.nanmin(keys))
    rows: list[list[Content]] = [
        [names[int(n)], *[heat(float(values[int(n)]), lowest) for values in columns.values()]] for n in shown
    ]
    seeds = of_seeds(len(runs) for runs in (comparison.rows(m, cycle) for m in comparison.methods) if runs)
    worst = min(range(len(names)), key=lambda n: (math.isnan(means[n]), means[n]))
    body = text(
        (
            tag(
                "p",
                f"The hardest class is {names[worst]}: {percent(float(means[worst]))} of its test images are "
                f"recognised at cycle {cycle}, the mean over {plural(len(own), 'method')} and {seeds}"
                f"{' (training on all data is not in it)' if REFERENCE in columns else ''}.",
            ),
            table(caption, head, rows, class_="heat"),
        )
    )
    return Section("recall", "Where is it still weak?", "Weak classes", body)


def mean_recall(rows: Mapping[int, Row], classes: int) -> list[float] | None:
    """Mean recall of each class over the seeds that measured it; NaN where none did."""
    measured = [row["recall"] for row in rows.values() if row.get("recall") is not None]
    measured = [[math.nan if v is None else float(v) for v in recall] for recall in measured if len(recall) == classes]
    if not measured:
        return None
    sums = [[v for v in column if math.isfinite(v)] for column in zip(*measured, strict=True)]
    return [sum(column) / len(column) if column else math.nan for column in sums]


def heat(share: float, lowest: float, shown: str = "") -> Markup:
    """A cell whose ground is the warmer, the lower the recall; `shown` is what stands in it, else the recall in %."""
    if math.isnan(share):
        return tag("td", shown or NONE)
    strength = 0.55 * (1 - share) / max(1e-9, 1 - lowest)
    return tag("td", shown or f"{100 * share:.1f}", style=f"background:rgba(var(--heat-low),{strength:.2f})")
