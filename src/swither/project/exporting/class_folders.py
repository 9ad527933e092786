"""Folders by class: ``train/cat/image.jpg`` and ``test/cat/image.jpg``, copies or links."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from swither.errors import NotWritable
from swither.files import make_folder, write_atomically
from swither.project.exporting.rows import TEST, TRAIN, Exported, answers_of, contents

if TYPE_CHECKING:
    from swither.project.project import Project

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST = 200  # bytes; most systems take 255


def write_class_folders(project: Project, out: Path, links: bool = False) -> Exported:
    """Write one folder a class in each part. Images without a label are left out, and those of neither part.

    Args:
        project: whose labels.
        out: a folder that is empty or not there yet.
        links: symbolic links to the files, instead of copies.

    Raises:
        NotWritable: this system makes no links.
    """
    answers = answers_of(project)
    folders = folder_names(answers.class_names)
    left_out = answers.without()
    parts = {TRAIN: 0, TEST: 0}
    taken: set[str] = set()
    rows = tuple(row for row in answers.labelled if row.part in parts)
    for row, path, content in contents(project, rows, left_out):
        assert row.label is not None
        place = _free(f"{row.part}/{folders[row.label]}", path.name, row.image, taken)
        target = out / place
        make_folder(target.parent)
        if links:
            _link(target, path)
        else:
            write_atomically(target, content)
        parts[row.part] += 1
    return Exported(out, parts[TRAIN], parts[TEST], left_out=tuple(left_out))


def folder_names(names: Iterable[str]) -> dict[str, str]:
    """A folder's name for each class: one that every system takes, and distinct where case does not count.

    Args:
        names: distinct names of classes.

    Returns:
        Class name -> folder name.

    Example:
        >>> folder_names(["cat", "Cat", "in/out", "..", "con"])
        {'cat': 'cat', 'Cat': 'Cat-2', 'in/out': 'in_out', '..': '__', 'con': 'con_'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "_", unicodedata.normalize("NFC", name)).strip()
        plain = re.sub(r"^\.|[. ]$", "_", plain) or "_"
        plain = plain + "_" if _RESERVED.fullmatch(plain) else plain
        plain = plain.encode()[:_LONGEST].decode(errors="ignore")
        folder, number = plain, 1
        while folder.casefold() in taken:
            number += 1
            folder = f"{plain}-{number}"
        taken.add(folder.casefold())
        found[name] = folder
    return found


def _free(folder: str, name: str, image: str, taken: set[str]) -> str:
    """A path that no other image has; where names meet, the content's id makes the difference."""
    place = f"{folder}/{name}"
    if place.casefold() in taken:
        stem, suffix = os.path.splitext(name)
        place = f"{folder}/{stem}-{image}{suffix}"
    taken.add(place.casefold())
    return place


def _link(target: Path, path: Path) -> None:
    try:
        target.symlink_to(path)
    except OSError as error:
        raise NotWritable(f"No link can be made at {target}: {error.strerror}. Export copies instead.") from error
