"""A figure of the report at the width of one or of two columns, as PDF with its fonts in it.

Figures are painted as for a screen (two columns) or a phone (one column) and made smaller as a whole, so that a line of
780 CSS pixels is 6.9 inches and one of 370 is 3.3: letters of 12 pixels come out at 7.6 points.
"""

from __future__ import annotations

from io import BytesIO
from typing import Literal, TypeAlias

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import Op, PdfFile, RendererPdf
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from swither.report.drawing import NARROW, WIDE, Drawing, own_settings, painted
from swither.report.manuscript.ink import ink_for_paper

Columns: TypeAlias = Literal[1, 2]

WIDTHS: dict[Columns, float] = {1: 3.3, 2: 6.9}
"""Inches: what a journal's page of two columns leaves."""

SMALLEST = 6.95
"""Points: smaller letters are not read on paper. A figure that has them in one column is printed over two only."""

_IMAGES = 300  # dots per inch of photographs


def as_pdf(drawing: Drawing, columns: Columns) -> bytes:
    """The figure as PDF: vectors, with TrueType fonts embedded; the same numbers give the same bytes."""
    with own_settings():
        figure, scale = _on_paper(drawing, columns), _scale(columns)
        width, height = (float(inches) for inches in figure.get_size_inches())
        file = BytesIO()
        about = {"Title": drawing.title, "Creator": "swither", "CreationDate": None}
        pdf = PdfFile(file, metadata=about)  # type: ignore[no-untyped-call]
        pdf.newPage(width * scale, height * scale)  # type: ignore[no-untyped-call]
        pdf.width, pdf.height = width, height  # of what is painted, which is cut at the edges, not of the paper
        pdf.output(scale, 0, 0, scale, 0, 0, Op.concat_matrix)  # type: ignore[no-untyped-call]
        renderer = RendererPdf(pdf, _IMAGES, height, width)  # type: ignore[no-untyped-call]
        figure.draw(renderer)
        renderer.finalize()  # type: ignore[no-untyped-call]
        pdf.finalize()  # type: ignore[no-untyped-call]
        pdf.close()  # type: ignore[no-untyped-call]
        return file.getvalue()


def as_grey(drawing: Drawing, columns: Columns, dots_per_inch: float = 200) -> Image.Image:
    """The figure as a printer without colours gives it."""
    with own_settings():
        figure = _on_paper(drawing, columns)
        FigureCanvasAgg(figure)
        file = BytesIO()
        figure.savefig(file, format="png", dpi=dots_per_inch * _scale(columns))
        return Image.open(file).convert("L")


def smallest_letters(drawing: Drawing, columns: Columns) -> float:
    """The size in points of the smallest letters, as printed."""
    with own_settings():
        texts = _on_paper(drawing, columns).findobj(Text)
    sizes = [float(text.get_fontsize()) for text in texts if isinstance(text, Text) and text.get_text().strip()]
    return min(sizes, default=12.0) * _scale(columns)


def fits(drawing: Drawing, columns: Columns) -> bool:
    """Whether the figure can be printed at this width: over two columns always, in one where it can be read."""
    return columns == 2 or (drawing.narrow_height is not None and smallest_letters(drawing, columns) >= SMALLEST)


def _on_paper(drawing: Drawing, columns: Columns) -> Figure:
    height = drawing.height if columns == 2 else drawing.narrow_height
    assert height is not None, "no layout for one column"
    figure = painted(drawing.paint, height, wide=columns == 2)
    ink_for_paper(figure)
    return figure


def _scale(columns: Columns) -> float:
    return WIDTHS[columns] * 72 / (WIDE if columns == 2 else NARROW)
