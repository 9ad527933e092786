"""``swither pack``: results in a small file, for another machine or for a repository."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def pack(
    folder: Annotated[Path, Parameter(help="The folder of a comparison.")],
    /,
    *,
    to: Annotated[Path, Parameter(help="The zip file to write.")],
    probabilities: Annotated[bool, Parameter(help="With the probabilities of the test images.")] = True,
) -> int:
    """Put the results of a comparison into one small file, without networks and label histories.

    `swither merge` takes it into a folder again, where finished cells count as finished and others go on.
    """
    from rich.console import Console

    from swither.data.progress import in_bytes
    from swither.experiment.packing import cell_folders, pack_cells

    (written,) = pack_cells(folder, to, probabilities=probabilities)
    said = f"{len(cell_folders(folder))} cells of {folder} in {written}, {in_bytes(written.stat().st_size)}"
    Console().print(said, markup=False, highlight=False, soft_wrap=True)
    return 0
