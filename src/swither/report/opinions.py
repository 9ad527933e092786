"""What each method would ask for after one and the same training: what they share, and what is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from swither.acquisition.variant import parted
from swither.report.comparison import Comparison
from swither.report.contents import Row, number
from swither.report.drawing import NARROW, WIDE, Drawing, draw
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.names import short_names
from swither.report.section import Section, figure, method_name, paragraph
from swither.report.style import COSTS, INK
from swither.report.wording import NONE, count, in_prose, listed, of_seeds, percent, plural, sentence
from swither.statistics import mean_and_deviation
from swither.statistics.selections import effective_classes

MOST_NUMBERS_ON_A_PHONE = 8
"""Methods: of more, a phone's figure shows shades alone, and the table under it the numbers."""

Shares = Mapping[tuple[str, str], float]
"""Two methods, in either order -> mean share in common."""


@dataclass
class _Asked:
    """What was asked after one cycle, for one number of images, of one or several seeds."""

    cycle: int
    count: int
    rows: dict[str, dict[int, Row]] = field(default_factory=dict)  # method -> seed -> row
    shared: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    by_chance: list[float] = field(default_factory=list)

    @property
    def methods(self) -> list[str]:
        return list(self.rows)

    @property
    def shares(self) -> Shares:
        return {pair: mean_and_deviation(values)[0] for pair, values in self.shared.items()}

    @property
    def seeds(self) -> list[int]:
        return sorted({seed for rows in self.rows.values() for seed in rows})

    def title(self, method: str) -> str:
        return str(next(iter(self.rows[method].values())).get("title") or method)


def opinions(comparison: Comparison) -> Section | None:
    """The section on opinions. None where fewer than two methods gave theirs of one training."""
    asked = [each for each in _asked(comparison) if len(each.methods) > 1 and each.shared]
    if not asked:
        return None
    drawings = [_drawing(comparison, each, number) for number, each in enumerate(asked)]
    parts: list[Content] = []
    for each, drawing in zip(asked, drawings, strict=True):
        if len(asked) > 1:
            when = "the first training" if each.cycle == 0 else f"cycle {each.cycle}"
            parts.append(tag("h3", f"{count(each.count)} images after {when}"))
        parts += [
            paragraph(_said(comparison, each)),
            figure(comparison, drawing, _caption(each)),
            _as_numbers(comparison, each),
            _table(comparison, each),
        ]
    return Section("opinions", "Would they have asked for the same?", "Opinions", text(parts), tuple(drawings))


def _asked(comparison: Comparison) -> list[_Asked]:
    found: dict[tuple[int, int], _Asked] = {}
    for row in comparison.pooled(comparison.data.opinions):
        key = int(row["cycle"]), int(row["count"])
        rows = found.setdefault(key, _Asked(*key)).rows.setdefault(str(row["method"]), {})
        rows[int(row["seed"])] = row
    for row in comparison.pooled(comparison.data.overlaps):
        each = found.get((int(row["cycle"]), int(row["count"])))
        if each is not None and {str(row["method"]), str(row["other"])} <= each.rows.keys():
            for pair in ((str(row["method"]), str(row["other"])), (str(row["other"]), str(row["method"]))):
                each.shared.setdefault(pair, []).append(float(row["share"]))
            each.by_chance.append(float(row["by_chance"]))
    return [found[key] for key in sorted(found)]


def _said(comparison: Comparison, asked: _Asked) -> str:
    """Whose choice is most like that of the method in question."""
    shares = asked.shares
    focus = comparison.focus if comparison.focus in asked.rows else asked.methods[-1]
    if not any(focus in pair for pair in shares):
        focus = max(shares, key=lambda pair: shares[pair])[0]
    together = [m for m in asked.methods if (focus, m) in shares]
    idea = parted(focus)[0]  # that a method is like itself with other settings says little
    others = [m for m in together if parted(m)[0] != idea] or together
    most, least = (pick(others, key=lambda m: shares[focus, m]) for pick in (max, min))
    said = f"what {in_prose(asked.title(focus))} would ask for, {in_prose(asked.title(most))} would take "
    said = f"Of {said}{percent(shares[focus, most], 0)} too"
    if len(others) > 1:
        said += f", the most of all, and {in_prose(asked.title(least))} {percent(shares[focus, least], 0)}, the least"
    chance = mean_and_deviation(asked.by_chance)[0]
    return sentence(f"{said}. Two random draws share {percent(chance, 0)}.")


def _caption(asked: _Asked) -> str:
    when = "the first training" if asked.cycle == 0 else f"the training of cycle {asked.cycle}"
    return (
        f"What two methods would both ask for, per cent of {count(asked.count)} images, all given the same network: "
        f"that of {when}, mean over {_seeds_of_pairs(asked)}. The stronger the colour, the further above "
        "chance."
    ) + (
        " Random and the oracle shuffle the pool alike, so what the network gets wrong of random\u2019s picks is the "
        "oracle\u2019s too."
        if {"random", "oracle"} <= asked.rows.keys()
        else ""
    )


def _seeds_of_pairs(asked: _Asked) -> str:
    """How many seeds stand behind a share: not every method need have been asked of every seed."""
    seeds = {len(shares) for pair, shares in asked.shared.items() if pair[0] != pair[1]} or {len(asked.seeds)}
    return of_seeds(seeds) if len(seeds) == 1 else f"the {of_seeds(seeds)} of which both were asked"


