"""The test probabilities of a finished cycle: a file, or a note that it was left out where results were carried over.

Nothing that is shown needs them; they are kept so that anything else can be computed later.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from swither.arrays import FloatArray
from swither.files import file_checksum, write_atomically

FOLDER = "probabilities"
LEFT_OUT = ".left-out"


def probabilities_file(folder: Path, cycle: int) -> Path:
    """Where a cell keeps those of a cycle: (test images, classes) float32, test images in id order."""
    return folder / FOLDER / f"cycle-{cycle}.npy"


def keep_probabilities(folder: Path, cycle: int, probabilities: FloatArray) -> str:
    """Write them, and give their checksum."""
    path = probabilities_file(folder, cycle)
    write_atomically(path, partial(np.save, arr=probabilities))
    return file_checksum(path)


def note_of(path: Path) -> tuple[str, str]:
    """The name and the content of what stands in the place of a file that is left out."""
    return path.with_suffix(LEFT_OUT).name, file_checksum(path)


def are_intact(folder: Path, row: Mapping[str, Any]) -> bool:
    """Whether a finished cycle's probabilities read back as they were written, or were left out on purpose."""
    path = probabilities_file(folder, row["cycle"])
    if path.exists():
        return file_checksum(path) == str(row["probabilities"])
    note = path.with_suffix(LEFT_OUT)
    return note.exists() and note.read_text(encoding="utf-8") == str(row["probabilities"])
