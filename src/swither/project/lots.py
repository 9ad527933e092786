"""Lots: everything in a folder that may be drawn, each with a priority that nobody chose.

A lot is one content, however many files hold it, or one file that has not been read yet. The priority of a content is
a keyed hash of the seed and its id, so it is fixed before anything is asked: no method, person, name, number of copies
or order of reading can change it. Of a file that has not been read nobody knows it.
"""

from __future__ import annotations

import hashlib
import threading
import time
from bisect import bisect_left, insort
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


UNKNOWN = 1.0
"""The priority of a file that has not been read: behind those of all contents."""


@dataclass(frozen=True)
class Lot:
    """What may be drawn.

    Attributes:
        priority: of the content, in [0, 1), the lowest ones test; `UNKNOWN` where the file has not been read yet.
        path: of its first present file, relative to the image folder.
        image: id of the content; None where the file has not been read yet.
    """

    priority: float
    path: str
    image: str | None


@dataclass(frozen=True)
class Lots:
    """All lots of a folder, those of the lowest priority first, files that have not been read last.

    Attributes:
        ordered: by priority.
    """

    ordered: tuple[Lot, ...]

    @classmethod
    def of(cls, files: Iterable[ImageFile], seed: int) -> Lots:
        """The lots of files as they were last seen; those that cannot be shown or are gone are none."""
        unread: list[Lot] = []
        contents: dict[str, list[ImageFile]] = {}
        for file in files:
            if file.problem is not None or not file.present:
                continue
            if file.image is not None:
                contents.setdefault(file.image, []).append(file)
            else:
                unread.append(Lot(UNKNOWN, file.path, None))
        known = [lot for image, same in contents.items() if (lot := lot_of(image, same, seed)) is not None]
        return cls(tuple(sorted([*unread, *known], key=_order)))

    def __len__(self) -> int:
        return len(self.ordered)

    @cached_property
    def of_image(self) -> Mapping[str, Lot]:
        """The lot of each content that is known."""
        return {lot.image: lot for lot in self.ordered if lot.image is not None}

    def below(self, priority: float) -> tuple[Lot, ...]:
        """The contents whose priority is lower."""
        return self.ordered[: bisect_left(self.ordered, priority, key=lambda lot: lot.priority)]


def priority_of(image: str, seed: int) -> float:
    """A number in [0, 1) from a keyed hash of a content's id.

    Example:
        >>> priority_of("6b86", 0) == priority_of("6b86", 0) != priority_of("6b86", 1)
        True
    """
    return _hashed(image, hashlib.blake2b(f"{seed}\x1fheld out".encode(), digest_size=32).digest())


@lru_cache(maxsize=1 << 18)
def _hashed(image: str, key: bytes) -> float:
    digest = hashlib.blake2b(image.encode(), digest_size=8, key=key).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


def lot_of(image: str, files: Sequence[ImageFile], seed: int) -> Lot | None:
    """The lot of a known content.

    Args:
        image: id of the content.
        files: all that hold it, gone ones too.
        seed: of the project.

    Returns:
        None where no file is left.
    """
    paths = [file.path for file in files if file.present and file.problem is None]
    return Lot(priority_of(image, seed), min(paths), image) if paths else None


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
                insort(ordered, lot, key=_order)
        kept.lots = Lots(tuple(ordered))
        return kept.lots


def _order(lot: Lot) -> tuple[float, str]:
    return lot.priority, lot.path


class _Kept:
    """What was last read of one project."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lots: Lots | None = None
        self.changes, self.good_until, self.took = -1, 0.0, 0.0


_KEPT: WeakKeyDictionary[Project, _Kept] = WeakKeyDictionary()
_GUARD = threading.Lock()
