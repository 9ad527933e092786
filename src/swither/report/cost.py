"""What the labels' choice cost in time: training, recording the pool, selecting."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from statistics import median

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from swither.report.comparison import Comparison
from swither.report.contents import number
from swither.report.drawing import NARROW, WIDE, Drawing, draw, rest_lightly
from swither.report.intervals import LEAST_SEEDS
from swither.report.markup import Content, Markup, table, text
from swither.report.names import short_names
from swither.report.section import Section, figure, method_name
from swither.report.style import COSTS, INK, PAPER
from swither.report.wording import NONE, duration, in_prose, listed, percent, plural

PARTS = ("training", "recording", "selecting")

Seconds = Mapping[str, Mapping[str, float]]
"""method -> part -> seconds of one run through all cycles."""


def cost(comparison: Comparison) -> Section | None:
    """The section on time spent. None where no seconds were measured."""
    seconds, runs = _seconds(comparison)
    if not seconds:
        return None
    drawing = _drawing(comparison, seconds)
    caption = (
        "Time of one run through all cycles: the median at each cycle, added up, so that one slow query counts for "
        "nothing. The time of training is pooled over all methods, which train the same number of steps at each cycle. "
        "Recording and selecting are as measured, of the seeds that all methods have finished where these are "
        f"{LEAST_SEEDS} or more. Only methods that ask for the history of labels pay for recording, and they pay for "
        "what was recorded, also where a setting leaves some of it out of the score. These times include waiting for "
        "whatever ran on the machine meanwhile, other runs among it: where methods record the same epochs, a "
        "difference is the machine\u2019s. Runs that have not finished are left out."
    )
    body = text((figure(comparison, drawing, caption), _table(comparison, seconds, runs)))
    return Section("cost", "What did it cost to choose?", "Cost", body, (drawing,))


def _seconds(comparison: Comparison) -> tuple[Seconds, dict[str, int]]:
    """Seconds by the median of the seeds that went through all cycles, and how many those are.

    Trainings of one cycle take the same number of steps whatever the method, so what they took is pooled.
    """
    runs: dict[str, list[int]] = {}
    last = max(comparison.cycles, default=0)
    rows = {
        (method, cycle): comparison.rows(method, cycle) for method in comparison.methods for cycle in comparison.cycles
    }
    for method in comparison.methods:
        for seed in rows[method, last]:
            own = [rows[method, cycle][seed] for cycle in comparison.cycles if seed in rows[method, cycle]]
            if any(number(row, "seconds_training") for row in own):
                runs.setdefault(method, []).append(seed)

    shared = set.intersection(*map(set, runs.values())) if runs else set()
    if len(shared) >= LEAST_SEEDS:  # what a seed waited for, all methods of that seed may have waited for
        runs = {method: sorted(shared) for method in runs}

    def typical(part: str, methods: Collection[str]) -> float:
        """Of one run: the medians of each cycle, added up."""
        of_cycles = [
            [number(rows[m, cycle].get(seed, {}), f"seconds_{part}") or 0.0 for m in methods for seed in runs[m]]
            for cycle in comparison.cycles
        ]
        return sum(median(seconds) for seconds in of_cycles if seconds)

    training = typical("training", runs)
    seconds = {
        method: {part: training if part == "training" else typical(part, [method]) for part in PARTS} for method in runs
    }
    return seconds, {method: len(seeds) for method, seeds in runs.items()}


def _drawing(comparison: Comparison, seconds: Seconds) -> Drawing:
    height = 62 + 30.0 * len(seconds)
    longest = max(sum(parts.values()) for parts in seconds.values())
    unit, size = next(
        (u, s) for u, s in (("hours", 3600), ("minutes", 60), ("seconds", 1)) if longest >= 1.5 * s or s == 1
    )

    def paint(canvas: Figure, *, wide: bool) -> None:
        width = WIDE if wide else NARROW
        axes = canvas.subplots()
        canvas.subplots_adjust(
            left=(150 if wide else 122) / width,
            right=1 - (84 if wide else 80) / width,
            top=1 - 26 / height,
            bottom=40 / height,
        )
        rest_lightly(axes, grid="x")
        for row, parts in enumerate(seconds.values()):
            left = 0.0
            for part in PARTS:
                colour, hatch = COSTS[part]
                axes.barh(
                    row,
                    parts[part] / size,
                    left=left,
                    height=0.62,
                    color=colour,
                    hatch=hatch,
                    edgecolor=PAPER,
                    linewidth=0.8,
                    label=part if row == 0 else None,
                )
                left += parts[part] / size
            axes.annotate(
                duration(sum(parts.values())),
                (left, row),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                color=INK,
                fontsize=11.5,
            )
        names = short_names(comparison.titles, 20 if wide else 16)
        axes.set_yticks(range(len(seconds)), [names[m] for m in seconds])
        axes.tick_params(axis="y", labelcolor=INK)
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(MaxNLocator(5 if wide else 4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_xlabel(unit)
        canvas.legend(
            *axes.get_legend_handles_labels(),
            loc="upper left",
            ncols=3,
            fontsize=11.5,
            borderaxespad=0,
            handlelength=1.4,
            columnspacing=1.4,
        )

    totals = [f"{in_prose(comparison.titles[m])} {duration(sum(p.values()))}" for m, p in seconds.items()]
    return draw(
        "cost",
        "Time of one run, method by method",
        f"Stacked bars of training, recording and selecting. In total: {listed(totals)}.",
        paint,
        height=height,
        narrow_height=height,
        numbers=[{"method": m, **{f"seconds_{part}": parts[part] for part in PARTS}} for m, parts in seconds.items()],
    )


def _table(comparison: Comparison, seconds: Seconds, runs: Mapping[str, int]) -> Markup:
    head: list[Content] = ["Method", "Training", "Recording", "Selecting", "Not training", "Runs"]
    rows: list[list[Content]] = []
    for method, parts in seconds.items():
        total = sum(parts.values())
        extra = (total - parts["training"]) / total if total else 0.0
        rows.append(
            [
                method_name(comparison, method),
                *[duration(parts[part]) if parts[part] else NONE for part in PARTS],
                percent(extra),
                str(runs[method]),
            ]
        )
    caption = "Median time of one run (training pooled), and the share of it that was recording and selecting."
    reference = [s for row in comparison.reference.values() if (s := number(row, "seconds_training"))]
    if reference:
        caption += f" Training on all data took {duration(median(reference))} ({plural(len(reference), 'run')})."
    return table(caption, head, rows)
