"""A Parquet data set in pieces that can be carried one by one, and the question of whether all of them have come.

Rows are moved, images are not touched: a cell's bytes stay what they are, so every image keeps its id.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from swither.data.sources.parquet import parquet_files
from swither.errors import InputError

_NAME = re.compile(r"(?P<part>[A-Za-z]+)-(?P<number>\d{5})-of-(?P<total>\d{5})\.parquet")
_ROWS = 1000
"""Rows that are moved together, as one row group: so finely the sizes of pieces can be chosen."""


@dataclass(frozen=True)
class Shards:
    """The shards that were found, and those that their names say are missing.

    Attributes:
        files: what there is, by name.
        rows: part, such as ``train``, -> rows in the shards of it that there are.
        missing: names of shards that belong to the set and are not there.
    """

    files: tuple[Path, ...]
    rows: dict[str, int]
    missing: tuple[str, ...]


def find_shards(folders: Iterable[Path | str], parts: Sequence[str] = ()) -> Shards:
    """Look for the shards of one data set in several folders.

    Names are those of the hub, ``train-00000-of-00002.parquet``; the same name twice counts once.

    Args:
        folders: where to look, and in folders below.
        parts: that the set must have; one without any shard counts as missing too, whose shards nobody knows.

    Raises:
        InputError: a folder is missing, a file has another name or does not read, or names contradict each other.

    Example:
        >>> find_shards([]).files
        ()
    """
    found: dict[str, Path] = {}
    totals: dict[str, int] = {}
    rows: dict[str, int] = {}
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise InputError(f"Expected a folder of Parquet shards, found none at {folder}.")
        for file in parquet_files(folder):
            named = _NAME.fullmatch(file.name)
            if named is None:
                raise InputError(f"Expected shards called like train-00000-of-00002.parquet, found {file}.")
            part, total = named["part"], int(named["total"])
            if totals.setdefault(part, total) != total:
                raise InputError(f"{file} is one of {total} shards of {part}, but others are of {totals[part]}.")
            if file.name not in found:
                found[file.name] = file
                rows[part] = rows.get(part, 0) + _rows_of(file)
    wanted = [_name(part, number, total) for part, total in totals.items() for number in range(total)]
    missing = [name for name in wanted if name not in found]
    missing += [f"{part}-*.parquet" for part in parts if part not in totals]
    return Shards(tuple(found[name] for name in sorted(found)), rows, tuple(sorted(missing)))


def split_shards(source: Path | str, out: Path | str, largest: int) -> list[Path]:
    """Divide a data set into folders ``piece-1``, ``piece-2`` and so on, none larger than `largest` bytes.

    Args:
        source: the folder of its shards.
        out: where the pieces go; must not hold any.
        largest: bytes of a piece.

    Returns:
        The pieces' folders.

    Raises:
        InputError: shards are missing, `out` holds something, or `largest` is too small for a thousand rows.
    """
    out = Path(out)
    shards = find_shards([source])
    if not shards.files or shards.missing:
        raise InputError(
            f"Expected all shards of a data set in {source}; missing: {', '.join(shards.missing) or 'all'}."
        )
    if out.exists() and any(out.iterdir()):
        raise InputError(f"Expected an empty folder for the pieces, but {out} holds something.")
    plan = _plan(shards.files, largest)
    totals: dict[str, int] = {}
    for part in {part for piece in plan for part in piece}:
        totals[part] = sum(part in piece for piece in plan)
    written: dict[str, int] = dict.fromkeys(totals, 0)
    folders = []
    for number, piece in enumerate(plan, 1):
        folder = out / f"piece-{number}"
        folder.mkdir(parents=True)
        for part, slices in piece.items():
            _write(folder / _name(part, written[part], totals[part]), slices)
            written[part] += 1
        size = sum(file.stat().st_size for file in folder.iterdir())
        if size > largest:
            shutil.rmtree(out)
            raise InputError(f"A piece of {size:,} bytes came out, more than {largest:,}. Allow larger pieces.")
        folders.append(folder)
    return folders


Slice = tuple[Path, int, int]  # a file, its first row and the row behind the last


def _plan(files: Sequence[Path], largest: int) -> list[dict[str, list[Slice]]]:
    """Slices of rows for each piece, in order, as even in size as slices of this length allow."""
    slices: list[tuple[str, Slice, float]] = []
    for file in files:
        rows = _rows_of(file)
        for start in range(0, rows, _ROWS):
            stop = min(start + _ROWS, rows)
            part = file.name.partition("-")[0]
            slices.append((part, (file, start, stop), (stop - start) / rows * file.stat().st_size))
    total = sum(size for *_, size in slices)
    count = -(-int(total * 1.02) // largest)  # slices differ in size: keep a fiftieth free
    pieces: list[dict[str, list[Slice]]] = [{} for _ in range(count)]
    before = 0.0
    for part, rows_of_file, size in slices:
        piece = pieces[min(count - 1, int((before + size / 2) / total * count))]
        piece.setdefault(part, []).append(rows_of_file)
        before += size
    return [piece for piece in pieces if piece]


def _write(path: Path, slices: Sequence[Slice]) -> None:
    writer: Any = None
    tables: dict[Path, Any] = {}
    for file, start, stop in slices:
        if file not in tables:
            tables = {file: pq.read_table(file, partitioning=None)}  # one at a time in memory
        table = tables[file].slice(start, stop - start)
        if writer is None:
            writer = pq.ParquetWriter(
                path, table.schema, compression="zstd", use_dictionary=False, write_statistics=False
            )
        writer.write_table(table, row_group_size=_ROWS)
    writer.close()


def _rows_of(file: Path) -> int:
    try:
        return int(pq.read_metadata(file).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{file} cannot be read as Parquet: {error}") from error


def _name(part: str, number: int, total: int) -> str:
    return f"{part}-{number:05}-of-{total:05}.parquet"
