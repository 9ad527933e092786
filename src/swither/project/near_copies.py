"""Which images of a project look the same: shown as such, and not asked in one batch."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from swither.arrays import AnyArray
from swither.files import make_folder, room_for
from swither.project.hamming_pairs import HammingIndex
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


class NearCopies:
    """Groups of images that look the same, brought up to date with what was added to a file of fingerprints."""

    def __init__(self, path: Path) -> None:
        self._file = FingerprintFile(path)
        self._read = 0
        self._ids: list[str] = []
        self._parent: list[int] = []
        self._index = HammingIndex()
        self._fingerprints = np.zeros(0, FINGERPRINT)
        self._lock = threading.Lock()
        self._groups: Mapping[str, str] = MappingProxyType({})

    def groups(self) -> Mapping[str, str]:
        """Image -> the smallest id of its group, for images that have near copies."""
        with self._lock:
            ids, fingerprints, self._read = self._file.read(self._read)
            if ids:
                self._add(ids, fingerprints)
            return self._groups

    def _add(self, ids: list[str], fingerprints: AnyArray) -> None:
        known = set(self._ids)
        fresh = [n for n, image in enumerate(ids) if fingerprints["speaks"][n] and image not in known]
        fresh = list({ids[n]: n for n in fresh}.values())
        start = len(self._ids)
        self._ids += [ids[n] for n in fresh]
        self._parent += range(start, len(self._ids))
        self._fingerprints = np.concatenate([self._fingerprints, fingerprints[fresh]])
        pairs = self._index.add(fingerprints["hash"][fresh])
        close = pairs[alike(self._fingerprints[pairs[:, 0]], self._fingerprints[pairs[:, 1]])]
        for one, other in close.tolist():
            self._parent[self._root(one)] = self._root(other)
        members: dict[int, list[str]] = {}
        for number, image in enumerate(self._ids):
            members.setdefault(self._root(number), []).append(image)
        self._groups = MappingProxyType(
            {image: min(group) for group in members.values() if len(group) > 1 for image in group}
        )

    def _root(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number


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
    path = fingerprint_path(project)
    with _knowing:
        known = _known.setdefault(path, NearCopies(path))
    return known.groups()
