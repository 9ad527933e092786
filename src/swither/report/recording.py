"""A health check of the recording: how much of the pool falls into one class at each recorded epoch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from swither.report.comparison import Comparison
from swither.report.drawing import NARROW, WIDE, Drawing, draw, rest_lightly
from swither.report.legend import HEIGHT, legend_above
from swither.report.markup import text
from swither.report.section import Section, figure, paragraph
from swither.report.style import INK, method_styles
from swither.report.wording import SPACE, count, listed, percent, plural

Shares = Mapping[str, Mapping[int, Mapping[int, Mapping[int, float]]]]
"""method -> cycle -> seed -> epoch -> share."""

_HALF = 0.5


def recording(comparison: Comparison) -> Section | None:
    """The section on recorded labels. None where nothing was recorded."""
    shares = _shares(comparison)
    if not shares:
        return None
    drawing = _drawing(comparison, shares)
    caption = (
        "Share of the pool that was given the most frequent label, after each epoch: the mean over seeds, and "
        "their range behind it. A share far above the line for long means that the labels followed the network"
        "\u2019s lag and not its doubt."
    )
    body = text((paragraph(_verdict(shares)), figure(comparison, drawing, caption)))
    return Section("recording", "Was the recording sound?", "Recording", body, (drawing,))


def _shares(comparison: Comparison) -> Shares:
    shares: dict[str, dict[int, dict[int, dict[int, float]]]] = {}
    for row in comparison.pooled(comparison.data.pool_largest_class):
        cycles = shares.setdefault(str(row["method"]), {})
        seeds = cycles.setdefault(int(row["cycle"]), {})
        seeds.setdefault(int(row["seed"]), {})[int(row["epoch"])] = float(row["share"])
    return {method: shares[method] for method in comparison.data.method_order() if method in shares}


def _true_share(comparison: Comparison) -> float | None:
    """The share of the pool's largest true class; where it is not known, that of even classes."""
    counts = list(comparison.data.pool_classes.values())
    if sum(counts):
        return max(counts) / sum(counts)
    return 1 / len(comparison.data.class_names) if comparison.data.class_names else None


def _verdict(shares: Shares) -> str:
    epochs = [
        (epoch, share)
        for cycles in shares.values()
        for seeds in cycles.values()
        for line in seeds.values()
        for epoch, share in line.items()
    ]
    above = [epoch for epoch, share in epochs if share > _HALF]
    total = f"{plural(len(epochs), 'recorded epoch')}"
    if not above:
        return f"In none of {total} did more than half of the pool fall into one class."
    when = "all of them at the first" if max(above) == 1 else f"the last of them at epoch {max(above)}"
    return (
        f"In {count(len(above))} of {total} ({percent(len(above) / len(epochs))}) more than half of the pool "
        f"fell into one class, {when}."
    )


def _drawing(comparison: Comparison, shares: Shares) -> Drawing:
    cycles = sorted({cycle for values in shares.values() for cycle in values})

    def layout(wide: bool) -> tuple[int, int, float]:
        rows = -(-len(cycles) // (5 if wide else 2))
        columns = max(3 if wide else 1, -(-len(cycles) // rows))
        return rows, columns, 58 + 150.0 * rows + (HEIGHT if len(shares) > 1 else 0)

    def paint(canvas: Figure, *, wide: bool) -> None:
        rows, columns, height = layout(wide)
        width = WIDE if wide else NARROW
        grid = canvas.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        top = 26 + (HEIGHT if len(shares) > 1 else 0)
        canvas.subplots_adjust(
            left=48 / width, right=1 - 10 / width, top=1 - top / height, bottom=44 / height, hspace=0.34, wspace=0.12
        )
        for axes in grid.flat[len(cycles) :]:
            axes.set_visible(False)
        for axes, cycle in zip(grid.flat, cycles, strict=False):
            _panel(axes, comparison, shares, cycle)
        for column in range(min(columns, len(cycles))):
            lowest = [row for row in range(rows) if row * columns + column < len(cycles)][-1]
            grid[lowest, column].set_xlabel("epoch")
            grid[lowest, column].tick_params(axis="x", labelbottom=True)
        if len(shares) > 1:
            legend_above(canvas, comparison, shares, wide=wide)

    return draw(
        "largest-class",
        "Share of the pool in the most frequent predicted class, epoch by epoch",
        f"A panel for each cycle ({listed([str(c) for c in cycles])}). {_verdict(shares)}",
        paint,
        height=layout(True)[2],
        narrow_height=layout(False)[2],
        numbers=[
            {"method": method, "cycle": cycle, "seed": seed, "epoch": epoch, "share": share}
            for method, cycles in shares.items()
            for cycle, seeds in cycles.items()
            for seed, line in seeds.items()
            for epoch, share in line.items()
        ],
    )


def _panel(axes: Axes, comparison: Comparison, shares: Shares, cycle: int) -> None:
    rest_lightly(axes)
    styles = method_styles(comparison.data.method_order())
    for method, cycles in shares.items():
        lines = list(cycles.get(cycle, {}).values())
        if not lines:
            continue
        epochs = sorted(set.intersection(*(set(line) for line in lines)))
        heights = 100 * np.array([[line[epoch] for epoch in epochs] for line in lines])  # (seeds, epochs)
        style = styles[method]
        if len(lines) > 1:
            axes.fill_between(epochs, heights.min(0), heights.max(0), color=style.light, alpha=0.2, linewidth=0)
        line = axes.plot(epochs, heights.mean(0), color=style.light, linewidth=1.4)[0]
        if style.dash:
            line.set_dashes(style.dash)
    share = _true_share(comparison)
    if share is not None:
        axes.axhline(100 * share, color=INK, linewidth=0.8, dashes=(5, 3), zorder=1)
    axes.set_ylim(0, 102)
    axes.set_yticks([0, 50, 100], [f"{tick}{SPACE}%" for tick in (0, 50, 100)])
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value)))
    axes.set_title(f"cycle {cycle}", fontsize=11.5, fontweight="normal", pad=5)
