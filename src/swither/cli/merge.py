"""``swither merge``: take another machine's results into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def merge(
    files: Annotated[list[Path], Parameter(help="Files of packed results, or folders of comparisons.", negative=())],
    /,
    *,
    into: Annotated[Path, Parameter(help="The folder of a comparison; made if it is missing.")],
) -> int:
    """Take the results of another machine into the folder of a comparison, and draw its report again.

    All must be of one protocol. A cell that was begun here goes on where the other machine stopped; two different
    results for the same cell are an error, and nothing is taken of any file.
    """
    from rich.console import Console

    from swither.cli.folder_text import print_standing
    from swither.cli.summary import print_summary
    from swither.errors import plural
    from swither.experiment import rebuild
    from swither.experiment.merging import merge_packs

    console = Console()
    for file, merged in zip(files, merge_packs(files, into), strict=True):
        new = plural(len(merged.new), "new cell")
        said = f"{new}, {len(merged.longer)} that go on further, {len(merged.known)} known"
        console.print(f"{file}: {said}", markup=False, highlight=False, soft_wrap=True)
    if not (into / "experiment.json").exists():
        console.print(f"{into} holds trials of open settings so far, and no results yet.", markup=False, soft_wrap=True)
        return 0
    results = rebuild(into)
    print_summary(results, into, console)
    print_standing(results, into)
    return 0
