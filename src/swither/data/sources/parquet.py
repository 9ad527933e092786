"""Images in Parquet files of the hub's layout: a file, or a folder of shards."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from swither.data.settings import DataSettings
from swither.data.sources.columns import Columns, choose_columns
from swither.data.sources.contents import TRAIN, Content, Contents, Found, part_called
from swither.data.sources.labels import name_labels
from swither.data.wording import plural
from swither.errors import InputError, list_some

_BYTES_AT_ONCE = 8 << 20  # of encoded images held while a row group is streamed


@dataclass(frozen=True)
class _Shard:
    path: Path
    name: str  # relative to the source
    part: str
    rows: int
    schema: Any


def parquet_files(folder: Path) -> list[Path]:
    """The shards in a folder and below it, hidden ones and bare metadata left aside."""
    return sorted(
        path
        for path in folder.rglob("*.parquet")
        if is_shard(path.name) and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def is_shard(name: str) -> bool:
    """Whether a file of this name holds rows of a data set, not just facts about images that lie beside it."""
    return name.lower().endswith(".parquet") and not name.startswith(".") and name.lower() != "metadata.parquet"


def open_parquet(path: Path, settings: DataSettings) -> Contents:
    """Open a Parquet file or a folder of shards.

    A shard belongs to the part that its name (``test-00000-of-00001.parquet``) or a folder above it names; a
    column ``split`` decides row by row. Only the small columns are read; images are streamed when asked for.

    Raises:
        InputError: there are no rows, the shards have different columns, or a column is not there.
    """
    shards = [_shard(file, path) for file in (parquet_files(path) if path.is_dir() else [path])]
    shards = [shard for shard in shards if shard.rows]
    if not shards:
        raise InputError(f"Expected Parquet files with rows in {path}, found none.")
    columns = choose_columns(shards[0].schema, settings, str(shards[0].path))
    for shard in shards[1:]:
        lacking = [name for name in columns.wanted() if name not in shard.schema.names]
        if lacking:
            raise InputError(
                f"{shard.path} lacks the columns {list_some(lacking)} of {shards[0].path}. Expected shards of one "
                "data set; open them one by one."
            )
    images, class_names, notes = _list(shards, columns)
    return Contents(
        description=f"{path.name}: {plural(len(images), 'row')} in {plural(len(shards), 'Parquet file')}",
        images=images,
        class_names=class_names,
        read=_Reader(shards, columns.image),
        origin=f"parquet {path.resolve()} {columns.image}",
        notes=notes,
    )


def _shard(file: Path, root: Path) -> _Shard:
    try:
        opened = pq.ParquetFile(file)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{file} cannot be read as Parquet: {error}") from error
    with opened:
        relative = file.relative_to(root) if file != root else Path(file.name)
        named = [part_called(folder) for folder in relative.parts[:-1]]
        named.append(part_called(re.split(r"[-_.]", file.name)[0]))
        part = next((name for name in reversed(named) if name), TRAIN)
        return _Shard(file, relative.as_posix(), part, opened.metadata.num_rows, opened.schema_arrow)


def _list(shards: list[_Shard], columns: Columns) -> tuple[list[Found], tuple[str, ...], tuple[str, ...]]:
    small: dict[str, list[Any]] = {name: [] for name in columns.small()}
    for shard in shards:
        table = pq.read_table(shard.path, columns=list(small), partitioning=None)
        for name, values in small.items():
            values += table.column(name).to_pylist()
    total = sum(shard.rows for shard in shards)
    labels: list[str | None] = [None] * total
    class_names: tuple[str, ...] = ()
    if columns.label is not None:
        where = f"column {columns.label!r} of {shards[0].path}"
        class_names, labels = name_labels(small[columns.label], columns.class_names, where)
    parts, notes = _parts(small.get(columns.split or ""), total)
    groups = [None if g is None else str(g) for g in small.get(columns.group or "", [None] * total)]
    if columns.group is not None:
        groups = ["" if group is None else group for group in groups]
    images = []
    position = 0
    for shard in shards:
        status = shard.path.stat()
        for row in range(shard.rows):
            images.append(
                Found(
                    path=f"{shard.name}#{row}",
                    size=status.st_size,
                    modified=status.st_mtime_ns,
                    label=labels[position],
                    part=shard.part if parts is None else parts[position],
                    group=groups[position],
                )
            )
            position += 1
    return images, class_names, notes


def _parts(values: list[Any] | None, total: int) -> tuple[list[str] | None, tuple[str, ...]]:
    if values is None:
        return None, ()
    parts = [part_called(str(value)) for value in values]
    named = [part for part in parts if part is not None]
    if len(named) < total:
        strange = sorted({str(value) for value, part in zip(values, parts, strict=True) if part is None})
        note = f"The column 'split' was not used: it holds {list_some(strange, most=3)}, which name no part."
        return None, (note,)
    return named, ()


@dataclass(frozen=True)
class _Reader:
    """Streams the cells of some rows, one batch of a row group at a time."""

    shards: list[_Shard]
    column: str

    def __call__(self, positions: Sequence[int]) -> Iterator[tuple[int, Content]]:
        starts = [0]
        for shard in self.shards:
            starts.append(starts[-1] + shard.rows)
        for place, wanted in groupby(positions, key=lambda position: bisect_right(starts, position) - 1):
            start = starts[place]
            for row, cell in self._cells(self.shards[place], [position - start for position in wanted]):
                yield start + row, cell

    def _cells(self, shard: _Shard, wanted: list[int]) -> Iterator[tuple[int, Content]]:
        with pq.ParquetFile(shard.path, buffer_size=1 << 20, pre_buffer=False) as file:
            first = 0
            for group in range(file.num_row_groups):
                facts = file.metadata.row_group(group)
                rows = {row - first for row in wanted if first <= row < first + facts.num_rows}
                if rows:
                    at_once = max(1, _BYTES_AT_ONCE * facts.num_rows // max(1, facts.total_byte_size))
                    for row, cell in self._group(file, group, min(at_once, facts.num_rows), shard):
                        if row in rows:
                            yield first + row, cell
                first += facts.num_rows

    def _group(self, file: Any, group: int, at_once: int, shard: _Shard) -> Iterator[tuple[int, Content]]:
        row = 0
        for batch in file.iter_batches(batch_size=at_once, row_groups=[group], columns=[self.column]):
            for cell in batch.column(0):
                yield row, _content(cell.as_py(), shard.path.parent)
                row += 1


def _content(cell: Any, folder: Path) -> Content:
    if isinstance(cell, dict):
        if cell.get("bytes") is None and cell.get("path"):
            return folder / str(cell["path"])
        cell = cell.get("bytes")
    return b"" if cell is None else bytes(cell)
