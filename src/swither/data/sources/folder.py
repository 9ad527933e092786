"""Images in a folder: one sub-folder a class, or flat and unlabelled; ``train`` and ``test`` folders above."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from swither.data.groups import groups_by
from swither.data.settings import DataSettings
from swither.data.sources.contents import TRAIN, Content, Contents, Found, part_called
from swither.data.wording import classes, plural
from swither.errors import InputError

SUFFIXES = frozenset(
    """
    .avif .bmp .dib .gif .heic .heif .jfif .jp2 .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tga .tif .tiff .webp
    """.strip().split(" ")
)
_CLUTTER = ("thumbs.db", "desktop.ini", "__macosx")


@dataclass
class _Walk:
    """What was met on the way through a folder."""

    root: Path
    images: list[Found] = field(default_factory=list)
    classes: set[str] = field(default_factory=set)
    ignored: Counter[str] = field(default_factory=Counter)
    closed: list[tuple[str, str]] = field(default_factory=list)


def open_folder(path: Path, settings: DataSettings) -> Contents:
    """Open a folder of images.

    Every sub-folder is a class, with all images in it and below it. Images that lie in the folder itself have no
    label. Where a sub-folder is called ``train``, the sub-folders ``train``, ``test`` and ``val`` (or
    ``validation``) are parts, each laid out so. Hidden files, system files and files of other kinds are counted,
    not read.

    Raises:
        InputError: no image is there, or a folder cannot be opened.
    """
    for name in ("image_column", "label_column"):
        if getattr(settings, name) is not None:
            raise InputError(f"A folder has no columns: leave --{name.replace('_', '-')} away.")
    walk = _Walk(path)
    parts = _part_folders(path)
    for part, name in parts or [(TRAIN, "")]:
        _walk_part(walk, name, part)
    if parts:
        names = {name for _, name in parts}
        walk.ignored["file or folder beside the parts"] += sum(entry.name not in names for entry in os.scandir(path))
    if walk.closed:
        lines = "\n".join(f"  {name}: {reason}" for name, reason in walk.closed[:10])
        raise InputError(f"{plural(len(walk.closed), 'folder')} could not be opened:\n{lines}")
    if not walk.images:
        raise InputError(
            f"No images in {path}{_met(walk.ignored)}. Expected one sub-folder a class with images in it, or "
            f"images: {' '.join(sorted(SUFFIXES))}."
        )
    return _contents(walk, settings)


def _part_folders(path: Path) -> list[tuple[str, str]]:
    """(part, folder name) of the folders that are parts; none where no folder is called ``train``."""
    named = [(part_called(entry.name), entry.name) for entry in os.scandir(path) if entry.is_dir()]
    parts = sorted((part, name) for part, name in named if part is not None)
    return parts if any(part == TRAIN for part, _ in parts) else []


def _walk_part(walk: _Walk, name: str, part: str) -> None:
    """Go through the folder `name` of the root, "" for the root itself."""
    inside = f"{name}/" if name else ""
    seen = {os.path.realpath(walk.root / name)}
    for folder in _take_files(walk, inside, part, None):
        label = unicodedata.normalize("NFC", os.fsencode(folder).decode("utf-8", "backslashreplace"))
        walk.classes.add(label)
        waiting = [f"{inside}{folder}/"]
        while waiting:
            current = waiting.pop()
            real = os.path.realpath(walk.root / current)
            if real not in seen:  # a link may lead back
                seen.add(real)
                waiting += [f"{current}{below}/" for below in _take_files(walk, current, part, label)]


def _take_files(walk: _Walk, inside: str, part: str, label: str | None) -> list[str]:
    """Take the images that lie in a folder itself; the answer is the names of its sub-folders.

    Args:
        walk: where they are added.
        inside: the folder relative to the root, with a slash behind; "" for the root.
        part: the part that they belong to.
        label: the name of their class, None where it is unknown.
    """
    folders = []
    try:
        entries = sorted(os.scandir(walk.root / inside), key=lambda entry: entry.name)
    except OSError as error:
        walk.closed.append((inside or str(walk.root), error.strerror or str(error)))
        return []
    for entry in entries:
        suffix = suffix_of(entry.name)
        if is_clutter(entry.name):
            walk.ignored["hidden or system file"] += 1
        elif entry.is_dir():
            folders.append(entry.name)
        elif suffix not in SUFFIXES:
            walk.ignored[suffix or "no suffix"] += 1
        else:
            try:
                status = entry.stat()
                size, modified = status.st_size, status.st_mtime_ns
            except OSError:  # a link that leads nowhere; reading it will say so
                size, modified = -1, -1
            walk.images.append(Found(f"{inside}{entry.name}", size, modified, label, part))
    return folders


def suffix_of(name: str) -> str:
    """What stands behind the last dot of a file's name, the dot included, in small letters; "" for nothing.

    Example:
        >>> suffix_of("Beach.JPG"), suffix_of("README")
        ('.jpg', '')
    """
    stem, dot, ending = name.rpartition(".")
    return f".{ending.lower()}" if stem and dot else ""


def is_clutter(name: str) -> bool:
    """Whether a file or folder of this name is hidden or the system's own."""
    return name.startswith(".") or name.lower() in _CLUTTER


def _contents(walk: _Walk, settings: DataSettings) -> Contents:
    images: Sequence[Found] = walk.images
    if settings.group_by is not None:
        groups = groups_by([image.path for image in images], settings.group_by)
        images = [image._replace(group=str(group)) for image, group in zip(images, groups, strict=True)]

    def read(positions: Sequence[int]) -> Iterator[tuple[int, Content]]:
        for position in positions:
            yield position, walk.root / images[position].path

    kind = classes(len(walk.classes)) if walk.classes else "unlabelled"
    return Contents(
        description=f"folder {walk.root.resolve().name}: {plural(len(images), 'image')}, {kind}",
        images=images,
        class_names=tuple(sorted(walk.classes)),
        read=read,
        origin=f"folder {walk.root.resolve()}",
        ignored={name: count for name, count in sorted(walk.ignored.items()) if count},
    )


def _met(ignored: Counter[str]) -> str:
    if not ignored:
        return ""
    return " (met " + ", ".join(f"{count} of {name}" for name, count in sorted(ignored.items())) + ")"
