"""A folder of images, predicted with an exported model, as one file."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from swither.data.progress import Progress, silent
from swither.errors import InputError
from swither.files import require_file_place, write_atomically
from swither.project.model_file import Predicted, open_model, predict_files
from swither.project.walk import walk

_FIRST = ("path", "label", "confidence", "problem")


@dataclass(frozen=True)
class Summary:
    """What was predicted.

    Attributes:
        images: how many.
        problems: files that could not be read.
        counts: class -> images, the most first.
    """

    images: int
    problems: int
    counts: Mapping[str, int]


def predict_folder(model: Path, folder: Path, out: Path, *, progress: Progress = silent) -> Summary:
    """Predict all images in a folder and below it, in the order of their paths.

    Args:
        model: see `open_model`.
        folder: where the images are; nothing in it is changed.
        out: file to write, ``.csv`` or ``.jsonl``; written whole or not at all.
        progress: told how far it is.

    Raises:
        InputError: no image is there, no model, or `out` is of another kind.
        NotWritable: `out` cannot be written; nothing is predicted.
    """
    write = _writer(out)
    if not folder.is_dir():
        raise InputError(
            f"Expected a folder of images, found {'a file' if folder.exists() else 'nothing'} at {folder}."
        )
    found = sorted(file.path for file in walk(folder) if file.problem is None)
    if not found:
        raise InputError(f"There is no image in {folder}.")
    require_file_place(out)
    opened = open_model(model)
    counts: Counter[str] = Counter()
    problems = 0

    def rows() -> Iterable[dict[str, Any]]:
        nonlocal problems
        for number, (path, predicted) in enumerate(
            zip(found, predict_files(opened, (folder / path for path in found)), strict=True), start=1
        ):
            counts[predicted.label] += 1 if predicted.label is not None else 0  # type: ignore[index]
            problems += predicted.label is None
            yield _row(path, predicted, opened.classes)
            progress("predicting images", number, len(found))

    write_atomically(out, lambda file: write(file, rows(), opened.classes))
    known = {label: count for label, count in counts.most_common() if count}
    return Summary(len(found) - problems, problems, known)


def _row(path: str, predicted: Predicted, classes: tuple[str, ...]) -> dict[str, Any]:
    row: dict[str, Any] = {"path": path, "label": predicted.label}
    row["confidence"] = None if predicted.label is None else round(predicted.confidence, 6)
    row["problem"] = predicted.problem or None
    if predicted.probabilities is not None:
        row["probabilities"] = {
            name: round(float(value), 6) for name, value in zip(classes, predicted.probabilities, strict=True)
        }
    return row


_Writer = Callable[[BinaryIO, Iterable[dict[str, Any]], tuple[str, ...]], None]


def _writer(out: Path) -> _Writer:
    writers: dict[str, _Writer] = {".csv": _write_csv, ".jsonl": _write_lines}
    if out.suffix.lower() not in writers:
        raise InputError(f"Expected a file ending in .csv or .jsonl for the predictions, got {out}.")
    return writers[out.suffix.lower()]


def _write_csv(file: BinaryIO, rows: Iterable[dict[str, Any]], classes: tuple[str, ...]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    table = csv.writer(text)
    table.writerow([*_FIRST, *(f"probability of {name}" for name in classes)])
    for row in rows:
        shares = row.get("probabilities", {})
        table.writerow([row[name] for name in _FIRST] + [shares.get(name) for name in classes])
    text.detach()


def _write_lines(file: BinaryIO, rows: Iterable[dict[str, Any]], classes: tuple[str, ...]) -> None:  # noqa: ARG001
    for row in rows:
        line = {name: value for name, value in row.items() if value is not None}
        file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
