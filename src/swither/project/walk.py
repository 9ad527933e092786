"""The image files of a folder, one after the other as they are found."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from swither.data.sources.folder import SUFFIXES, is_clutter, suffix_of
from swither.project.records import ImageFile

NOT_UTF8 = "its name is not UTF-8, so it cannot be kept in the project; rename it"


@dataclass
class Passed:
    """What a walk met beside image files.

    Attributes:
        left_out: how many of each kind were passed by: ``hidden or system file``, ``link``, a suffix.
        closed: folders that could not be opened, each with the reason; what lies in them is unknown.
    """

    left_out: Counter[str] = field(default_factory=Counter)
    closed: list[tuple[str, str]] = field(default_factory=list)


LINK = "link that leads out of the folder"


def walk(folder: Path, passed: Passed | None = None, without: Path | None = None) -> Iterator[ImageFile]:
    """Find the image files in a folder and below it; nothing is opened, and the first one is there at once.

    A folder's own files come first, sorted by name, then its sub-folders, likewise. Hidden files and folders are
    passed by. A link to a file is followed where the file lies in the folder too; links to folders never are: what
    they show is either found without them, or outside.

    Args:
        folder: where to look.
        passed: gets what was met beside.
        without: a folder that is passed by, such as the project's own where it is not hidden.

    Yields:
        A file with its path, size and time; nothing of its content. One whose name cannot be kept has a `problem`.

    Raises:
        OSError: the folder itself cannot be opened.
    """
    passed = Passed() if passed is None else passed
    root = os.path.realpath(folder)
    own = None if without is None else os.path.realpath(without)
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(os.path.join(root, inside)) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            if not inside:
                raise
            passed.closed.append((_shown(inside.rstrip("/")), error.strerror or str(error)))
            continue
        below = []
        for entry in entries:
            if is_clutter(entry.name):
                passed.left_out["hidden or system file"] += 1
            elif entry.is_dir(follow_symlinks=False):
                if os.path.join(root, inside, entry.name) == own:
                    continue
                below.append(f"{inside}{entry.name}/")
            else:
                file = _file(root, inside, entry, passed)
                if file is not None:
                    yield file
        waiting += reversed(below)


def _file(root: str, inside: str, entry: os.DirEntry[str], passed: Passed) -> ImageFile | None:
    if entry.is_symlink() and not lies_in(root, entry.path):
        passed.left_out[LINK] += 1
        return None
    suffix = suffix_of(entry.name)
    if suffix not in SUFFIXES:
        passed.left_out["link to a folder" if entry.is_dir() else suffix or "no suffix"] += 1
        return None
    try:
        status = entry.stat()
    except OSError:  # a link that leads nowhere, or a file that went just now
        passed.left_out["file that is gone"] += 1
        return None
    if not stat.S_ISREG(status.st_mode):
        passed.left_out["not a plain file"] += 1
        return None
    path = f"{inside}{entry.name}"
    shown = _shown(path)
    return ImageFile(shown, status.st_size, status.st_mtime_ns, problem=None if shown == path else NOT_UTF8)


def lies_in(root: str | Path, path: str | Path) -> bool:
    """Whether a path, with all its links followed, lies in the folder `root`, whose own links are followed too."""
    real = os.path.realpath(root)
    return os.path.commonpath([real, os.path.realpath(path)]) == real


def _shown(path: str) -> str:
    try:
        path.encode()
    except UnicodeEncodeError:  # bytes that are no UTF-8, as the system hands them over
        return os.fsencode(path).decode("utf-8", "backslashreplace")
    return path
