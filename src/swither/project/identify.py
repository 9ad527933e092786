"""What lies in a file that has not been read yet: its content's id, told to the store."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from swither.project.previews import PREVIEW, keep
from swither.project.reading import ImageProblem, read_image
from swither.project.records import ImageFile
from swither.project.walk import lies_in

if TYPE_CHECKING:
    from swither.project.project import Project


AGAIN_SECONDS = 20.0
"""A file that could not be read is left alone for so long, where others can be shown."""

_failed: dict[tuple[Path, str], float] = {}


def identify(project: Project, path: str) -> str | None:
    """Read one file now, because it is about to be shown, and keep what it is.

    Args:
        project: whose file.
        path: of the file, relative to the image folder.

    Returns:
        The id of its content; None where it cannot be shown, which the store then knows too, or cannot be read just
        now, which it does not: a disk that fails for a while costs no image.
    """
    tried = project.folder, path
    if time.monotonic() - _failed.get(tried, -float("inf")) < AGAIN_SECONDS:
        return None
    whole = project.images / path
    if not lies_in(project.images, whole):  # a link that leads out of the folder now
        project.store.put_files([replace(_as_known(project, path), present=False)])
        return None
    try:
        read = read_image(whole, PREVIEW)
        known = ImageFile(path, read.size, read.modified, read.image, read.width, read.height)
        keep(project, read)
    except ImageProblem as problem:
        if problem.passing:
            _failed[tried] = time.monotonic()
            return None
        if problem.gone:
            known = replace(_as_known(project, path), present=False)
        else:
            known = replace(_as_found(project, path), problem=str(problem), image=problem.image)
    project.store.put_files([known])
    return known.image if known.problem is None and known.present else None


def _as_known(project: Project, path: str) -> ImageFile:
    """What the store has: somebody may have read the file meanwhile, and its content stays known."""
    known = (file for file in project.store.files() if file.path == path)
    return next(known, _as_found(project, path))


def _as_found(project: Project, path: str) -> ImageFile:
    try:
        status = (project.images / path).stat()
    except OSError:
        return ImageFile(path, 0, 0)
    return ImageFile(path, status.st_size, status.st_mtime_ns)
