"""How methods look on paper: told apart without colour, by shade, dash and a marker that no other has.

On a screen all colours are equally dark, because names are written in them; printed in grey they would be one. Here
methods that stand beside each other differ in lightness, and markers that look alike when they are small are open.
"""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from swither.report.style import MARKER_SIZES, PAPER


class Ink(NamedTuple):
    """What stands for a method's style on paper.

    Attributes:
        colour: of its lines and markers, at least 3 : 1 against white.
        marker: matplotlib's name.
        is_open: whether the marker is an outline.
    """

    colour: str
    marker: str
    is_open: bool = False


INKS = {
    "#6a7280": Ink("#8b93a0", "s"),  # random
    "#1b7891": Ink("#14586a", "v"),  # least confidence
    "#0a6cb0": Ink("#1777b9", "^"),  # margin
    "#7d4fb3": Ink("#5d3b85", "D"),  # entropy
    "#00805f": Ink("#1aa37e", "P"),  # BALD
    "#c8450b": Ink("#a0370a", "o"),  # dispersion
    "#a63a1c": Ink("#d57557", "o", is_open=True),  # diverse dispersion
    "#96501a": Ink("#633411", "D", is_open=True),  # clustered dispersion
    "#b23a86": Ink("#ba4b93", "X"),  # k-center greedy
    "#8a6a00": Ink("#b08e22", "s", is_open=True),  # CoreSet
    "#8c2d3f": Ink("#7e2838", ">"),  # BADGE
    "#3a4fa0": Ink("#596dc1", "^", is_open=True),  # TypiClust
    "#5a7a1e": Ink("#435b16", "<", is_open=True),  # VAAL
    "#22262f": Ink("#22252e", "*"),  # oracle
    "#a3530f": Ink("#7d400b", "d"),
    "#146e8f": Ink("#3695b7", "H"),
    "#6b3fa0": Ink("#593484", "8"),
    "#2f7d32": Ink("#47964a", "4"),
    "#9b2c6a": Ink("#962a66", "3"),
    "#7a5c12": Ink("#ad8d3a", "2"),
}
"""The colour of a method on a light screen -> what it is on paper; see `swither.report.style`."""


def ink_for_paper(figure: Figure) -> None:
    """Give every line of a method in a painted figure what it has on paper; names keep their colour, to be read."""
    for line in figure.findobj(Line2D):
        assert isinstance(line, Line2D)
        ink = INKS.get(to_hex(line.get_color()))
        if ink is None:
            continue
        line.set_color(ink.colour)
        if line.get_marker() in ("None", "", "|", None):
            continue
        line.set_markerfacecolor(ink.colour)
        # An arrow at the end of an interval has no edge of its own, and stays an arrow.
        if to_hex(line.get_markeredgecolor()) == PAPER:
            line.set_marker(ink.marker)
            grown = line.get_markersize() / MARKER_SIZES.get(str(line.get_marker()), 6.5)
            line.set_markersize(MARKER_SIZES.get(ink.marker, 6.5) * min(grown, 1.3))
            if ink.is_open:
                line.set_markerfacecolor(PAPER)
                line.set_markeredgecolor(ink.colour)
                line.set_markeredgewidth(1.5)
        else:
            line.set_markeredgecolor(ink.colour)
