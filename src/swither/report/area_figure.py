"""Differences of area with their intervals, a row for each method: seen at once, with what could not have been seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from swither.report.areas import STANDARDS, AreaComparison
from swither.report.comparison import Comparison
from swither.report.drawing import NARROW, WIDE, Drawing, draw, plain, rest_lightly
from swither.report.intervals import gain_in_words
from swither.report.learning_curves import key_line
from swither.report.names import short_names
from swither.report.numbers import Value, over_seeds
from swither.report.style import GRID, INK, MUTED, MethodStyle, method_styles
from swither.report.wording import MINUS, in_prose, listed

_ROW = 34.0


def area_figure(comparison: Comparison, found: Sequence[AreaComparison]) -> Drawing | None:
    """A panel for each standard, a row for each method. None where no seed is shared."""
    drawn = [each for each in found if each.gain is not None]
    if not drawn:
        return None
    standards = [name for name in STANDARDS if any(each.over == name for each in drawn)]
    rows = [m for m in comparison.methods if any(each.method == m for each in drawn)]
    styles = method_styles(comparison.data.method_order())
    reach = _reach(drawn)

    def paint(figure: Figure, *, wide: bool) -> None:
        shape = (1, len(standards)) if wide else (len(standards), 1)
        panels = figure.subplots(*shape, squeeze=False, sharey=True, sharex=True).ravel()
        height, width = figure.get_size_inches()[1] * 72, WIDE if wide else NARROW
        figure.subplots_adjust(
            left=(142 if wide else 114) / width,
            right=1 - 12 / width,
            top=1 - 30 / height,
            bottom=44 / height,
            wspace=0.09,
            hspace=34 / (_ROW * len(rows)) if not wide else 0,
        )
        names = short_names(comparison.titles, 19 if wide else 16)
        for axes, standard in zip(panels, standards, strict=True):
            _panel(axes, [each for each in drawn if each.over == standard], rows, styles)
            axes.set_xlim(*reach)
            axes.set_title(f"against {plain(in_prose(comparison.titles[standard]), 24)}", pad=9)
            axes.set_yticks(range(len(rows)), [names[m] for m in rows])
            axes.tick_params(axis="y", labelcolor=INK)
            axes.set_ylim(len(rows) - 0.45, -0.55)
        for axes in panels if wide else panels[-1:]:
            axes.set_xlabel("difference of the mean height, points")

    return draw(
        "areas",
        "Differences of the area under the learning curve",
        _description(comparison, drawn),
        paint,
        height=74 + _ROW * len(rows),
        narrow_height=74 + (_ROW * len(rows)) * len(standards) + 34 * (len(standards) - 1),
        numbers=[_numbers(each) for each in drawn],
    )


def _panel(axes: Axes, found: Sequence[AreaComparison], rows: Sequence[str], styles: dict[str, MethodStyle]) -> None:
    rest_lightly(axes, grid="x")
    for each in found:
        assert each.gain is not None
        row, colour = rows.index(each.method), styles[each.method].light
        if each.detectable:
            axes.barh(row, 200 * each.detectable, left=-100 * each.detectable, height=0.62, color=GRID, zorder=0.5)
        if each.gain.interval is not None:
            ends = [100 * each.gain.interval.low, 100 * each.gain.interval.high]
            axes.plot(ends, [row, row], color=colour, linewidth=2.2, solid_capstyle="butt", zorder=3)
        axes.plot(
            [100 * d for d in each.differences],
            [row + 0.21] * len(each.differences),
            linestyle="none",
            marker="|",
            markersize=6,
            color=colour,
            alpha=0.7,
            zorder=2,
        )
        axes.add_line(key_line(styles[each.method], [100 * each.gain.mean], [row], zorder=4))
    for row in set(range(len(rows))) - {rows.index(each.method) for each in found}:
        axes.text(0.01, row, " itself" if rows[row] in STANDARDS else "", va="center", color=MUTED, fontsize=11)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=1)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:+g}".replace("-", MINUS) if v else "0"))


def _reach(found: Sequence[AreaComparison]) -> tuple[float, float]:
    """Limits that hold every seed and interval; the grey bands of few seeds may go on beyond."""
    values = [100 * d for each in found for d in each.differences]
    for each in found:
        if each.gain is not None and each.gain.interval is not None:
            values += [100 * each.gain.interval.low, 100 * each.gain.interval.high]
    low, high = min([0.0, *values]), max([0.0, *values])
    margin = 0.05 * (high - low) or 1.0
    return float(np.floor(10 * (low - margin)) / 10), float(np.ceil(10 * (high + margin)) / 10)


def _description(comparison: Comparison, found: Sequence[AreaComparison]) -> str:
    parts = [
        f"{in_prose(comparison.titles[each.method])} against {in_prose(comparison.titles[each.over])} "
        f"{gain_in_words(each.gain, 2)}"
        for each in found
        if each.gain is not None
    ]
    return f"Differences of the mean height of the learning curve, in points: {listed(parts)}."


def _numbers(each: AreaComparison) -> Mapping[str, Value]:
    """One row, in shares of 1; the differences of the seeds one after the other."""
    row: dict[str, Value] = {"method": each.method, "over": each.over}
    row |= over_seeds(each.differences)
    row |= {
        "p": each.test.p if each.test else None,
        "p_holm": each.adjusted,
        "detectable": each.detectable,
        "of_seeds": " ".join(map(str, each.seeds)),
        "differences": " ".join(repr(float(difference)) for difference in each.differences),
    }
    return row
