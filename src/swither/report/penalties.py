"""The pairwise penalty matrix along the budget, drawn and as a table: who beat whom, and how often."""

from __future__ import annotations

from collections import Counter

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from swither.report.comparison import Comparison
from swither.report.drawing import NARROW, WIDE, Drawing, draw
from swither.report.intervals import LEAST_SEEDS
from swither.report.learning_curves import shared_start
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.names import short_names
from swither.report.numbers import Numbers, one_row
from swither.report.section import figure, method_name
from swither.report.style import COSTS, GRID, INK, MUTED, PAPER
from swither.report.wording import NONE, in_prose, listed, plural
from swither.statistics import PenaltyMatrix, penalty_matrix

_HEAT = COSTS["recording"][0]  # the warm colour of the page, which has a shade of its own on a dark one
_STRONGEST = 0.6  # of the heat, so that a number can be read on it


def penalties_of(comparison: Comparison) -> PenaltyMatrix | None:
    """The matrix over all budgets that some pair can be compared at; None where there is none.

    Cycle 0 is left out where all methods share its training.
    """
    skip = comparison.cycles[:1] if shared_start(comparison) else ()
    cycles = [cycle for cycle in comparison.cycles if cycle not in skip]
    if len(comparison.methods) < 2 or not cycles:
        return None
    curves = {m: np.full((len(comparison.seeds), len(cycles)), np.nan) for m in comparison.methods}
    for column, cycle in enumerate(cycles):
        rows = {(method, seed): row for method in curves for seed, row in comparison.rows(method, cycle).items()}
        budget = Counter(float(row["labelled"]) for row in rows.values()).most_common(1)[0][0]
        for (method, seed), row in rows.items():
            if float(row["labelled"]) == budget:  # others had more or fewer labels, and would win by these
                curves[method][comparison.seeds.index(seed), column] = float(row["accuracy"])
    matrix = penalty_matrix(curves, least_pairs=LEAST_SEEDS)
    return matrix if matrix.compared.any() else None


def penalties(comparison: Comparison) -> tuple[Markup, tuple[Drawing, ...]]:
    """What stands under the heading of the matrix, and its drawing."""
    matrix = penalties_of(comparison)
    if matrix is None:
        return tag("p", f"Fewer than {LEAST_SEEDS} seeds in common at every budget: nobody can be said to win."), ()
    drawing = _drawing(comparison, matrix)
    numbers = _table(comparison, matrix)
    folded = tag("details", tag("summary", "The matrix as a table"), numbers)
    return text((figure(comparison, drawing, _caption(comparison, matrix)), folded)), (drawing,)


def _caption(comparison: Comparison, matrix: PenaltyMatrix) -> str:
    best = float(np.nanmin(matrix.penalties))
    least = [in_prose(comparison.titles[m]) for m, p in zip(matrix.methods, matrix.penalties, strict=True) if p == best]
    off = ~np.eye(len(matrix.methods), dtype=bool)
    partly = int((matrix.compared[off] < matrix.budgets).sum()) // 2
    missing = (
        f" {plural(partly, 'pair')} could not be compared at every budget for want of common seeds; nobody wins there, "
        "and it does not count in the bottom row."
        if partly
        else ""
    )
    start = " after the shared start" if shared_start(comparison) else ""
    who = f"{listed(least)} {'was' if len(least) == 1 else 'were'} beaten least often."
    if not matrix.wins.any():
        who = "nobody beat anybody."
    return (
        "Pairwise penalties (Ash et al. 2020): the share of budgets at which the method of the row beat the one of the "
        f"column, of {plural(matrix.budgets, 'budget')}{start}. "
        "A win is a paired |t| beyond Student\u2019s 97.5\u00a0% quantile. Bottom row: the part of its comparisons in "
        f"which a method was beaten; lower is better. {who[0].upper()}{who[1:]} Descriptive: the tests behind the wins "
        f"are not corrected for their number.{missing}"
    )


