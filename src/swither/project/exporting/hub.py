"""Parquet files in the hub's layout, which Hugging Face's ``datasets`` reads as it stands, and so does swither."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from swither.files import make_folder, write_atomically
from swither.project.exporting.rows import TEST, TRAIN, Answer, Exported, answers_of, contents

if TYPE_CHECKING:
    from swither.project.project import Project

SHARD_BYTES = 400 << 20
"""Bytes of images in one file, about."""

_ROWS = 100  # in a row group, as the hub's viewer wants it


def write_hub(project: Project, out: Path, shard_bytes: int = SHARD_BYTES) -> Exported:
    """Write ``data/train-00000-of-00001.parquet`` and so on, with the images' bytes, and a card that says what it is.

    Columns: ``image`` (bytes and file name), ``label`` (a number whose names stand in the file's metadata), ``id``,
    ``path``. Images without a label are left out, and those of neither part.

    Args:
        project: whose labels.
        out: a folder that is empty or not there yet.
        shard_bytes: bytes of images in one file, about.
    """
    answers = answers_of(project)
    left_out = answers.without()
    schema = _schema(answers.class_names)
    numbers = {name: number for number, name in enumerate(answers.class_names)}
    counts = {}
    for part in (TRAIN, TEST):
        rows = tuple(row for row in answers.labelled if row.part == part)
        counts[part] = _write_part(project, out, part, rows, schema, numbers, shard_bytes, left_out)
    write_atomically(out / "README.md", _card(project, answers.class_names, counts).encode())
    return Exported(out, counts[TRAIN], counts[TEST], left_out=tuple(left_out))


def _write_part(
    project: Project,
    out: Path,
    part: str,
    rows: tuple[Answer, ...],
    schema: Any,
    numbers: dict[str, int],
    shard_bytes: int,
    left_out: list[str],
) -> int:
    """Write the files of one part, under their final names once it is known how many there are."""
    made: list[Path] = []
    count = 0
    for shard in _shards(contents(project, rows, left_out), shard_bytes):
        make_folder(out / "data")
        made.append(out / "data" / f".{part}-{len(made):05d}.parquet")
        with pq.ParquetWriter(made[-1], schema) as writer:
            for group in shard:
                count += len(group)
                writer.write_table(pa.Table.from_pylist([_cell(*one, numbers) for one in group], schema=schema))
    for number, file in enumerate(made):
        file.rename(file.with_name(f"{part}-{number:05d}-of-{len(made):05d}.parquet"))
    return count


def _shards(
    images: Iterator[tuple[Answer, Path, bytes]], shard_bytes: int
) -> Iterator[Iterator[list[tuple[Answer, Path, bytes]]]]:
    """Images in files of row groups; only one row group is held at a time."""
    images = iter(images)
    first = next(images, None)
    while first is not None:
        following: list[tuple[Answer, Path, bytes] | None] = [first]

        def groups(following: list[Any] = following) -> Iterator[list[tuple[Answer, Path, bytes]]]:
            size, group = 0, []
            one = following[0]
            while one is not None and size < shard_bytes:
                group.append(one)
                size += len(one[2])
                if len(group) == _ROWS:
                    yield group
                    group = []
                one = next(images, None)
            following[0] = one
            if group:
                yield group

        yield groups()
        first = following[0]


def _cell(row: Answer, path: Path, content: bytes, numbers: dict[str, int]) -> dict[str, Any]:
    assert row.label is not None
    return {
        "image": {"bytes": content, "path": path.name},
        "label": numbers[row.label],
        "id": row.image,
        "path": row.paths[0],
    }


def _schema(class_names: tuple[str, ...]) -> Any:
    features = {
        "image": {"_type": "Image"},
        "label": {"names": list(class_names), "_type": "ClassLabel"},
        "id": {"dtype": "string", "_type": "Value"},
        "path": {"dtype": "string", "_type": "Value"},
    }
    return pa.schema(
        [
            ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
            ("label", pa.int64()),
            ("id", pa.string()),
            ("path", pa.string()),
        ],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )


def _card(project: Project, class_names: tuple[str, ...], counts: dict[str, int]) -> str:
    """The card; JSON strings are YAML strings, so that no name can break its head."""
    names = "".join(f"          '{number}': {json.dumps(name)}\n" for number, name in enumerate(class_names))
    files = "".join(f"  - split: {part}\n    path: data/{part}-*\n" for part, count in counts.items() if count)
    return (
        "---\n"
        "task_categories:\n- image-classification\n"
        f"configs:\n- config_name: default\n  data_files:\n{files}"
        "dataset_info:\n  features:\n  - name: image\n    dtype: image\n  - name: label\n    dtype:\n"
        f"      class_label:\n        names:\n{names}"
        "  - name: id\n    dtype: string\n  - name: path\n    dtype: string\n"
        "---\n\n"
        f"# {project.settings.name}\n\n"
        f"Labelled with swither: {counts[TRAIN]:,} images to train on, {counts[TEST]:,} drawn at random for testing "
        "and never trained on.\n"
    )
