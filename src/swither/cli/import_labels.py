"""``swither import``: labels that exist already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from swither.project.project import Project

USAGE = "swither import SOURCE [FOLDER] [OPTIONS]"

EXAMPLES = """Examples:

  swither import labels.csv photographs
      a file with a path and a label on each line
  swither import photographs photographs
      each sub-folder is a class
  swither import old-labels.parquet photographs --label-column species --correct
      replace labels that differ; the first ones are kept in the history"""


def import_labels(
    source: Annotated[Path, Parameter(help="A folder with one sub-folder a class, or .csv, .tsv, .jsonl, .parquet.")],
    folder: Annotated[
        Path | None, Parameter(help="Folder of images, or the project's own; by default this one, or SOURCE.")
    ] = None,
    /,
    *,
    path_column: Annotated[str | None, Parameter(help="Column of paths, where it is not found by itself.")] = None,
    id_column: Annotated[str | None, Parameter(help="Column of ids of contents, instead of paths.")] = None,
    label_column: Annotated[str | None, Parameter(help="Column of labels, where it is not found by itself.")] = None,
    correct: Annotated[bool, Parameter(help="Replace labels that differ.", negative="")] = False,
) -> int:
    """Take labels that exist already into a project. Importing the same again changes nothing.

    A source that is malformed is refused whole. Images that are labelled otherwise already are left as they are and
    listed, unless --correct is given.
    """
    from rich.console import Console
    from rich.progress import Progress

    from swither.cli.project_text import show, show_some
    from swither.errors import plural
    from swither.project.importing import import_labels as take
    from swither.project.label_tables import Columns

    columns = Columns(path_column, id_column, label_column)
    with _project(source, folder) as project:
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("reading images", total=None)
            done = take(
                project,
                source,
                columns=columns,
                correct=correct,
                progress=lambda count, of: bar.update(task, completed=count, total=of),
            )
        show(f"Read: {done.note}.")
        show(
            f"{plural(done.labelled, 'image')} labelled"
            + (f", {done.corrected:,} corrected" if done.corrected else "")
            + (f", {done.same:,} had that label already" if done.same else "")
            + (f", {plural(done.without, 'row')} without a label" if done.without else "")
            + "."
        )
        if done.added:
            show(f"New classes: {', '.join(done.added)}.")
        show_some(f"Left as they are ({len(done.conflicts):,}); --correct replaces labels that differ:", done.conflicts)
        show_some(f"Cannot be read, and got no label ({len(done.unreadable):,}):", done.unreadable)
        show_some(f"Not found in {project.images} ({len(done.unknown):,}):", done.unknown)
    return 0


def _project(source: Path, folder: Path | None) -> Project:
    """The project that is named, or of this folder, or of the source where that is a folder."""
    from swither.errors import InputError
    from swither.project.project import Project

    if folder is not None:
        if folder.is_file() and source.is_dir():
            raise InputError(f"{folder} is a file: the labels come first. swither import {folder} {source}")
        return Project.open(folder)
    try:
        return Project.open(Path("."))
    except InputError:
        if not source.is_dir():
            raise
        return Project.open(source)