def _drawing(comparison: Comparison, matrix: PenaltyMatrix) -> Drawing:
    number = len(matrix.methods)
    cell, narrow_cell = min(96.0, (WIDE - 150) / number), (NARROW - 118) / number
    row, head, narrow_head = 34.0, 30.0 if number <= 6 else 84.0, 112.0

    def paint(canvas: Figure, *, wide: bool) -> None:
        width, left, above = (WIDE, 142.0, head) if wide else (NARROW, 114.0, narrow_head)
        height = canvas.get_size_inches()[1] * 72
        size = cell if wide else narrow_cell
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        short = short_names(comparison.titles, 19 if wide else 16)
        names = [short[m] for m in matrix.methods]
        slanted = not wide or number > 6
        for i, name in enumerate(names):
            x = left + size * (i + 0.5)
            axes.text(
                x - (4 if slanted and wide else 0), above - 8, name, color=INK,
                ha="left" if slanted and wide else "center", va="bottom",
                rotation=(38 if wide else 90) if slanted else 0, rotation_mode="anchor" if wide else "default",
                fontsize=11.5,
            )  # fmt: skip
            axes.text(left - 10, above + row * (i + 0.5), name, ha="right", va="center", color=INK, fontsize=11.5)
        for i in range(number):
            for j in range(number):
                _cell(canvas, (left + size * j, above + row * i, size, row), matrix, i, j)
        below = above + row * number + 10
        axes.text(left - 10, below + row / 2, "was beaten", ha="right", va="center", color=MUTED, fontsize=11.5)
        for j, penalty in enumerate(matrix.penalties):
            lowest = penalty == np.nanmin(matrix.penalties)
            axes.text(
                left + size * (j + 0.5), below + row / 2, _penalty(penalty, 2), ha="center", va="center", color=INK,
                fontsize=_letters(size), fontweight="bold" if lowest else "normal",
            )  # fmt: skip
        axes.plot([left, left + size * number], [below, below], color=MUTED, linewidth=0.8)

    return draw(
        "penalties",
        "Pairwise penalty matrix",
        _description(comparison, matrix),
        paint,
        height=head + row * (number + 1) + 18,
        narrow_height=narrow_head + row * (number + 1) + 18,
        numbers=_numbers(matrix),
    )


def _letters(cell: float) -> float:
    """The size of numbers that leaves air between neighbouring cells."""
    return min(12.0, cell / 2.9)


def _cell(canvas: Figure, place: tuple[float, float, float, float], matrix: PenaltyMatrix, i: int, j: int) -> None:
    """One field: its colour by the share of budgets won, which it says too."""
    axes = canvas.axes[0]
    x, y, width, height = place
    box = (x + 1, y + 1), width - 2, height - 2
    middle = (x + width / 2, y + height / 2)
    if i == j or not matrix.compared[i, j]:
        axes.add_patch(Rectangle(*box, facecolor=PAPER if i == j else GRID, edgecolor="none"))
        if i != j:
            axes.text(*middle, NONE, ha="center", va="center", color=MUTED, fontsize=11)
        return
    wins = float(matrix.wins[i, j])
    axes.add_patch(Rectangle(*box, facecolor=GRID, edgecolor="none", alpha=0.45))
    if wins:
        axes.add_patch(Rectangle(*box, facecolor=_HEAT, edgecolor="none", alpha=0.08 + (_STRONGEST - 0.08) * wins))
    number, colour = (f"{wins:.2f}", INK) if wins else ("0", MUTED)
    axes.text(*middle, number, ha="center", va="center", color=colour, fontsize=_letters(width))


def _table(comparison: Comparison, matrix: PenaltyMatrix) -> Markup:
    rows: list[list[Content]] = []
    for i, method in enumerate(matrix.methods):
        cells: list[Content] = [
            NONE if i == j or not matrix.compared[i, j] else f"{matrix.wins[i, j]:.2f}"
            for j in range(len(matrix.methods))
        ]
        rows.append([method_name(comparison, method), *cells])
    rows.append(["Was beaten (part of its comparisons)", *(_penalty(penalty, 3) for penalty in matrix.penalties)])
    head: list[Content] = ["Share of budgets won against", *(comparison.titles[m] for m in matrix.methods)]
    return table(f"Pairwise penalties over {plural(matrix.budgets, 'budget')}.", head, rows)


def _numbers(matrix: PenaltyMatrix) -> Numbers:
    """A row for each pair, and for each method the part of its comparisons in which it was beaten."""
    pairs = [
        one_row(
            method=one,
            against=other,
            budgets_compared=int(matrix.compared[i, j]),
            share_won=float(matrix.wins[i, j]) if matrix.compared[i, j] else None,
        )
        for i, one in enumerate(matrix.methods)
        for j, other in enumerate(matrix.methods)
        if i != j
    ]
    beaten = [one_row(method=m, was_beaten=float(p)) for m, p in zip(matrix.methods, matrix.penalties, strict=True)]
    return [*pairs, *beaten]


def _description(comparison: Comparison, matrix: PenaltyMatrix) -> str:
    parts = [
        f"{in_prose(comparison.titles[m])} {_penalty(penalty, 2)}"
        for m, penalty in zip(matrix.methods, matrix.penalties, strict=True)
    ]
    return f"In what part of its comparisons each method was beaten: {listed(parts)}."


def _penalty(penalty: float, digits: int) -> str:
    return NONE if np.isnan(penalty) else f"{penalty:.{digits}f}"
