"""What lies in a file that has not been read yet: its content's id, told to the store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from swither.project.reading import ImageProblem, read_image
from swither.project.records import ImageFile

if TYPE_CHECKING:
    from swither.project.project import Project

LARGEST = 1280
"""Pixels of the longer side; a JPEG is decoded at a reduced scale, which is as quick as hashing it."""


def identify(project: Project, path: str) -> str | None:
    """Read one file now, because it is about to be shown, and keep what it is.

    Args:
        project: whose file.
        path: of the file, relative to the image folder.

    Returns:
        The id of its content; None where it cannot be shown, which the store then knows too.
    """
    whole = project.images / path
    try:
        read = read_image(whole, LARGEST)
        known = ImageFile(path, read.size, read.modified, read.image, read.width, read.height)
    except ImageProblem as problem:
        known = replace(_as_found(project, path), problem=str(problem), present=not problem.gone, image=problem.image)
    project.store.put_files([known])
    return known.image if known.problem is None else None


def _as_found(project: Project, path: str) -> ImageFile:
    try:
        status = (project.images / path).stat()
    except OSError:
        return ImageFile(path, 0, 0)
    return ImageFile(path, status.st_size, status.st_mtime_ns)
