"""Accuracy against labels, and how much more than random: the first figure (the paper's Fig. 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from swither.report.comparison import Comparison, Point
from swither.report.contents import REFERENCE
from swither.report.drawing import Drawing, draw, rest_lightly
from swither.report.intervals import within_bounds
from swither.report.names import short_names
from swither.report.numbers import Numbers, one_row, over_seeds
from swither.report.style import INK, MARKER_SIZES, MUTED, PAPER, MethodStyle, method_styles
from swither.report.wording import count, in_prose, listed, percent, plural
from swither.statistics import monotone_fit


def learning_curves(comparison: Comparison) -> Drawing:
    """Learning curves of all methods with 95 % intervals, and below them the paired gain over random."""
    styles = method_styles(comparison.data.method_order())
    gains = _has_gains(comparison)

    def paint(figure: Figure, *, wide: bool) -> None:
        ratios = (1.75, 1) if gains else (1,)
        axes = list(figure.subplots(len(ratios), 1, sharex=True, height_ratios=ratios, squeeze=False)[:, 0])
        height = figure.get_size_inches()[1] * 72
        legend = 0 if wide else legend_height(len(comparison.methods))
        figure.subplots_adjust(
            left=52 / (780 if wide else 370),
            right=1 - (206 / 780 if wide else 12 / 370),
            top=1 - ((26 if wide else 18) + legend) / height,
            bottom=48 / height,
            hspace=0.2,
        )
        _curves(axes[0], comparison, styles, wide=wide)
        if gains:
            _gains(axes[1], comparison, styles)
        if not wide:
            _legend(figure, comparison, styles, top=1 - 4 / height)
        axes[-1].set_xlabel("labelled images")
        _budget_ticks(axes[-1], comparison, wide=wide)

    height = 620 if gains else 400
    extra = legend_height(len(comparison.methods))
    return draw(
        "learning-curves",
        "Test accuracy against the number of labelled images",
        _description(comparison),
        paint,
        height=height,
        narrow_height=(520 if gains else 320) + extra,
        numbers=_numbers(comparison),
    )


def spread_apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places for labels: as near as possible to where they want to be, at least `gap` apart, in order.

    Args:
        wanted: (labels,) places, rising.
        gap: the least distance of neighbours.
        low: the lowest place allowed.
        high: the highest; given up where the labels do not fit.

    Example:
        >>> spread_apart([1.0, 1.1, 5.0], gap=1.0, low=0.0, high=10.0)
        [0.55, 1.55, 5.0]
    """
    steps = gap * np.arange(len(wanted))
    room = max(low, high - gap * (len(wanted) - 1))
    moved = np.clip(monotone_fit(np.asarray(wanted) - steps), low, room) + steps  # (labels,)
    return [round(float(place), 6) for place in moved]


def _curves(axes: Axes, comparison: Comparison, styles: dict[str, MethodStyle], *, wide: bool) -> None:
    rest_lightly(axes)
    axes.set_ylim(*_limits(comparison))
    ends: list[tuple[str, Point]] = []
    shared = shared_start(comparison)
    for method in comparison.methods:
        curve = comparison.curve(method)
        # What all share is drawn once: under the method that is spoken of.
        once = shared and method != comparison.focus
        spreads = [_spread(p) if not (once and p.cycle == curve[0].cycle) else None for p in curve]
        line = _line(axes, method, styles[method], comparison, curve, [100 * p.mean for p in curve], spreads, shared)
        if once:
            line.set_markevery(slice(1, None))
        ends.append((method, curve[-1]))
    reference = comparison.reference_point
    if reference is not None:
        axes.axhline(100 * reference.mean, color=INK, linewidth=1, dashes=(6, 3), zorder=1)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.set_title("Test accuracy", pad=10)
    if wide:
        _end_labels(axes, comparison, styles, ends)
    elif reference is not None:
        axes.annotate(
            f"all {plural(round(reference.labelled), 'label')}: {percent(reference.mean)}",
            (1, 100 * reference.mean),
            xycoords=("axes fraction", "data"),
            xytext=(0, 4),
            textcoords="offset points",
            ha="right",
            color=INK,
            fontsize=11,
        )


def _limits(comparison: Comparison) -> tuple[float, float]:
    """Bounds that hold all means; an interval wider than the figure is cut rather than squeezing the curves."""
    means = [100 * p.mean for m in comparison.methods for p in comparison.curve(m)]
    if comparison.reference_point is not None:
        means.append(100 * comparison.reference_point.mean)
    margin = max(1.0, 0.08 * (max(means) - min(means)))
    return max(0.0, min(means) - 1.5 * margin), min(100.0 + margin / 2, max(means) + margin)


