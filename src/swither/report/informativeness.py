"""How often the first model was wrong about what each method would ask for (the paper's Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from swither.report.comparison import Comparison
from swither.report.drawing import NARROW, WIDE, Drawing, draw, rest_lightly
from swither.report.intervals import LEAST_SEEDS, spread_in_words
from swither.report.learning_curves import key_line, legend_height
from swither.report.markup import Content, table, tag, text
from swither.report.names import short_names
from swither.report.numbers import one_row, over_seeds
from swither.report.portions import LEAST_IMAGES, Curves, portion_curves, portions_left_out
from swither.report.section import Section, figure, method_name
from swither.report.style import method_styles
from swither.report.wording import NONE, SPACE, in_prose, listed, of_seeds, percent, sentence
from swither.statistics import mean_and_deviation


def informativeness(comparison: Comparison) -> Section | None:
    """The section on informativeness: figure and table. None where nothing was measured."""
    curves = portion_curves(comparison)
    if not curves:
        return None
    drawing = _drawing(comparison, curves)
    seeds = of_seeds(len(values) for portions in curves.values() for values in portions.values())
    caption = (
        "Accuracy of the first model on the portion of the pool that each method would ask for first, mean over "
        f"{seeds}. Lower is more informative: what the model gets right already, a label teaches "
        "it little. Random is expected to stay level but for chance, and all methods meet where the portion is the "
        "whole pool."
    )
    if "oracle" in curves:
        caption += " The oracle knows the labels, and takes what the model gets wrong."
    in_part = _recorded_in_part(comparison, curves)
    if in_part:
        caption += (
            f" {sentence(listed(in_part))} ranked no more images than were asked for: pools were recorded in part."
        )
    short = [method for method in _solved_anew(curves) if comparison.titles[method] not in in_part]
    if short:
        caption += (
            f" {sentence(listed([comparison.titles[method] for method in short]))} "
            f"{'chooses' if len(short) == 1 else 'choose'} anew for every portion, and "
            f"{'was' if len(short) == 1 else 'were'} asked for the smaller ones alone."
        )
    left_out = portions_left_out(comparison)
    if left_out:
        caption += (
            f" Portions of fewer than {LEAST_IMAGES} images are left out: "
            f"{listed([f'{100 * portion:g}{SPACE}%' for portion in left_out])}."
        )
    body = text((figure(comparison, drawing, caption), _table(comparison, curves)))
    return Section("informativeness", "How much could the picks teach?", "Informativeness", body, (drawing,))


def _solved_anew(curves: Curves) -> list[str]:
    """Methods that were not asked for portions in the middle that others were asked for."""
    portions = {portion for values in curves.values() for portion in values}
    return [method for method, values in curves.items() if portions - values.keys()]


def _recorded_in_part(comparison: Comparison, curves: Curves) -> list[str]:
    """Titles of methods that were not asked for larger portions because most labels of the pool are not known."""
    if "record" not in comparison.data.settings.get("Budget", {}):
        return []
    return [comparison.titles[method] for method in _solved_anew(curves) if method.partition(":")[0] == "dispersion"]


def _drawing(comparison: Comparison, curves: Curves) -> Drawing:
    portions = sorted({portion for values in curves.values() for portion in values})
    by_first = sorted(curves, key=lambda m: mean_and_deviation(list(next(iter(curves[m].values())).values()))[0])

    def paint(canvas: Figure, *, wide: bool) -> None:
        width, height = (WIDE, 380) if wide else (NARROW, 300 + legend_height(len(curves)))
        legend = 0 if wide else legend_height(len(curves))
        axes = canvas.subplots()
        canvas.subplots_adjust(
            left=52 / width,
            right=1 - (206 if wide else 14) / width,
            top=1 - (12 + legend) / height,
            bottom=48 / height,
        )
        _lines(axes, comparison, curves, portions, wide=wide)
        handles = [key_line(method_styles(comparison.data.method_order())[m], [0], [0]) for m in by_first]
        names = short_names(comparison.titles, 19)
        canvas.legend(
            handles,
            [names[m] for m in by_first],
            loc="upper left",
            ncols=1 if wide else 2,
            fontsize=11.5,
            handlelength=2.6,
            bbox_to_anchor=(1 - 198 / width, 1 - 12 / height) if wide else (0, 1),
            borderaxespad=0,
        )

    return draw(
        "informativeness",
        "Accuracy of the first model on what each method would ask for first",
        _description(comparison, curves),
        paint,
        height=380,
        narrow_height=300 + legend_height(len(curves)),
        numbers=[
            one_row(method=method, portion=portion) | over_seeds(seeds.values())
            for method, values in curves.items()
            for portion, seeds in values.items()
        ],
    )


def _lines(axes: Axes, comparison: Comparison, curves: Curves, portions: list[float], *, wide: bool) -> None:
    rest_lightly(axes)
    styles = method_styles(comparison.data.method_order())
    for method, values in curves.items():
        means = [100 * mean_and_deviation(list(seeds.values()))[0] for seeds in values.values()]
        axes.add_line(key_line(styles[method], list(values), means, zorder=4 if method == comparison.focus else 3))
    axes.set_xscale("log")
    axes.set_xlim(portions[0] * 0.9, portions[-1] * 1.1)
    axes.xaxis.set_minor_locator(NullLocator())
    shown = portions if wide or len(portions) < 6 else portions[::2] + portions[-1:]
    axes.set_xticks(sorted(set(shown)), [f"{100 * portion:g}" for portion in sorted(set(shown))])
    axes.set_xlabel("portion of the pool, % (logarithmic)")
    heights = [100 * mean_and_deviation(list(s.values()))[0] for values in curves.values() for s in values.values()]
    margin = 0.06 * (max(heights) - min(heights)) or 1.0
    axes.set_ylim(max(-2.0, min(heights) - margin), min(102.0, max(heights) + margin))
    axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}{SPACE}%"))


def _description(comparison: Comparison, curves: Curves) -> str:
    parts = []
    for method, values in curves.items():
        portion, seeds = next(iter(values.items()))
        mean = mean_and_deviation(list(seeds.values()))[0]
        parts.append(f"{in_prose(comparison.titles[method])} {percent(mean)} on {percent(portion, 0)}")
    return f"A line for each method, beginning at: {listed(parts)}. Lower is more informative."


def _table(comparison: Comparison, curves: Curves) -> Content:
    portions = sorted({portion for values in curves.values() for portion in values})
    head: list[Content] = ["Method", *[f"{100 * portion:g}{SPACE}%" for portion in portions]]
    rows = [
        [method_name(comparison, method), *[_cell(values.get(portion)) for portion in portions]]
        for method, values in curves.items()
    ]
    caption = "Accuracy on the first portion of the pool, %"
    most = max(len(seeds) for values in curves.values() for seeds in values.values())
    if most >= LEAST_SEEDS:
        caption += f", and below it half the 95{SPACE}% interval, or its ends where it would pass 0 or 100"
    elif most > 1:
        caption += ", and below it what the seeds gave"
    caption += "."
    return table(caption, head, rows)


def _cell(seeds: Mapping[int, float] | None) -> Content:
    if not seeds:
        return NONE
    mean, spread = (
        f"{100 * mean_and_deviation(list(seeds.values()))[0]:.1f}",
        spread_in_words(seeds.values(), short=True),
    )
    return [mean, " ", tag("br"), tag("small", spread)] if spread else mean
