"""All that a manuscript takes from a report, in one folder."""

from __future__ import annotations

from pathlib import Path

from swither.files import require_writable, write_atomically
from swither.report.comparison import Comparison
from swither.report.contents import ReportData
from swither.report.manuscript.printing import Columns, as_pdf, fits
from swither.report.manuscript.protocol import as_latex, as_text, cited
from swither.report.manuscript.references import bibliography
from swither.report.manuscript.tables import tables
from swither.report.numbers import as_csv
from swither.report.page import sections

ENDINGS: dict[Columns, str] = {1: "-one-column", 2: ""}


def write_manuscript(data: ReportData, folder: Path) -> list[Path]:
    """Write figures as PDF with their numbers as CSV, tables as LaTeX, a paragraph on the protocol and BibTeX.

    The same data give the same bytes. Files of other names in the folder are left alone.

    Args:
        data: what the report shows.
        folder: where to write ``figures/``, ``tables/``, ``protocol.txt``, ``protocol.tex`` and ``methods.bib``.

    Returns:
        The paths of all files.
    """
    require_writable(folder)
    comparison = Comparison(data)
    files = {
        **_figures(comparison),
        **{f"tables/{name}.tex": source.encode() for name, source in tables(comparison).items()},
        "protocol.txt": as_text(comparison).encode(),
        "protocol.tex": as_latex(comparison).encode(),
        "methods.bib": bibliography(data.method_order(), cited(comparison)).encode(),
    }
    for name, content in files.items():
        write_atomically(folder / name, content)
    return [folder / name for name in files]


def _figures(comparison: Comparison) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for drawing in (drawing for part in sections(comparison) for drawing in part.drawings):
        for columns, ending in ENDINGS.items():
            if fits(drawing, columns):
                files[f"figures/{drawing.name}{ending}.pdf"] = as_pdf(drawing, columns)
        files[f"figures/{drawing.name}.csv"] = as_csv(drawing.numbers).encode()
    return files
