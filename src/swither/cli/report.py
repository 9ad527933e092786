"""``swither report``: draw a report again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def report(folder: Annotated[Path, Parameter(help="What --out named: the folder of a comparison.")], /) -> int:
    """Draw the report of a comparison again, from its results.

    No images and no training are needed. Cells copied into the folder from another machine's are taken in.
    """
    from swither.cli.folder_text import print_standing
    from swither.cli.summary import print_summary
    from swither.errors import DamagedState
    from swither.experiment import rebuild
    from swither.experiment.protocol import read_experiment

    try:
        read_experiment(folder)
    except DamagedState as error:
        raise DamagedState(
            f"{error} Start the command of this folder again: it writes the file anew and keeps every run that has "
            "finished."
        ) from error
    results = rebuild(folder)
    print_summary(results, folder)
    print_standing(results, folder)
    return 0
