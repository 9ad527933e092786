"""Lots: everything in a folder that may be drawn, each with a priority that nobody chose.

A lot is one content, however many files hold it, or one file that has not been read yet. Its priority is a keyed
hash of the seed and of the path under which it was first seen, so it is fixed before anything is asked and no
method, person or order of reading can change it.
"""

from __future__ import annotations

import hashlib
import threading
import time
from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from swither.project.records import ImageFile

if TYPE_CHECKING:
    from swither.project.project import Project

STALE_SECONDS, STALE_TIMES = 2.0, 20
"""While the folder is being read, its list is so old at most, or so many times what it takes to read it."""


@dataclass(frozen=True)
class Lot:
    """What may be drawn.

    Attributes:
        priority: in [0, 1); the lowest ones test.
        path: of its first present file, relative to the image folder.
        image: id of the content; None where the file has not been read yet.
    """

    priority: float
    path: str
    image: str | None


@dataclass(frozen=True)
class Lots:
    """All lots of a folder, those of the lowest priority first.

    Attributes:
        ordered: by priority.
        renaming: whether contents are gone and files unread, which may be the same under other names: until these are
            read, nobody can say for good which priorities are the lowest.
    """

    ordered: tuple[Lot, ...]
    renaming: bool = False

    @classmethod
    def of(cls, files: Iterable[ImageFile], seed: int) -> Lots:
        """The lots of files as they were last seen.

        A content whose files were renamed keeps the priority of the path that is gone. Files that cannot be shown
        are no lots, nor are those that are gone.
        """
        unread: list[Lot] = []
        contents: dict[str, list[ImageFile]] = {}
        for file in files:
            if file.problem is not None:
                continue
            if file.image is not None:
                contents.setdefault(file.image, []).append(file)
            elif file.present:
                unread.append(Lot(priority_of(file.path, seed), file.path, None))
        known = [lot for image, same in contents.items() if (lot := lot_of(image, same, seed)) is not None]
        ordered = sorted([*unread, *known], key=lambda lot: (lot.priority, lot.path))
        return cls(tuple(ordered), renaming=bool(unread) and len(known) < len(contents))

    def __len__(self) -> int:
        return len(self.ordered)

    @cached_property
    def of_image(self) -> Mapping[str, Lot]:
        """The lot of each content that is known."""
        return {lot.image: lot for lot in self.ordered if lot.image is not None}

    def reserve(self, limit: int, every: int) -> tuple[Lot, ...]:
        """The lots that test: of the lowest priorities, one for every `every` there are, `limit` at most."""
        if limit <= 0 or every <= 0:
            return ()
        return self.ordered[: min(limit, -(-len(self.ordered) // every))]


def priority_of(path: str, seed: int) -> float:
    """A number in [0, 1) from a keyed hash of the path.

    Example:
        >>> priority_of("a/b.jpg", 0) == priority_of("a/b.jpg", 0) != priority_of("a/b.jpg", 1)
        True
    """
    key = hashlib.blake2b(f"{seed}\x1fheld out".encode(), digest_size=32).digest()
    return _hashed(path, key)


@lru_cache(maxsize=1 << 18)
def _hashed(path: str, key: bytes) -> float:
    digest = hashlib.blake2b(path.encode(errors="surrogateescape"), digest_size=8, key=key).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


def lot_of(image: str, files: Sequence[ImageFile], seed: int) -> Lot | None:
    """The lot of a known content: by its earliest paths, which are those that are gone, if there are any.

    Args:
        image: id of the content.
        files: all that hold it, gone ones too.
        seed: of the project.

    Returns:
        None where no file is left.
    """
    present = [file.path for file in files if file.present]
    if not present:
        return None
    first = [file.path for file in files if not file.present] or present
    return Lot(min(priority_of(path, seed) for path in first), min(present), image)


def lots_of(project: Project, *, fresh: bool = False) -> Lots:
    """The lots of a project, read again from time to time where something was written since.

    Args:
        project: whose.
        fresh: read them again whatever was known.
    """
    with _GUARD:
        kept = _KEPT.setdefault(project, _Kept())
    with kept.lock:
        moment = time.monotonic()
        if not fresh and kept.lots is not None and moment < kept.good_until:
            return kept.lots
        changes = project.store.changes()
        if fresh or kept.lots is None or changes != kept.changes:
            kept.lots = Lots.of(project.store.files(), project.settings.seed)
            kept.took = time.monotonic() - moment
        kept.changes, kept.good_until = changes, time.monotonic() + max(STALE_SECONDS, STALE_TIMES * kept.took)
        return kept.lots


def lots_after_reading(project: Project, path: str, image: str | None) -> Lots:
    """The lots once one more file has been read; the others as they were known.

    Args:
        project: whose.
        path: of the file.
        image: id of its content; None where it cannot be shown.
    """
    lots_of(project)
    with _GUARD:
        kept = _KEPT[project]
    with kept.lock:
        assert kept.lots is not None
        ordered = [lot for lot in kept.lots.ordered if lot.path != path and (image is None or lot.image != image)]
        if image is not None:
            lot = lot_of(image, project.store.files_of(image), project.settings.seed)
            if lot is not None:
                insort(ordered, lot, key=lambda one: (one.priority, one.path))
        kept.lots = Lots(tuple(ordered), kept.lots.renaming and any(lot.image is None for lot in ordered))
        return kept.lots


class _Kept:
    """What was last read of one project."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lots: Lots | None = None
        self.changes, self.good_until, self.took = -1, 0.0, 0.0


_KEPT: WeakKeyDictionary[Project, _Kept] = WeakKeyDictionary()
_GUARD = threading.Lock()
