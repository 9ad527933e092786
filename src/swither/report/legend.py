"""The methods named above a figure of several panels, each with its line."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.figure import Figure

from swither.report.comparison import Comparison
from swither.report.learning_curves import key_line
from swither.report.names import short_names
from swither.report.style import method_styles

HEIGHT = 24
"""Pixels that it takes, where there is more than one method to name."""


def legend_above(canvas: Figure, comparison: Comparison, methods: Iterable[str], *, wide: bool) -> None:
    """Name the methods in the top left corner, in the order given."""
    methods = list(methods)
    names = short_names(comparison.titles, 22)
    styles = method_styles(comparison.data.method_order())
    canvas.legend(
        [key_line(styles[method], [0], [0]) for method in methods],
        [names[method] for method in methods],
        loc="upper left",
        ncols=4 if wide else 2,
        fontsize=11.5,
        borderaxespad=0,
    )
