"""Rows on disk: what a history's folder holds, what is atomic, and what a crash leaves.

A folder holds

- ``history.json``: kind and version of the format, number of classes, samples and **completed epochs**, each
  channel's type, and a checksum of every row. It is written last and by renaming, so it is the truth.
- ``ids.npy`` (samples,) strings, and other arrays that never change, such as ``given_labels.npy``.
- one ``.npy`` per channel, such as ``labels.npy``: (epochs, samples), readable with ``numpy.load``.

Closing an epoch appends one row to each channel's file, flushes it to disk, then renames the new
``history.json`` into place. A process that is killed, or a machine that loses power, therefore leaves every
completed epoch and nothing of the open one; a row beyond the completed count is overwritten by the next. While
a folder is being created it has no ``history.json`` yet and counts as absent.

One process writes a history. Others may open it to read at any time and see the epochs that were complete when
they opened it. A second writer is refused when it closes its epoch. Tables are memory-mapped, read-only.
"""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from swither.arrays import AnyArray
from swither.dynamics.rows import Channels
from swither.errors import Busy, DamagedState, InputError
from swither.files import file_checksum, locked, read_json, room_for, write_atomically, write_json

VERSION = 1
INDEX = "history.json"
BEGIN_AGAIN = "Delete the folder and record again, or restore it from a copy."


