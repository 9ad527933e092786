"""From a painted matplotlib figure to SVG for the page, and SVG and PNG for files. No global figure state.

For print `swither.report.manuscript` paints the same figures again.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Protocol

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from swither.report.markup import Markup, printable, tag
from swither.report.numbers import Numbers
from swither.report.style import GRID, INK, MUTED, PAPER, ROLES

WIDE, NARROW = 780, 370
"""Widths of figures in CSS pixels: on a screen, and on a phone."""

_SETTINGS: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.labelcolor": MUTED,
    "axes.labelsize": 12,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "figure.facecolor": PAPER,
    "font.family": "sans-serif",
    "font.size": 12,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "hatch.linewidth": 0.7,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
    "pdf.fonttype": 42,  # TrueType: publishers refuse Type 3
    "svg.fonttype": "none",
    "svg.hashsalt": "swither",
    "text.color": INK,
    "text.parse_math": False,  # a class may be called "$x_1$"
    "xtick.color": MUTED,
    "xtick.labelsize": 11.5,
    "xtick.major.width": 0.8,
    "ytick.color": MUTED,
    "ytick.labelsize": 11.5,
    "ytick.major.size": 0,
}


class Painter(Protocol):
    """Draws into an empty figure, in a layout for a screen or for a phone."""

    def __call__(self, figure: Figure, /, *, wide: bool) -> None:
        """Paint `figure`."""


@dataclass(frozen=True)
class Drawing:
    """One figure, drawn.

    Attributes:
        name: of its files, such as ``learning-curves``.
        title: a few words, for the figure's accessible name.
        description: what a reader who cannot see it should know.
        svg: the whole file, for a screen.
        narrow_svg: the same in a layout for a phone; empty where only files are wanted.
        png: the figure for a screen, two pixels to a CSS pixel.
        paint: draws it again, for another medium.
        height: of the layout for a screen, in CSS pixels.
        narrow_height: of the layout for a phone; None where there is none.
        numbers: what is drawn, row by row.
    """

    name: str
    title: str
    description: str
    svg: bytes
    narrow_svg: bytes
    png: bytes
    paint: Painter = field(compare=False, repr=False)
    height: float
    narrow_height: float | None
    numbers: Numbers


def draw(
    name: str,
    title: str,
    description: str,
    paint: Painter,
    *,
    height: float,
    narrow_height: float | None = None,
    numbers: Numbers = (),
) -> Drawing:
    """Paint a figure for a screen, and with a `narrow_height` for a phone; heights are in CSS pixels."""
    with own_settings():
        wide = painted(paint, height, wide=True)
        narrow = painted(paint, narrow_height, wide=False) if narrow_height else None
        return Drawing(
            name,
            title,
            description,
            svg=_written(wide, "svg"),
            narrow_svg=_written(narrow, "svg") if narrow else b"",
            png=_written(wide, "png"),
            paint=paint,
            height=height,
            narrow_height=narrow_height,
            numbers=numbers,
        )


@contextmanager
def own_settings() -> Iterator[None]:
    """The look of all figures, for as long as they are painted and written."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        matplotlib.rcdefaults()  # no reader's own settings: the same rows give the same file everywhere
        matplotlib.rcParams.update(_SETTINGS)
        # The page's fonts have the letters that matplotlib's own lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def painted(paint: Painter, height: float, *, wide: bool) -> Figure:
    """A figure in one of the two layouts, one point to a CSS pixel."""
    figure = Figure(figsize=((WIDE if wide else NARROW) / 72, height / 72), dpi=72)
    paint(figure, wide=wide)
    return figure


def plain(name: str, longest: int = 40) -> str:
    """A name as figures can show it: one line, not too long, and never hidden from a legend.

    Example:
        >>> plain("_private"), plain("a" * 50, longest=5)
        ('\\u2009_private', 'aaaa…')
    """
    line = " ".join(printable(name).split())
    line = line if len(line) <= longest else line[: longest - 1] + "…"
    return f"\u2009{line}" if line.startswith("_") else line


def rest_lightly(axes: Axes, *, grid: str = "y") -> None:
    """The look of all axes: faint lines along one direction, no frame where the grid is."""
    axes.grid(visible=True, axis=grid)  # type: ignore[arg-type]
    if grid == "y":
        axes.spines["left"].set_visible(False)
    else:
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(axis="x", length=0)


def inline(drawing: Drawing, colours: Mapping[str, str]) -> Markup:
    """The figure as part of the page, in both layouts, of which the style sheet shows one.

    Args:
        drawing: what to show.
        colours: colour in the file -> what stands for it in the page, such as ``var(--ink)``.
    """
    return Markup(
        tag("div", _embedded(drawing.svg, drawing, "wide", colours), class_="wide")
        + tag("div", _embedded(drawing.narrow_svg, drawing, "narrow", colours), class_="narrow")
    )


def _written(figure: Figure, kind: str) -> bytes:
    file = BytesIO()
    if kind == "svg":
        FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})  # type: ignore[no-untyped-call]
        return _generic_fonts(file.getvalue().decode()).encode()
    FigureCanvasAgg(figure)
    figure.savefig(file, format="png", dpi=144, metadata={"Software": None})
    return file.getvalue()


def _generic_fonts(svg: str) -> str:
    """Name the reader's own sans serif in place of matplotlib's list of fonts."""
    return re.sub(r"(font: [^;\"']*?\d+(?:\.\d+)?px )[^;\"]+", r"\1system-ui, sans-serif", svg)


def _embedded(svg: bytes, drawing: Drawing, layout: str, colours: Mapping[str, str]) -> Markup:
    """A file's drawing without its prologue, with names of its own and the page's colours."""
    body = svg.decode()
    size = re.search(r'viewBox="([^"]+)"', body)
    assert size is not None
    body = body[body.index(">", body.index("<svg")) + 1 : body.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = _own_names(body, f"{drawing.name}-{layout}-")
    body = _page_colours(body, {**ROLES, **colours})
    body = re.sub(r"\s*\n\s*", "\n", body).strip()
    label = f"{drawing.name}-{layout}-title"
    described = f"{drawing.name}-{layout}-description"
    return tag(
        "svg",
        tag("title", drawing.title, id=label),
        tag("desc", drawing.description, id=described),
        Markup(body),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=size.group(1),
        role="img",
        aria_labelledby=label,
        aria_describedby=described,
    )


def _own_names(body: str, prefix: str) -> str:
    """Drop the ids that nothing refers to, and set a prefix before the others: ids are unique on a page."""
    used = set(re.findall(r'href="#([^"]+)"', body)) | set(re.findall(r"url\(#([^)]+)\)", body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{prefix}{m.group(1)}"' if m.group(1) in used else "", body)
    body = re.sub(r'(?:xlink:)?href="#([^"]+)"', rf'href="#{prefix}\1"', body)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", body)


def _page_colours(body: str, colours: Mapping[str, str]) -> str:
    return re.sub(r'(?<=[ :"])#[0-9a-f]{6}(?=[;"])', lambda c: colours.get(c.group(), c.group()), body)
