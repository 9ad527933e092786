"""``swither report``: draw a report again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def report(folder: Annotated[Path, Parameter(help="What --out named: the folder of a comparison.")], /) -> int:
    """Draw the report of a comparison again, from its results.

    No images and no training are needed. Cells copied into the folder from another machine's are taken in.
    """
    from swither.cli.summary import print_summary
    from swither.experiment import rebuild

    print_summary(rebuild(folder), folder)
    return 0
