"""What was packed before: where it lies, what it holds, and whether it is whole."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from swither.arrays import ByteArray
from swither.errors import DamagedState, InputError
from swither.files import file_checksum, write_atomically

VERSION = 1
_INDEX = "index.parquet"
_SCHEMA = pa.schema(
    {
        "path": pa.binary(),
        "size": pa.int64(),
        "modified": pa.int64(),
        "content": pa.string(),
        "row": pa.int64(),
        "width": pa.int32(),
        "height": pa.int32(),
        "grey": pa.bool_(),
    }
)


class Known(NamedTuple):
    """One image that was packed before.

    Attributes:
        size: of its file, in bytes.
        modified: when its file was last changed, in nanoseconds.
        content: its hash.
        row: where it lies in the packed pixels.
        width: of the image in pixels, before it was scaled.
        height: of the image in pixels, before it was scaled.
        grey: whether it has no colour.
    """

    size: int
    modified: int
    content: str
    row: int
    width: int
    height: int
    grey: bool


@dataclass(frozen=True)
class Pack:
    """Packed pixels and what they hold.

    Attributes:
        pixels: (stored, height, width, channels) uint8, memory-mapped.
        known: path -> what was packed of it.
    """

    pixels: ByteArray
    known: dict[str, Known]


def cache_folder(chosen: str | None = None) -> Path:
    """Where packed images and downloads are kept.

    It is `chosen`, else ``$SWITHER_CACHE``, else the system's place for caches. Everything in it can be deleted
    at any time; it is made again.
    """
    named = chosen or os.environ.get("SWITHER_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return (Path(base) if base else Path.home() / "AppData" / "Local") / "swither" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "swither"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "swither"


def make_folder(folder: Path) -> None:
    """Make a folder of the cache, or say how to choose another place."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        allowed = os.access(folder, os.W_OK)
    except OSError:
        allowed = False
    if not allowed:
        raise InputError(
            f"Cannot write to the cache {folder}. Name a folder that you may write to with --cache or with the "
            "environment variable SWITHER_CACHE."
        )


def read_pack(folder: Path) -> Pack | None:
    """Open what `write_pack` wrote; None where there is nothing.

    Raises:
        DamagedState: what is there cannot be trusted.
    """
    index = folder / _INDEX
    if not index.exists():
        return None
    try:
        table = pq.read_table(index)
        facts = json.loads((table.schema.metadata or {}).get(b"swither", b"{}"))
        if facts.get("version") != VERSION:
            return None  # of another swither: packed anew
        columns = [table.column(name).to_pylist() for name in _SCHEMA.names]
        pixels = _map(folder, facts)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise DamagedState(f"The packed images in {folder} are damaged: {error}") from error
    rows = zip(*columns[1:], strict=True)
    paths = [path.decode("utf-8", "surrogateescape") for path in columns[0]]
    return Pack(pixels, dict(zip(paths, map(Known._make, rows), strict=True)))


def write_pack(folder: Path, pixels: Path, known: dict[str, Known]) -> Pack:
    """Put finished pixels (a file in `folder`) and their index in the place of what was there before.

    One rename, of the index, changes from the old to the new: a reader sees the one or the other.
    """
    checksum = file_checksum(pixels)
    final = folder / f"pixels-{checksum[:16]}.npy"
    os.replace(pixels, final)
    status = final.stat()
    facts = {
        "version": VERSION,
        "pixels": final.name,
        "checksum": checksum,
        "size": status.st_size,
        "modified": status.st_mtime_ns,
    }
    columns: list[list[Any]] = [[path.encode("utf-8", "surrogateescape") for path in known]]
    columns += [list(column) for column in zip(*known.values(), strict=True)]
    table = pa.table(columns, schema=_SCHEMA.with_metadata({b"swither": json.dumps(facts).encode()}))

    def write(file: BinaryIO) -> None:
        pq.write_table(table, file)

    write_atomically(folder / _INDEX, write)
    for old in folder.glob("pixels-*.npy"):
        if old != final:
            with contextlib.suppress(OSError):  # another process may have it open, where the system minds
                old.unlink()
    return Pack(_map(folder, facts), known)


def _map(folder: Path, facts: dict[str, Any]) -> ByteArray:
    path = folder / str(facts["pixels"])
    status = path.stat()
    if status.st_size != facts["size"]:
        raise ValueError(f"{path.name} has {status.st_size} bytes, expected {facts['size']}.")
    # Reading everything to check it would cost more than the rest of a start, so a file is taken for whole that
    # nobody has touched since it was written.
    if status.st_mtime_ns != facts["modified"] and file_checksum(path) != facts["checksum"]:
        raise ValueError(f"{path.name} is not what was written (its checksum differs).")
    pixels: ByteArray = np.load(path, mmap_mode="r", allow_pickle=False)
    if pixels.dtype != np.uint8 or pixels.ndim != 4:
        raise ValueError(f"{path.name} holds {pixels.dtype} of shape {pixels.shape}.")
    return pixels
