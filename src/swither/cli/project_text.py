"""What the commands of projects print, and how they find their project."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def at(folder: Path, project: Path | None) -> Path:
    """Where the project of a folder of images lies."""
    from swither.project.project import FOLDER

    return Path(os.path.abspath((folder / FOLDER if project is None else project).expanduser()))


def show(*lines: str) -> None:
    """Print lines as they are: a path may hold anything."""
    from rich.console import Console

    console = Console()
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True, emoji=False)


def show_some(title: str, lines: Sequence[str], most: int = 20) -> None:
    """A title, and a list that does not flood the screen."""
    if lines:
        show(title, *(f"  {line}" for line in lines[:most]))
        if len(lines) > most:
            show(f"  ... and {len(lines) - most:,} more")
