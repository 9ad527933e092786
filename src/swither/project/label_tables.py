"""Labels as other programs give them: CSV, JSON lines and Parquet, read whole before anything is written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swither.data.identity import content_id
from swither.errors import InputError, UnknownName, list_some

PATH_NAMES = (
    "path",
    "file_path",
    "filepath",
    "file_name",
    "filename",
    "file",
    "image_path",
    "image_file",
    "image",
    "img",
)
ID_NAMES = ("image_id", "id", "hash")
LABEL_NAMES = ("label", "labels", "class", "class_name", "category", "target", "y")

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")


@dataclass(frozen=True)
class Columns:
    """The columns as the user names them; None to guess."""

    path: str | None = None
    id: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Labelled:
    """One row that has a label.

    Attributes:
        reference: a path, or an id of a content.
        label: the class's name.
        where: the row, for people.
        is_id: whether `reference` is an id.
    """

    reference: str
    label: str
    where: str
    is_id: bool = False


@dataclass(frozen=True)
class LabelTable:
    """What a file says.

    Attributes:
        rows: those with a label, in order.
        without: how many rows had none.
        note: which columns were read, for people.
    """

    rows: tuple[Labelled, ...]
    without: int
    note: str


def read_table(source: Path, columns: Columns | None = None) -> LabelTable:
    """Read labels from a file.

    Args:
        source: the file; its suffix says what it is.
        columns: which columns to read.

    Raises:
        InputError: it is malformed, or the columns cannot be found; the message names the line.
    """
    columns = columns or Columns()
    suffix = source.suffix.lower()
    if suffix in (".csv", ".tsv"):
        names, rows = _csv(source)
    elif suffix in (".jsonl", ".ndjson"):
        names, rows = _json_lines(source)
    elif suffix == ".parquet":
        names, rows = _parquet(source, columns)
    else:
        raise InputError(f"Expected a folder, or a file that ends in {', '.join(SUFFIXES)}; got {source}.")
    return _table(source, names, rows, columns)


Rows = list[tuple[str, Mapping[str, Any]]]  # where, and name of the column -> value


def _csv(source: Path) -> tuple[list[str], Rows]:
    text = _text(source)
    delimiter = "\t" if source.suffix.lower() == ".tsv" else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: Rows = []
    try:
        names = [name.strip() for name in next(reader, [])]
        if not names or len(set(names)) < len(names):
            raise InputError(f"Expected distinct names of columns in the first line of {source}, got {names}.")
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            where = f"line {reader.line_num}"
            if len(values) != len(names):
                raise InputError(
                    f"{source}, {where}: expected {len(names)} values ({list_some(names)}), got {len(values)}. Nothing "
                    "was imported."
                )
            rows.append((where, dict(zip(names, values, strict=True))))
    except csv.Error as error:
        raise InputError(f"{source}, line {reader.line_num}: no CSV: {error}. Nothing was imported.") from error
    return names, rows


def _delimiter(text: str) -> str:
    """The one that stands most often in the first line."""
    first = text.partition("\n")[0]
    return max(",;\t|", key=first.count)


def _json_lines(source: Path) -> tuple[list[str], Rows]:
    rows: Rows = []
    for number, line in enumerate(_text(source).split("\n"), 1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            value = json.loads(line)
        except ValueError as error:
            raise InputError(f"{source}, {where}: no JSON: {error}. Nothing was imported.") from error
        if not isinstance(value, dict):
            raise InputError(f"{source}, {where}: expected an object, got {line[:80]}. Nothing was imported.")
        rows.append((where, value))
    return list(dict.fromkeys(name for _, row in rows for name in row)), rows


def _parquet(source: Path, columns: Columns) -> tuple[list[str], Rows]:
    """The small columns; where there is neither path nor id, the bytes of the images, which give their ids."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from swither.data.settings import DataSettings
    from swither.data.sources.columns import choose_columns
    from swither.data.sources.labels import name_labels

    try:
        file = pq.ParquetFile(source)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{source} cannot be read as Parquet: {error}. Nothing was imported.") from error
    with file:
        schema = file.schema_arrow
        small = [field.name for field in schema if not pa.types.is_nested(field.type) and not _is_binary(field.type)]
        label = columns.label or _guess(small, LABEL_NAMES)
        values = file.read(columns=small).to_pylist()
        class_names = None
        if len(small) < len(schema.names):  # a file with images, perhaps in the hub's layout, where labels are numbers
            chosen = choose_columns(schema, DataSettings(str(source), label_column=label), str(source))
            label, class_names = chosen.label, chosen.class_names
            if not (columns.path or columns.id or _guess(small, (*PATH_NAMES, *ID_NAMES))):
                cells = file.read(columns=[chosen.image]).column(0)
                for row, cell in zip(values, cells, strict=True):
                    row["image_id"] = _cell_id(cell.as_py())
                small.append("image_id")
    if label is not None and label in small:
        _, texts = name_labels([row[label] for row in values], class_names, f"column {label!r} of {source}")
        for row, text in zip(values, texts, strict=True):
            row[label] = text
    return small, [(f"row {number}", row) for number, row in enumerate(values)]


def _is_binary(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _cell_id(cell: Any) -> str | None:
    content = cell.get("bytes") if isinstance(cell, dict) else cell
    return None if content is None else content_id(bytes(content))


def _table(source: Path, names: Sequence[str], rows: Rows, columns: Columns) -> LabelTable:
    for name in (columns.path, columns.id, columns.label):
        if name is not None and name not in names:
            raise UnknownName(f"column of {source}", name, names)
    label = columns.label or _guess(names, LABEL_NAMES)
    path = columns.path or (None if columns.id else _guess([n for n in names if n != label], PATH_NAMES))
    key = path or columns.id or _guess([n for n in names if n != label], ID_NAMES)
    if label is None or key is None:
        lacking = " and ".join(
            words
            for words, found in (
                (f"a path ({', '.join(PATH_NAMES)}) or id ({', '.join(ID_NAMES)})", key),
                (f"a label ({', '.join(LABEL_NAMES)})", label),
            )
            if found is None
        )
        raise InputError(
            f"Expected a column with {lacking} in {source}, found {list_some(names) or 'none'}. Name them with "
            "--path-column or --id-column, and --label-column."
        )
    found, without = [], 0
    for where, row in rows:
        reference, text = _plain(row.get(key), source, where, key), _plain(row.get(label), source, where, label)
        if not text:
            without += 1
        elif not reference:
            raise InputError(f"{source}, {where}: a label, but nothing in column {key!r}. Nothing was imported.")
        else:
            found.append(Labelled(reference, text, where, is_id=path is None))
    return LabelTable(tuple(found), without, f"{'path' if path else 'id'} from column {key!r}, label from {label!r}")


def _plain(value: Any, source: Path, where: str, column: str) -> str:
    """A cell as text; "" where it is empty."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int):
        return str(value).strip()
    raise InputError(
        f"{source}, {where}: expected a text in column {column!r}, got {value!r:.80}. Nothing was imported."
    )


def _guess(names: Iterable[str], usual: Sequence[str]) -> str | None:
    """The column that bears the first of the usual names."""
    known = {name.lower(): name for name in reversed(list(names))}
    return next((known[name] for name in usual if name in known), None)


def _text(source: Path) -> str:
    try:
        return source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not UTF-8 (byte {error.start}). Save it as UTF-8. Nothing was imported."
        ) from error
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}.") from error