def _line(
    axes: Axes,
    method: str,
    style: MethodStyle,
    comparison: Comparison,
    curve: Sequence[Point],
    heights: Sequence[float],
    spreads: Sequence[tuple[float, float] | None],
    shared: bool = False,
) -> Line2D:
    """A curve with its intervals, moved sideways a little so that intervals of several methods stay apart.

    The limits of `axes` are set before: an interval that leaves them ends in an arrow. `shared`: the first point is
    the same for all methods, and is not moved.
    """
    budget = [p.labelled for p in curve]
    span = (max(budget) - min(budget)) or 1.0
    step = 0.0065 * span
    shift = step * (comparison.methods.index(method) - (len(comparison.methods) - 1) / 2)
    places = [labelled + shift * (place > 0 or not shared) for place, labelled in enumerate(budget)]
    front = 4 if method == comparison.focus else 3
    for place, spread in zip(places, spreads, strict=True):
        if spread is not None:
            _bar(axes, place, spread, style.light, front - 1)
    line = key_line(style, places, heights, zorder=front)
    axes.add_line(line)
    return line


def _bar(axes: Axes, place: float, spread: tuple[float, float], colour: str, depth: float) -> None:
    """An interval, with an arrow at each end that lies beyond the frame."""
    low, high = axes.get_ylim()
    axes.plot([place, place], np.clip(spread, low, high), color=colour, linewidth=1.1, alpha=0.55, zorder=depth)
    for end, frame, marker in ((spread[0], low, "v"), (spread[1], high, "^")):
        if not low <= end <= high:
            axes.plot(
                [place], [frame], marker=marker, markersize=4, color=colour, alpha=0.55, clip_on=False, zorder=depth
            )


def _spread(point: Point) -> tuple[float, float] | None:
    """The interval in per cent, within what accuracy can be; of two seeds, from one to the other."""
    if point.interval is None:
        results = [100 * value for value in point.values.values()]
        return (min(results), max(results)) if len(results) > 1 else None
    low, high = within_bounds(point.interval)
    return 100 * low, 100 * high


def shared_start(comparison: Comparison) -> bool:
    """Whether all methods begin with the same results: those of one training of each seed."""
    starts = [comparison.point(method, 0) for method in comparison.methods]
    values = [point.values if point else None for point in starts]
    return len(values) > 1 and None not in values and all(each == values[0] for each in values)


def key_line(style: MethodStyle, x: Sequence[float], y: Sequence[float], **more: Any) -> Line2D:
    """A line with the style of a method, for an axes or a legend."""
    line = Line2D(
        x,
        y,
        color=style.light,
        linewidth=style.width,
        marker=style.marker,
        markersize=MARKER_SIZES.get(style.marker, 6.5),
        markeredgecolor=PAPER,
        markeredgewidth=0.7,
        **more,
    )
    if style.dash:
        line.set_dashes(style.dash)
    return line


def _end_labels(
    axes: Axes, comparison: Comparison, styles: dict[str, MethodStyle], ends: Sequence[tuple[str, Point]]
) -> None:
    """Names at the ends of the curves, moved apart where they would collide, each with its line and marker."""
    reference, names = comparison.reference_point, short_names(comparison.titles, 19)
    wanted: list[tuple[float, str | None]] = [(100 * point.mean, method) for method, point in ends]
    if reference is not None:
        wanted.append((100 * reference.mean, None))
    wanted.sort(key=lambda entry: entry[0])
    low, high = axes.get_ylim()
    pixels = axes.get_window_extent().height
    gap = 19 * (high - low) / pixels
    places = spread_apart([height for height, _ in wanted], gap, low, high + gap)
    for (height, method), place in zip(wanted, places, strict=True):
        colour = INK if method is None else styles[method].light
        axes.plot(
            [1.005, 1.03],
            [height, place],
            transform=axes.get_yaxis_transform(),
            color=colour,
            linewidth=0.7,
            alpha=0.7,
            clip_on=False,
            zorder=2,
        )
        if method is None:
            assert reference is not None
            name = f"all {plural(round(reference.labelled), 'label')}  {percent(reference.mean)}"
            axes.text(1.038, place, name, transform=axes.get_yaxis_transform(), va="center", color=INK, fontsize=12)
            continue
        key = key_line(styles[method], [1.036, 1.062, 1.088], [place] * 3, markevery=[1], clip_on=False)
        key.set_transform(axes.get_yaxis_transform())
        axes.add_line(key)
        axes.text(
            1.1,
            place,
            f"{names[method]}  {100 * dict(ends)[method].mean:.1f}",
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=12,
            color=colour,
            fontweight="bold" if method == comparison.focus else "normal",
        )


