"""How methods look, the same in every figure: a colour for light and for dark pages, a marker and a dash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

Dash: TypeAlias = tuple[float, ...]

INK = "#1f2430"
MUTED = "#5d6472"
GRID = "#e1e4ea"
PAPER = "#ffffff"
WRONG = "#b3261e"

ROLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    PAPER: "var(--paper)",
    WRONG: "var(--wrong)",
    "#7f8896": "var(--training)",
    "#c8460b": "var(--recording)",
    "#0a6cb1": "var(--selecting)",
}
"""Colours of a figure that follow the page: their name in its style sheet."""


COSTS = {"training": ("#7f8896", ""), "recording": ("#c8460b", "//"), "selecting": ("#0a6cb1", "")}
"""Colour and hatching of each part of the cost."""


@dataclass(frozen=True)
class MethodStyle:
    """How one method is drawn.

    Colours may look alike to a colour-blind reader; marker and dash together never do.

    Attributes:
        light: colour on a light page, at least 4.5 : 1 against white (names are written in it).
        dark: colour on a dark page, at least 4.5 : 1 against its background.
        marker: matplotlib's name of the marker.
        dash: lengths of dashes and gaps, in line widths; empty for a solid line.
        width: of the line, in points.
    """

    light: str
    dark: str
    marker: str
    dash: Dash = ()
    width: float = 1.5


MARKER_SIZES = {"^": 8.0, "v": 8.0, "<": 8.0, ">": 8.0, "P": 8.0, "X": 8.0, "p": 8.0, "h": 8.0, "*": 10.0}
"""Sizes in points that make markers look equally large; others take 6.5."""

_KNOWN = {
    "dispersion": MethodStyle("#c8450b", "#ff8f57", "o", (), 2.4),
    "diverse-dispersion": MethodStyle("#a63a1c", "#f7a07f", "8", (5, 1.5)),
    "clustered-dispersion": MethodStyle("#96501a", "#e0a878", "H", (3, 1, 1, 1)),
    "random": MethodStyle("#6a7280", "#a3abb8", "s", (4, 1.6)),
    "margin": MethodStyle("#0a6cb0", "#5fb3f0", "^"),
    "least-confidence": MethodStyle("#1b7891", "#62cbe4", "v", (5, 1, 1, 1)),
    "entropy": MethodStyle("#7d4fb3", "#bd97ea", "D", (2, 1)),
    "bald": MethodStyle("#00805f", "#35c79d", "P"),
    "kcenter": MethodStyle("#b23a86", "#ee8ac9", "X", (3, 1)),
    "coreset": MethodStyle("#8a6a00", "#dcb63f", "p", (6, 1.5)),
    "vaal": MethodStyle("#5a7a1e", "#a5cb62", "<", (1, 1)),
    "badge": MethodStyle("#8c2d3f", "#ef8797", ">", (4, 1, 1, 1, 1, 1)),
    "typiclust": MethodStyle("#3a4fa0", "#93a4ff", "h", (2, 1, 4, 1)),
    "oracle": MethodStyle("#22262f", "#e6e8ec", "*", (1, 1.5)),
}

_SPARE = (
    MethodStyle("#a3530f", "#e79a52", "d", (3, 2)),
    MethodStyle("#146e8f", "#58bde0", "H", (1, 2)),
    MethodStyle("#6b3fa0", "#b68cf0", "8", (7, 1)),
    MethodStyle("#2f7d32", "#77c87a", "D", (2, 2, 1, 2)),
    MethodStyle("#9b2c6a", "#e987ba", "s", (5, 2)),
    MethodStyle("#7a5c12", "#d0ad55", "^", (1, 3)),
)


def method_styles(names: Sequence[str]) -> dict[str, MethodStyle]:
    """A style for each method. A built-in one has its own always; others take what is left, in order.

    Args:
        names: names of methods, in the order of the catalogue.

    Example:
        >>> method_styles(["random"])["random"] == method_styles(["margin", "random"])["random"]
        True
    """
    strangers = [name for name in names if name not in _KNOWN]
    return {name: _KNOWN.get(name) or _spare(strangers.index(name)) for name in names}


def _spare(position: int) -> MethodStyle:
    """The style of the n-th stranger: after all colours are used they come again with other dashes."""
    rounds = position // len(_SPARE)
    dash = _SPARE[(position + rounds) % len(_SPARE)].dash
    return replace(_SPARE[position % len(_SPARE)], dash=dash)


def colour_variables(styles: dict[str, MethodStyle]) -> tuple[dict[str, str], str, str]:
    """Names for the methods' colours in the style sheet.

    Returns:
        Light colour -> ``var(--name)``; the declarations for a light page; those for a dark one.
    """
    used = {style.light: style.dark for style in styles.values()}
    names = {light: f"--m{position}" for position, light in enumerate(used)}
    return (
        {light: f"var({name})" for light, name in names.items()},
        "".join(f"{name}:{light};" for light, name in names.items()),
        "".join(f"{names[light]}:{dark};" for light, dark in used.items()),
    )