def _drawing(comparison: Comparison, asked: _Asked, position: int) -> Drawing:
    methods, shares = asked.methods, asked.shares
    chance = mean_and_deviation(asked.by_chance)[0]
    names = list(short_names({method: asked.title(method) for method in methods}, 24).values())
    label = 8 + 6.2 * max(map(len, names))
    height = 28.0 * len(methods) + label + 10

    def paint(canvas: Figure, *, wide: bool) -> None:
        width = WIDE if wide else NARROW
        axes = canvas.subplots()
        letters = 11.5 if wide else 9.5
        left = (label + 8) * letters / 11.5
        right = min(width - 4, left + len(methods) * (64 if wide else 60))
        canvas.subplots_adjust(left=left / width, right=right / width, top=1 - label / height, bottom=10 / height)
        axes.set_xlim(0, len(methods))
        axes.set_ylim(len(methods), 0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        ticks = [place + 0.5 for place in range(len(methods))]
        axes.xaxis.tick_top()
        axes.set_xticks(ticks, names, rotation=90, color=INK, fontsize=letters)
        axes.set_yticks(ticks, names, color=INK, fontsize=letters)
        axes.tick_params(length=0)
        written = wide or len(methods) <= MOST_NUMBERS_ON_A_PHONE
        for row, one in enumerate(methods):
            for column, other in enumerate(methods):
                share = shares.get((one, other))
                if share is None:
                    continue
                strength = 0.7 * max(0.0, (share - chance) / max(1e-9, 1 - chance))
                colour = COSTS["selecting"][0]
                axes.add_patch(Rectangle((column, row), 0.96, 0.94, facecolor=colour, edgecolor="none", alpha=strength))
                if written:
                    axes.text(
                        column + 0.48,
                        row + 0.48,
                        f"{100 * share:.0f}",
                        ha="center",
                        va="center",
                        fontsize=11,
                        color=INK,
                    )

    name = "opinions" if position == 0 else f"opinions-cycle{asked.cycle}-{asked.count}"
    return draw(
        name,
        "What two methods would both ask for",
        f"A table of {plural(len(methods), 'method')} against each other. {_said(comparison, asked)}",
        paint,
        height=height,
        narrow_height=height,
        numbers=[
            {"method": one, "other": other, "share": share, "by_chance": chance, "images": asked.count}
            for (one, other), share in shares.items()
        ],
    )


def _as_numbers(comparison: Comparison, asked: _Asked) -> Markup:
    shares = asked.shares
    head: list[Content] = ["Method", *[in_prose(asked.title(method)) for method in asked.methods]]
    rows: list[list[Content]] = [
        [
            _name(comparison, asked, one),
            *[f"{100 * shares[one, other]:.1f}" if (one, other) in shares else NONE for other in asked.methods],
        ]
        for one in asked.methods
    ]
    return tag("details", tag("summary", "The same as numbers"), table("Share in common, %.", head, rows))


def _table(comparison: Comparison, asked: _Asked) -> Markup:
    head: list[Content] = [
        "Method", "Model right, %", "Finds wrong, AUROC", "Classes", "Apart, \u00d7", "From labelled, \u00d7",
    ]  # fmt: skip
    rows: list[list[Content]] = []
    for method, by_seed in asked.rows.items():
        every = [by_seed[seed] for seed in sorted(by_seed)]
        rows.append(
            [
                _name(comparison, asked, method),
                _spread([100 * value for value in _values(every, "accuracy")], 1),
                _spread(_values(every, "auroc"), 3),
                _spread([effective_classes(row["classes"]) for row in every if row.get("classes")], 1),
                _spread(_values(every, "nearest_chosen"), 2),
                _spread(_values(every, "nearest_labelled"), 2),
            ]
        )
    pool = _pool(asked)
    if pool:
        rows.append(["whole pool", _spread([100 * value for value in pool], 1), NONE, NONE, NONE, NONE])
    caption = (
        f"What is in the {count(asked.count)} images that each method would ask for. Model right: how often the "
        "network knows them already. Finds wrong: how well the method\u2019s score ranks the wrong predictions of the "
        "whole pool (0.5 is chance, 1 perfect). Classes: over how many the picks are spread, as many as equally "
        "frequent ones would be. Apart, from labelled: the mean distance to the nearest other pick and to the nearest "
        "labelled image, in the network\u2019s embedding, as multiples of those of random draws; below 1 the picks "
        "repeat themselves, or what is known."
    )
    if len(asked.seeds) > 1:
        caption += " Below each mean its standard deviation over seeds."
    fewer = [f"{in_prose(asked.title(m))} ({len(r)})" for m, r in asked.rows.items() if len(r) < len(asked.seeds)]
    if fewer:
        caption += f" Asked of fewer seeds: {listed(fewer)}."
    if "oracle" in asked.rows:
        caption += " The oracle knows the labels."
    return table(caption, head, rows)


def _pool(asked: _Asked) -> list[float]:
    """Accuracy of the model on the whole pool, one value a seed."""
    found: dict[int, float] = {}
    for rows in asked.rows.values():
        for seed, row in rows.items():
            value = number(row, "pool_accuracy")
            if value is not None:
                found[seed] = value
    return [found[seed] for seed in sorted(found)]


def _values(rows: Sequence[Row], name: str) -> list[float]:
    return [value for row in rows if (value := number(row, name)) is not None]


def _spread(values: Sequence[float], digits: int) -> Content:
    if not values:
        return NONE
    mean, deviation = mean_and_deviation(list(values))
    if len(values) < 2:
        return f"{mean:.{digits}f}"
    return [f"{mean:.{digits}f} ", tag("br"), tag("small", f"\u00b1 {deviation:.{digits}f}")]


def _name(comparison: Comparison, asked: _Asked, method: str) -> Content:
    """A method's title; in its colour where it was compared too."""
    known = method in comparison.data.method_order()
    return method_name(comparison, method) if known else asked.title(method)