class RowsOnDisk:
    """Rows in the files of one folder; see the module for what a crash leaves."""

    def __init__(self, folder: Path, kind: str, channels: Channels, index: dict[str, Any]) -> None:
        self.folder = folder
        self.channels = channels
        self.epochs: int = index["epochs"]
        self._kind = kind
        self._index = index
        self._samples: int = index["samples"]
        self._maps: dict[str, AnyArray] = {}
        self._waiting: list[Mapping[str, AnyArray]] | None = None

    @classmethod
    def create(
        cls, folder: Path, kind: str, classes: int, channels: Channels, fixed: Mapping[str, AnyArray]
    ) -> RowsOnDisk:
        """Begin a history in `folder`.

        Args:
            folder: made where it is missing; must not hold a history yet.
            kind: the format's name.
            classes: how many classes there are.
            channels: name -> type of each table.
            fixed: name -> (samples,) array that never changes; ``ids`` among them.
        """
        if (folder / INDEX).exists():
            raise InputError(
                f"{folder} holds a history already. Go on with it by LabelHistory.open(folder), or choose another "
                "folder."
            )
        samples = len(fixed["ids"])
        for name, array in fixed.items():
            write_atomically(folder / f"{name}.npy", lambda file, array=array: np.save(file, array))  # type: ignore[misc]
        for name, type_ in channels.items():
            write_atomically(folder / f"{name}.npy", _header(type_, 0, samples))
        index = {
            "classes": classes,
            "samples": samples,
            "epochs": 0,
            "channels": {name: type_.name for name, type_ in channels.items()},
            "fixed": {name: file_checksum(folder / f"{name}.npy") for name in fixed},
            "rows": {name: [] for name in channels},
        }
        write_json(folder / INDEX, kind, VERSION, index)
        return cls(folder, kind, channels, index)

    @classmethod
    def open(cls, folder: Path, kind: str) -> tuple[int, dict[str, AnyArray], RowsOnDisk]:
        """Open what `create` began: the number of classes, the fixed arrays (memory-mapped) and the rows.

        Raises:
            InputError: there is no history in `folder`.
            DamagedState: a file is damaged; the message names it.
            NewerFormat: a newer swither wrote it.
        """
        if not (folder / INDEX).exists():
            raise InputError(f"Expected a {kind} in {folder}, but there is no {INDEX}.")
        index = read_json(folder / INDEX, kind, VERSION)
        _check_index(folder / INDEX, index)
        channels = {name: np.dtype(type_) for name, type_ in index["channels"].items()}
        fixed = {}
        for name, checksum in index["fixed"].items():
            path = folder / f"{name}.npy"
            if not path.exists() or file_checksum(path) != checksum:
                raise DamagedState(f"{path} is missing or damaged: its checksum differs. {BEGIN_AGAIN}")
            fixed[name] = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
        rows = cls(folder, kind, channels, index)
        for name in channels:
            rows._check(name)
        return index["classes"], fixed, rows

    def table(self, channel: str) -> AnyArray:
        """The completed epochs of one channel: (epochs, samples), memory-mapped, read-only."""
        type_ = self.channels[channel]
        if self.epochs == 0:
            return np.empty((0, self._samples), dtype=type_)
        known = self._maps.get(channel)
        if known is None or len(known) != self.epochs:
            offset = len(_header(type_, self.epochs, self._samples))
            shape = (self.epochs, self._samples)
            known = np.memmap(self._path(channel), dtype=type_, mode="r", offset=offset, shape=shape)
            self._maps[channel] = known
        return known

    def append(self, rows: Mapping[str, AnyArray]) -> None:
        """Add one epoch, all channels or none; it is on disk when this returns, or `together` ends."""
        if self._waiting is None:
            self._write([rows])
        else:
            self._waiting.append({name: row.copy() for name, row in rows.items()})

    @contextmanager
    def together(self) -> Iterator[None]:
        """Epochs appended inside are written when it ends, with one flush and one publication for all."""
        if self._waiting is not None:  # the outer one writes them
            yield
            return
        self._waiting = []
        try:
            yield
        finally:
            waiting, self._waiting = self._waiting, None
            if waiting:
                self._write(waiting)

    def _write(self, epochs: Sequence[Mapping[str, AnyArray]]) -> None:
        with locked(self.folder / "lock", wait=True):
            self._refuse_a_second_writer()
            sums = {}
            for name in self.channels:
                rows = [epoch[name] for epoch in epochs]
                with room_for(self._path(name)), self._path(name).open("r+b") as file:
                    self._write_rows(file, rows)
                sums[name] = [*self._index["rows"][name], *(zlib.crc32(row.tobytes()) for row in rows)]
            self._publish({**self._index, "epochs": self.epochs + len(epochs), "rows": sums})

    def truncate(self, epochs: int) -> None:
        """Keep the first `epochs` epochs; the bytes beyond are overwritten by the next ones."""
        with locked(self.folder / "lock", wait=True):
            self._refuse_a_second_writer()
            sums = {name: known[:epochs] for name, known in self._index["rows"].items()}
            self._publish({**self._index, "epochs": epochs, "rows": sums})
            for name, type_ in self.channels.items():
                with self._path(name).open("r+b") as file:
                    file.write(_header(type_, epochs, self._samples))

    def _write_rows(self, file: BinaryIO, rows: Sequence[AnyArray]) -> None:
        header = _header(rows[0].dtype, self.epochs + len(rows), self._samples)
        file.seek(len(header) + self.epochs * rows[0].nbytes)
        for row in rows:
            file.write(row.tobytes())
        file.seek(0)
        file.write(header)
        file.flush()
        os.fsync(file.fileno())

    def _publish(self, index: dict[str, Any]) -> None:
        write_json(self.folder / INDEX, self._kind, VERSION, index)
        self._index = index
        self.epochs = index["epochs"]

    def _refuse_a_second_writer(self) -> None:
        found = read_json(self.folder / INDEX, self._kind, VERSION)
        if (found["epochs"], found["rows"]) != (self._index["epochs"], self._index["rows"]):
            raise Busy(
                f"Another process recorded into {self.folder}: it holds {found['epochs']} epochs, this process "
                f"knew of {self.epochs}. One process writes a history; open it again to go on."
            )

    def _check(self, channel: str) -> None:
        path, sums = self._path(channel), self._index["rows"][channel]
        try:
            whole = len(sums) == self.epochs and all(
                zlib.crc32(row.tobytes()) == known for row, known in zip(self.table(channel), sums, strict=True)
            )
        except (OSError, ValueError):  # missing, or shorter than its rows
            whole = False
        if not whole:
            raise DamagedState(
                f"{path} is missing, truncated or damaged: {self.epochs} epochs of {self._samples} samples do "
                f"not read back as written. {BEGIN_AGAIN}"
            )

    def _path(self, channel: str) -> Path:
        return self.folder / f"{channel}.npy"


def _header(type_: np.dtype[Any], epochs: int, samples: int) -> bytes:
    """The head of a ``.npy`` file; NumPy pads it so that its length is the same for any number of epochs."""
    file = io.BytesIO()
    shape = (epochs, samples)
    described = {"descr": np.lib.format.dtype_to_descr(type_), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)
    return file.getvalue()


def _check_index(path: Path, index: Mapping[str, Any]) -> None:
    wanted = {"classes": int, "samples": int, "epochs": int, "channels": dict, "fixed": dict, "rows": dict}
    for field, type_ in wanted.items():
        if not isinstance(index.get(field), type_):
            raise DamagedState(f"{path} is damaged: it has no valid field {field!r}. {BEGIN_AGAIN}")
    if "labels" not in index["channels"] or index["rows"].keys() != index["channels"].keys():
        raise DamagedState(f"{path} is damaged: its channels and rows do not agree. {BEGIN_AGAIN}")
