"""Embeddings on disk: a file of rows that only grows, and a journal that says which rows count."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np

from swither.arrays import FloatArray
from swither.data.progress import in_bytes
from swither.errors import NotEnoughSpace, plural
from swither.files import require_bytes, room_for
from swither.journal import Journal

KIND = np.dtype("<f2")
ROWS = "rows.jsonl"
"""The journal, beside the rows."""


class EmbeddingFile:
    """Rows of half-precision numbers, each under the id of its image; whoever opens it holds the folder's lock.

    Rows are written and flushed first, then one line of the journal names them; rows that no line names, because
    their process was killed, are written over. A line that does not read back takes the lines behind it along: their
    rows are made again.

    Args:
        folder: of this file and its journal.
        width: numbers in a row.
    """

    def __init__(self, folder: Path, width: int) -> None:
        self.path, self.width = folder / "embeddings.f16", width
        self._journal = Journal(folder / ROWS, "embedded images")
        self.rows: dict[str, int] = {}
        size = self.path.stat().st_size if self.path.exists() else 0
        for line in self._journal.read():
            if line["start"] == len(self.rows) and (line["start"] + len(line["ids"])) * self._row_bytes <= size:
                self.rows |= {i: line["start"] + n for n, i in enumerate(line["ids"])}

    @property
    def _row_bytes(self) -> int:
        return self.width * KIND.itemsize

    def append(self, ids: list[str], values: FloatArray) -> None:
        """Add rows (ids, width), none of whose ids is there; on return they are on disk."""
        assert values.shape == (len(ids), self.width), values.shape
        start = len(self.rows)
        with room_for(self.path), self.path.open("r+b" if self.path.exists() else "w+b") as file:
            file.seek(start * self._row_bytes)
            file.write(np.ascontiguousarray(values, dtype=KIND).data)
            file.flush()
            os.fsync(file.fileno())
        self._journal.append([{"start": start, "ids": ids}])
        self.rows |= {i: start + n for n, i in enumerate(ids)}

    def values(self) -> FloatArray:
        """All rows, memory-mapped: (stored, width) float16.

        Raises:
            DamagedState: the file was cut off since it was opened.
        """
        if not self.rows:
            return np.zeros((0, self.width), dtype=KIND)
        require_bytes(self.path, len(self.rows) * self._row_bytes)
        return np.memmap(self.path, dtype=KIND, mode="r", shape=(len(self.rows), self.width))

    def require_room(self, count: int) -> None:
        """Raise unless the disk has room for so many rows more."""
        needed, free = count * self._row_bytes, shutil.disk_usage(self.path.parent).free
        if needed > free:
            raise NotEnoughSpace(
                f"The embeddings of {plural(count, 'image')} need {in_bytes(needed)}, but the disk of "
                f"{self.path.parent} has {in_bytes(free)} left. Free some space, or name a folder on another disk with "
                "--cache or SWITHER_CACHE."
            )
