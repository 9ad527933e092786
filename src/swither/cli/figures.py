"""``swither figures``: what a manuscript takes from a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def figures(
    folder: Annotated[Path, Parameter(help="The folder of a comparison.")],
    /,
    *,
    out: Annotated[Path | None, Parameter(help="Where to write; by default the folder paper in it.")] = None,
) -> int:
    """Write figures, tables, a paragraph on the protocol and references for a paper, from the results of a comparison.

    Figures are PDF at the width of one and of two columns, with their numbers as CSV; tables are LaTeX (booktabs);
    the protocol is plain text and LaTeX; the references are BibTeX. No images and no training are needed.
    """
    from rich.console import Console

    from swither.cli.folder_text import print_standing
    from swither.errors import plural
    from swither.experiment.manuscript import manuscript
    from swither.experiment.results import results_table

    written = manuscript(folder, out)
    kinds = (("figure", ".pdf"), ("table", ".tex"), ("CSV file", ".csv"))
    numbers = [(sum(p.suffix == end and p.stem != "protocol" for p in written), noun) for noun, end in kinds]
    said = ", ".join(plural(number, noun) for number, noun in numbers if number)
    top = next(path.parent for path in written if path.name == "protocol.txt")
    console = Console()
    console.print(f"{said}, the protocol and references in {top}", markup=False, highlight=False, soft_wrap=True)
    print_standing(results_table(folder), folder, console)
    return 0
