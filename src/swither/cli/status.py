"""``swither status``: where a project stands and what to do next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def status(
    folder: Annotated[Path, Parameter(help="Folder of images, or the project's own; by default this one.")] = Path("."),
    /,
) -> int:
    """Say where a project stands and what to do next. Reads no image and trains nothing."""
    from swither.cli.project_text import show
    from swither.project.project import Project
    from swither.project.status import status_of, what_next, where_it_stands

    with Project.open(folder) as project:
        now = status_of(project)
        show(*where_it_stands(project, now), f"Next: {what_next(project, now)}")
    return 0
