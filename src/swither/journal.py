"""An append-only file of checksummed JSON lines: what is written once and never changed.

Each line is one JSON object with a ``checksum`` over the rest of it. A line counts once it is whole: `append`
returns after the bytes are flushed to disk, and a last line that a crash cut off was never acknowledged, so it
is dropped. Any other line that does not read back is damage: it is set aside in a copy of the file, named in a
warning, and every good line is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Iterable
from io import RawIOBase
from pathlib import Path
from typing import Any

from swither.errors import NewerFormat, list_some
from swither.files import flush_folder, free_name, locked, make_folder, room_for, write_atomically


class DamageWarning(UserWarning):
    """A state file was damaged; what could be kept was kept, and the original lies beside it."""


class Journal:
    """One journal file; several processes may append to it, one at a time.

    Args:
        path: the file, made with the first line.
        kind: what its records are, such as ``"label events"``; stands in every line.
        version: of the records' form. Older ones are read, newer ones refused.
    """

    def __init__(self, path: Path, kind: str, version: int = 1) -> None:
        self.path = path
        self.kind = kind
        self.version = version

    def append(self, records: Iterable[dict[str, Any]]) -> None:
        """Add records at the end; on return they are on disk.

        Each line is whole or absent. Of several, a crash may keep the first few: callers give records that are
        harmless to add again.
        """
        lines = b"".join(self._line(record) for record in records)
        if not lines:
            return
        make_folder(self.path.parent)
        with locked(self.path.with_suffix(".lock"), wait=True), room_for(self.path):
            new = not self.path.exists()
            with self.path.open("ab", buffering=0) as file:  # what a failed write left must not be written later
                end = self._end_of_last_line()
                file.truncate(end)
                try:
                    _write_all(file, lines)
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(end)  # a full disk leaves no half line behind
                    raise
            if new:
                flush_folder(self.path.parent)

    def read(self) -> list[dict[str, Any]]:
        """All records in order, without their checksums.

        Raises:
            NewerFormat: a line was written by a newer version of swither.
        """
        if not self.path.exists():
            return []
        records = self._lines()
        if None in records:
            with locked(self.path.with_suffix(".lock"), wait=True):
                records = self._lines()  # again: another process may have appended or mended meanwhile
                if None in records:
                    self._set_aside(records)
        return [record for record in records if record is not None]

    def _lines(self) -> list[dict[str, Any] | None]:
        """Every line's record, None where it is damaged."""
        lines = self.path.read_bytes().split(b"\n")[:-1]  # what follows the last newline was cut off
        return [self._record(line) for line in lines]

    def _line(self, record: dict[str, Any]) -> bytes:
        body = {"format": self.kind, "version": self.version, **record}
        body["checksum"] = _checksum(body)
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    def _record(self, line: bytes) -> dict[str, Any] | None:
        try:
            body = json.loads(line)
            checksum = body.pop("checksum")
        except (ValueError, AttributeError, KeyError, TypeError):
            return None
        if checksum != _checksum(body) or body.pop("format", None) != self.kind:
            return None
        version = body.pop("version")
        if version > self.version:
            raise NewerFormat(
                f"{self.path} holds {self.kind} of version {version}; this swither reads up to {self.version}. "
                "Use the newer swither that wrote it."
            )
        return dict(body)

    def _end_of_last_line(self) -> int:
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            while size:
                block = min(size, 1 << 16)
                file.seek(size - block)
                found = file.read(block).rfind(b"\n")
                if found >= 0:
                    return size - block + found + 1
                size -= block
        return 0

    def _set_aside(self, records: list[dict[str, Any] | None]) -> None:
        aside = free_name(self.path)
        shutil.copy2(self.path, aside)  # copied, not renamed: at no moment may the good lines be missing
        good = [record for record in records if record is not None]
        write_atomically(self.path, b"".join(self._line(record) for record in good))
        damaged = [line for line, record in enumerate(records, 1) if record is None]
        warnings.warn(
            f"{self.path} was damaged in line(s) {list_some(damaged)}. {len(good)} good line(s) were kept; "
            f"the file as it was is {aside.name}.",
            DamageWarning,
            stacklevel=3,
        )


def _write_all(file: RawIOBase, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


def _checksum(body: dict[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
