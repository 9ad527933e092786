"""From what another program calls an image to the image of a project."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from swither.data.decoding import displayed_size
from swither.data.identity import content_id
from swither.project.identify import identify
from swither.project.records import ImageFile
from swither.project.walk import lies_in

if TYPE_CHECKING:
    from swither.project.project import Project

_BLOCK = 500  # files told to the store together

Progress = Callable[[int, int], None]
"""Called with how many files were read, of how many."""


class Matching:
    """The files of a project by every name that another program may use for them.

    A path is looked for as it stands relative to the folder of images, then as an absolute one, then relative to
    where the table lies; then without the folders in front, as another machine may have had them, but with one folder
    at least; at last ``a/cat.jpg`` is also the only file whose path ends so.

    Args:
        project: whose files; they must have been walked.
        beside: the folder that the table lies in.
    """

    def __init__(self, project: Project, beside: Path) -> None:
        self._root = Path(os.path.realpath(project.images))
        self._beside = beside
        self._paths: set[str] = set()
        self._ids: dict[str, str] = {}
        self._ends: dict[str, list[str]] = {}
        for file in project.store.files():
            if file.image is not None and file.problem is None:
                self._ids.setdefault(file.image, file.path)
            if file.present:
                self._paths.add(file.path)
                self._ends.setdefault(file.path.rpartition("/")[2], []).append(file.path)

    def knows(self, image: str) -> bool:
        """Whether a file with this content was read before, and can be shown."""
        return image in self._ids

    def find(self, reference: str) -> str | None:
        """The path of the file that is meant, relative to the folder of images; None where there is none, or several.

        Args:
            reference: a path, with slashes of either kind.
        """
        plain = os.path.normpath(reference.replace("\\", "/")).replace(os.sep, "/")
        if plain in self._paths:
            return plain
        for whole in (Path(reference), self._beside / plain):
            if whole.is_absolute():
                inside = os.path.relpath(os.path.realpath(whole), self._root).replace(os.sep, "/")
                if inside in self._paths:
                    return inside
        parts = [part for part in plain.split("/") if part not in ("", "..")]
        for start in range(1, len(parts) - 1):
            if (tail := "/".join(parts[start:])) in self._paths:
                return tail
        end = "/".join(parts)
        found = [p for p in self._ends.get(end.rpartition("/")[2], ()) if p == end or p.endswith(f"/{end}")]
        return found[0] if len(found) == 1 else None


def read_ids(project: Project, paths: Iterable[str] | None = None, progress: Progress | None = None) -> dict[str, str]:
    """The content of files, read where it is not known yet, and told to the store.

    Args:
        project: whose files; they must have been walked.
        paths: which, relative to the folder of images; None: all.
        progress: called while files are read.

    Returns:
        Path -> id of the content, of those that can be read.
    """
    wanted = None if paths is None else set(paths)
    files = [file for file in project.store.files() if file.present and (wanted is None or file.path in wanted)]
    found = {file.path: file.image for file in files if file.image is not None and file.problem is None}
    unread = [file for file in files if file.image is None and file.problem is None]
    block: list[ImageFile] = []
    for done, file in enumerate(unread):
        if progress is not None:
            progress(done, len(unread))
        if not lies_in(project.images, project.images / file.path):
            continue
        read = _read(project, file)
        if read is None:  # no ordinary image: what it is, the careful way finds out
            image = identify(project, file.path)
            if image is not None:
                found[file.path] = image
            continue
        block.append(read)
        if len(block) == _BLOCK:
            project.store.put_files(block)
            block = []
        assert read.image is not None
        found[file.path] = read.image
    project.store.put_files(block)
    return found


def _read(project: Project, file: ImageFile) -> ImageFile | None:
    """Its content's id and its size, from its bytes and the head of the image in them; no pixel is decoded."""
    path = project.images / file.path
    try:
        status = path.stat()
        content = path.read_bytes()
    except OSError:
        return None
    size = displayed_size(content)
    if size is None:
        return None
    return ImageFile(file.path, status.st_size, status.st_mtime_ns, content_id(content), *size)