def _legend(figure: Figure, comparison: Comparison, styles: dict[str, MethodStyle], top: float) -> None:
    names = short_names(comparison.titles, 22)
    figure.legend(
        [key_line(styles[method], [0], [0]) for method in comparison.methods],
        [names[method] for method in comparison.methods],
        loc="upper left",
        bbox_to_anchor=(0.0, top),
        ncols=2,
        fontsize=11.5,
        handlelength=2.6,
        borderaxespad=0,
        columnspacing=1.2,
        labelspacing=0.45,
    )


def _budget_ticks(axes: Axes, comparison: Comparison, *, wide: bool) -> None:
    """Ticks where something was measured, as long as they are few."""
    budgets = sorted({round(p.labelled) for m in comparison.methods for p in comparison.curve(m)})
    if len(budgets) <= 9:
        shown = budgets if wide or len(budgets) <= 5 else budgets[::-2][::-1]
        axes.set_xticks(shown)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value)))


def legend_height(entries: int) -> float:
    """The height in CSS pixels of a legend in two columns, with the space below it."""
    return 20.0 * ((entries + 1) // 2) + 10


def _has_gains(comparison: Comparison) -> bool:
    return comparison.baseline is not None and len(comparison.methods) > 1


def _gains(axes: Axes, comparison: Comparison, styles: dict[str, MethodStyle]) -> None:
    rest_lightly(axes)
    axes.axhline(0, color=styles[str(comparison.baseline)].light, linewidth=1.5, dashes=(4, 1.6), zorder=1)
    means: list[float] = []
    lines: list[tuple[str, list[Point], list[float], list[tuple[float, float] | None]]] = []
    shared = shared_start(comparison)  # there the difference is zero by design, and no result
    for method in comparison.methods:
        if method == comparison.baseline:
            continue
        pairs = [
            (p, g)
            for p in comparison.curve(method)
            if not (shared and p.cycle == 0) and (g := comparison.gain(method, p.cycle)) is not None
        ]
        if not pairs:
            continue
        heights = [100 * gain.mean for _, gain in pairs]
        spreads = [(100 * g.interval.low, 100 * g.interval.high) if g.interval else None for _, g in pairs]
        lines.append((method, [p for p, _ in pairs], heights, spreads))
        means += heights
    reach = max([1.0, *(abs(mean) for mean in means)])
    axes.set_ylim(min([-0.6 * reach, *(1.6 * m for m in means)]), 1.6 * max([0.4 * reach, *means]))
    for method, curve, heights, spreads in lines:
        _line(axes, method, styles[method], comparison, curve, heights, spreads)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:+g}".replace("-", "\u2212") if value else "0")
    )
    axes.set_title("More than random, in points, seed by seed", pad=8)
    axes.tick_params(axis="x", color=MUTED)


def _description(comparison: Comparison) -> str:
    """The figure in words."""
    parts = []
    for method in comparison.methods:
        curve = comparison.curve(method)
        first, last = curve[0], curve[-1]
        parts.append(
            f"{in_prose(comparison.titles[method])} from {percent(first.mean)} with "
            f"{plural(round(first.labelled), 'label')} to {percent(last.mean)} with {count(last.labelled)}"
        )
    reference = comparison.reference_point
    line = f" A dashed line marks {percent(reference.mean)}, reached with all images." if reference else ""
    return f"Lines for {plural(len(parts), 'method')}: {listed(parts)}.{line}"


def _numbers(comparison: Comparison) -> Numbers:
    """A row for each method and cycle: accuracy, and the gain over random of the same seeds."""
    rows = []
    for method in comparison.methods:
        for point in comparison.curve(method):
            gain = comparison.gain(method, point.cycle) if method != comparison.baseline else None
            interval = gain.interval if gain else None
            rows.append(
                one_row(method=method, cycle=point.cycle, labelled=point.labelled)
                | over_seeds(point.values.values())
                | one_row(
                    over_random=gain.mean if gain else None,
                    over_random_low=interval.low if interval else None,
                    over_random_high=interval.high if interval else None,
                )
            )
    reference = comparison.reference_point
    if reference is not None:
        whole = one_row(method=REFERENCE, cycle=None, labelled=reference.labelled)
        rows.append(whole | over_seeds(reference.values.values()))
    return rows
