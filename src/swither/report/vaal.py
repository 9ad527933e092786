"""How VAAL's trainings went: what its discriminator told apart, and what its codes said of the images."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from swither.report.comparison import Comparison
from swither.report.drawing import NARROW, WIDE, Drawing, draw, rest_lightly
from swither.report.legend import HEIGHT, legend_above
from swither.report.markup import text
from swither.report.section import Section, figure, paragraph
from swither.report.style import INK, method_styles
from swither.report.vaal_health import Point, collapses, error_share, queries_of
from swither.report.wording import SPACE, listed, plural

Curves = Mapping[str, Mapping[int, list[list[Point]]]]
"""method -> cycle -> for each seed its points."""


def vaal(comparison: Comparison) -> Section | None:
    """The section on VAAL's trainings. None where there is none."""
    rows = comparison.pooled(comparison.data.vaal_log)
    if not rows:
        return None
    curves: dict[str, dict[int, list[list[Point]]]] = {}
    for (method, _, cycle), points in queries_of(rows).items():
        curves.setdefault(method, {}).setdefault(cycle, []).append(points)
    curves = {method: curves[method] for method in comparison.data.method_order() if method in curves}
    said = collapses(rows) or [_sound(len(queries_of(rows)))]
    drawing = _drawing(comparison, curves, said)
    caption = (
        "Above: the share of labelled and unlabelled images that the discriminator took for what they are, with chance "
        "at 50\u00a0%. Below: the reconstruction error, as a share of the error of giving the mean image for every "
        "image. Each point is a mean since the one before; lines are means over seeds, with their range behind them."
    )
    body = text(([paragraph(sentence) for sentence in said], figure(comparison, drawing, caption)))
    return Section("vaal", "Did VAAL learn?", "VAAL", body, (drawing,))


def _sound(queries: int) -> str:
    return (
        f"In none of {plural(queries, 'query', 'queries')} did VAAL collapse: at the end its discriminator was neither "
        "at chance nor always right, and its codes said something of the images."
    )


def _drawing(comparison: Comparison, curves: Curves, said: list[str]) -> Drawing:
    cycles = sorted({cycle for values in curves.values() for cycle in values})

    def layout(wide: bool) -> tuple[int, int, float]:
        columns = min(len(cycles), 5 if wide else 2)
        bands = -(-len(cycles) // columns)
        return bands, columns, 40 + 300.0 * bands + (HEIGHT if len(curves) > 1 else 0)

    def paint(canvas: Figure, *, wide: bool) -> None:
        bands, columns, height = layout(wide)
        width = WIDE if wide else NARROW
        grid = canvas.subplots(2 * bands, columns, sharex=True, squeeze=False)
        top = 26 + (HEIGHT if len(curves) > 1 else 0)
        canvas.subplots_adjust(
            left=50 / width, right=1 - 12 / width, top=1 - top / height, bottom=46 / height, hspace=0.42, wspace=0.16
        )
        highest = _highest(curves)
        for place in range(bands * columns):
            above, below = grid[2 * (place // columns) : 2 * (place // columns) + 2, place % columns]
            if place >= len(cycles):
                above.set_visible(False)
                below.set_visible(False)
                continue
            _panels(above, below, comparison, curves, cycles[place], highest)
            for axes in (above, below):
                axes.tick_params(axis="y", labelleft=place % columns == 0)
            if place + columns >= len(cycles):
                below.set_xlabel("of its training")
                below.tick_params(axis="x", labelbottom=True)
        if len(curves) > 1:
            legend_above(canvas, comparison, curves, wide=wide)

    return draw(
        "vaal",
        "Accuracy of VAAL's discriminator, and its reconstruction error, over each training",
        f"Two panels for each query, after the trainings of {listed([f'cycle {c}' for c in cycles])}. {' '.join(said)}",
        paint,
        height=layout(True)[2],
        narrow_height=layout(False)[2],
        numbers=[
            {
                "method": method,
                "cycle": cycle,
                "run": run,
                "iteration": int(point["iteration"]),
                "discriminator_accuracy": float(point["discriminator_accuracy"]),
                "share_of_the_error_of_the_mean": error_share(point),
            }
            for method, cycles in curves.items()
            for cycle, runs in cycles.items()
            for run, points in enumerate(runs)
            for point in points
        ],
    )


def _panels(above: Axes, below: Axes, comparison: Comparison, curves: Curves, cycle: int, highest: float) -> None:
    styles = method_styles(comparison.data.method_order())
    for method, cycles in curves.items():
        seeds = cycles.get(cycle, [])
        shortest = min((len(points) for points in seeds), default=0)
        if not shortest:
            continue
        across = [100 * float(p["iteration"]) / float(seeds[0][-1]["iteration"]) for p in seeds[0][:shortest]]
        told = np.array([[100 * float(p["discriminator_accuracy"]) for p in points[:shortest]] for points in seeds])
        missed = np.array([[100 * error_share(p) for p in points[:shortest]] for points in seeds])
        for axes, heights in ((above, told), (below, missed)):  # (seeds, points)
            style = styles[method]
            if len(heights) > 1:
                axes.fill_between(across, heights.min(0), heights.max(0), color=style.light, alpha=0.2, linewidth=0)
            line = axes.plot(across, heights.mean(0), color=style.light, linewidth=1.4)[0]
            if style.dash:
                line.set_dashes(style.dash)
    for axes, level, ticks in ((above, 50, (0, 50, 100)), (below, 100, (0, 50, 100))):
        rest_lightly(axes)
        axes.axhline(level, color=INK, linewidth=0.8, dashes=(5, 3), zorder=1)
        axes.set_yticks(ticks, [f"{tick}{SPACE}%" for tick in ticks])
        axes.set_xlim(0, 100)
        axes.set_xticks((0, 50, 100), ("0", f"50{SPACE}%", ""))  # labels at the edges would touch the next panel's
    above.set_ylim(0, 102)
    below.set_ylim(0, highest)
    above.set_title(f"cycle {cycle}: right", fontsize=11.5, fontweight="normal", pad=5)
    below.set_title("error", fontsize=11.5, fontweight="normal", pad=5)


def _highest(curves: Curves) -> float:
    """Of the lower panels: room for all but the first points, which may lie far above the others."""
    shares = [
        100 * error_share(point)
        for cycles in curves.values()
        for seeds in cycles.values()
        for points in seeds
        for point in points[1:] or points
    ]
    return float(np.clip(1.05 * max(shares), 110, 250))
