from __future__ import annotations

import re
import zlib
from types import ModuleType

import numpy as np
import pytest
from matplotlib.figure import Figure

from swither.report.comparison import Comparison
from swither.report.drawing import Drawing, draw
from swither.report.manuscript.printing import SMALLEST, WIDTHS, Columns, as_grey, as_pdf, fits, smallest_letters
from swither.report.page import sections
from swither.report.style import INK


@pytest.fixture(scope="module")
def drawings(synthetic: ModuleType) -> list[Drawing]:
    return [drawing for part in sections(Comparison(synthetic.report_data())) for drawing in part.drawings]


def sample(letters: float = 12.0) -> Drawing:
    def paint(figure: Figure, *, wide: bool) -> None:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.plot([0, 1], [0, 1], color=INK, linewidth=3)
        axes.text(0.5, 0.2, "words", fontsize=letters)
        axes.set(xlim=(0, 1), ylim=(0, 1))

    return draw("sample", "A sample", "", paint, height=300, narrow_height=300)


def pages(pdf: bytes) -> list[bytes]:
    """What the compressed parts of a file hold."""
    return [
        zlib.decompress(part) for part in re.findall(rb"FlateDecode.*?stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    ]


def size(pdf: bytes) -> tuple[float, float]:
    """Width and height of the page in inches."""
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf)
    assert box is not None
    return float(box[1]) / 72, float(box[2]) / 72


def test_all_fonts_are_truetype_and_embedded(drawings: list[Drawing]) -> None:
    for drawing in drawings:
        pdf = as_pdf(drawing, 2)
        text = b"".join([pdf, *pages(pdf)])
        assert b"/Type3" not in text, drawing.name
        assert b"/FontFile2" in text, drawing.name
        assert pdf.startswith(b"%PDF")


@pytest.mark.parametrize("columns", [1, 2])
def test_the_page_is_as_wide_as_the_columns(columns: Columns) -> None:
    width, _ = size(as_pdf(sample(), columns))
    assert width == pytest.approx(WIDTHS[columns], abs=1e-3)


def test_what_is_drawn_is_not_cut_where_the_paper_ends_before_it_is_made_smaller() -> None:
    (content,) = [part for part in pages(as_pdf(sample(), 2)) if b" cm" in part]
    ends = [float(x) for x in re.findall(rb"([\d.]+) [\d.]+ l\b", content)]
    assert max(ends) == pytest.approx(780, abs=1)  # the diagonal reaches the far corner


def test_letters_can_be_read_as_printed(drawings: list[Drawing]) -> None:
    for drawing in drawings:
        if drawing.name == "montage":
            assert smallest_letters(drawing, 2) >= 6  # words under small photographs
        else:
            assert SMALLEST <= smallest_letters(drawing, 2) <= 9, drawing.name
        if fits(drawing, 1):
            assert SMALLEST <= smallest_letters(drawing, 1) <= 9, drawing.name


def test_one_column_is_left_out_where_letters_would_be_too_small() -> None:
    assert fits(sample(12), 1)
    assert not fits(sample(9.5), 1)
    assert fits(sample(9.5), 2)


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert as_pdf(sample(), 1) == as_pdf(sample(), 1)


def test_in_grey_every_method_of_the_learning_curves_leaves_ink_of_its_own(drawings: list[Drawing]) -> None:
    curves = next(drawing for drawing in drawings if drawing.name == "learning-curves")
    grey = np.asarray(as_grey(curves, 2))
    assert grey.ndim == 2
    shades, counted = np.unique(grey[grey < 200], return_counts=True)
    assert (counted > 100).sum() >= 4, dict(zip(shades.tolist(), counted.tolist(), strict=True))
