"""Which images of a project look the same: shown as such, and not asked in one batch."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from swither.arrays import AnyArray, IntArray
from swither.files import make_folder, room_for
from swither.project.hamming_pairs import HammingIndex, bits_apart
from swither.project.perceptual_hash import FINGERPRINT, alike

if TYPE_CHECKING:
    from swither.project.project import Project

_VERSION = 1  # of the fingerprints; others lie in another file
_RECORD = np.dtype([("image", "u1", (16,)), ("fingerprint", FINGERPRINT), ("check", "<u4")])


class FingerprintFile:
    """Fingerprints by image id: records of one length, only ever added, each with a checksum of its own.

    What a kill cut off at the end is written over, and a record that does not read back is left out, so that its
    image is looked at again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, fingerprints: Mapping[str, AnyArray]) -> None:
        """Add some; by one process at a time."""
        records = np.zeros(len(fingerprints), _RECORD)
        for record, (image, value) in zip(records, fingerprints.items(), strict=True):
            record["image"] = np.frombuffer(bytes.fromhex(image), np.uint8)
            record["fingerprint"] = value
            record["check"] = zlib.crc32(record.tobytes()[:-4])
        make_folder(self.path.parent)
        with room_for(self.path), self.path.open("r+b" if self.path.exists() else "w+b") as file:
            size = file.seek(0, 2)
            file.seek(size - size % _RECORD.itemsize)
            file.write(records.tobytes())

    def count(self) -> int:
        """How many records there are."""
        try:
            return self.path.stat().st_size // _RECORD.itemsize
        except OSError:
            return 0

    def read(self, start: int = 0) -> tuple[list[str], AnyArray, int]:
        """Those from record number `start` on: ids, (read,) of `FINGERPRINT`, and the number of the next record."""
        try:
            with self.path.open("rb") as file:
                file.seek(start * _RECORD.itemsize)
                content = file.read()
        except OSError:
            return [], np.zeros(0, FINGERPRINT), start
        records = np.frombuffer(content, _RECORD, count=len(content) // _RECORD.itemsize)
        raw = memoryview(content)
        length = _RECORD.itemsize
        whole = [
            zlib.crc32(raw[n * length : (n + 1) * length - 4]) == c for n, c in enumerate(records["check"].tolist())
        ]
        good = records[np.array(whole, dtype=bool)]
        ids = [bytes(image).hex() for image in good["image"]]
        return ids, good["fingerprint"], start + len(records)


MOST_IN_GROUP = 50
"""More images than this that look the same are a fixed camera or a form: none waits for another, and none tests."""

_MOST_LOOKS = 100  # second looks for one image, at those of the closest hashes: bounds what ten thousand alike cost


class NearCopies:
    """Groups of images that look the same, brought up to date with what was added to a file of fingerprints.

    Two images that look the same are in one group, and so are those that look the same as either.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._file = FingerprintFile(path)
        self._lock = threading.Lock()
        self._read = 0
        self._forget()

    def groups(self) -> Mapping[str, str]:
        """Image -> the smallest id of its group, for images that have near copies, `MOST_IN_GROUP` at most."""
        return self._now()[0]

    def large_groups(self) -> Mapping[str, str]:
        """The same for the images of larger groups."""
        return self._now()[1]

    def _now(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        with self._lock:
            if self._file.count() < self._read:  # deleted and begun again
                self._forget()
            ids, fingerprints, self._read = self._file.read(self._read)
            if ids:
                self._add(ids, fingerprints)
            return self._groups, self._large

    def _forget(self) -> None:
        self._read = 0
        self._number: dict[str, int] = {}
        self._ids: list[str] = []
        self._index = HammingIndex()
        self._fingerprints = np.zeros(0, FINGERPRINT)  # with room behind the last one
        self._group_of: dict[int, list[int]] = {}  # one list, shared by all its members
        self._groups: Mapping[str, str] = MappingProxyType({})
        self._large: Mapping[str, str] = MappingProxyType({})

    def _add(self, ids: list[str], fingerprints: AnyArray) -> None:
        start = len(self._ids)
        fresh = []
        for position, image in enumerate(ids):
            if fingerprints["speaks"][position] and image not in self._number:
                self._number[image] = len(self._ids)
                self._ids.append(image)
                fresh.append(position)
        if len(self._ids) > len(self._fingerprints):
            self._fingerprints = np.resize(self._fingerprints[:start], 2 * len(self._ids))
        self._fingerprints[start : len(self._ids)] = fingerprints[fresh]
        for one, other in self._alike(self._index.add(fingerprints["hash"][fresh])):
            self._join(one, other)
        groups: dict[str, str] = {}
        large: dict[str, str] = {}
        for group in {id(group): group for group in self._group_of.values()}.values():
            members = [self._ids[number] for number in group]
            (groups if len(group) <= MOST_IN_GROUP else large).update(dict.fromkeys(members, min(members)))
        self._groups, self._large = MappingProxyType(groups), MappingProxyType(large)

    def _alike(self, pairs: IntArray) -> list[tuple[int, int]]:
        """Those of the pairs that stand a second look; for each image the pairs of the closest hashes are looked at."""
        first, second = self._fingerprints[pairs[:, 0]], self._fingerprints[pairs[:, 1]]
        order = np.lexsort((bits_apart(first["hash"], second["hash"]), pairs[:, 1]))
        newer = pairs[order, 1]
        rank = np.arange(len(order)) - np.searchsorted(newer, newer)  # among the pairs of one image
        looked = order[rank < _MOST_LOOKS]
        found: list[tuple[int, int]] = []
        for some in np.array_split(looked, len(looked) // 20_000 + 1):
            found += map(tuple, pairs[some[alike(first[some], second[some])]].tolist())
        return found

    def _join(self, one: int, other: int) -> None:
        ours, theirs = self._group_of.get(one, [one]), self._group_of.get(other, [other])
        if ours is theirs:
            return
        larger, smaller = (ours, theirs) if len(ours) >= len(theirs) else (theirs, ours)
        larger += smaller
        for number in (*smaller, larger[0]):
            self._group_of[number] = larger


_known: dict[Path, NearCopies] = {}
_knowing = threading.Lock()


def fingerprint_path(project: Project) -> Path:
    """Where the fingerprints of a project lie."""
    return project.derived("near_copies") / f"fingerprints-{_VERSION}.bin"


def near_copies(project: Project) -> Mapping[str, str]:
    """Which images look the same, of those read so far.

    Returns:
        Image -> name of its group, the same for all images that look the same; an image without near copies is not
        in it. Exact copies are one image and no matter here.
    """
    return _known_of(project).groups()


def large_groups(project: Project) -> Mapping[str, str]:
    """Which images belong to groups of more than `MOST_IN_GROUP` that look the same, of those read so far.

    They are asked and shown like any others. As such a group cannot be split into a part that trains and a part that
    tests, and may be most of a folder, it trains as a whole, and the accuracy is that of all other images.

    Returns:
        Image -> name of its group.
    """
    return _known_of(project).large_groups()


def _known_of(project: Project) -> NearCopies:
    path = fingerprint_path(project)
    with _knowing:
        return _known.setdefault(path, NearCopies(path))
