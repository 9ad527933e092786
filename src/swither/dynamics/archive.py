"""A history as one ``.npz`` file: arrays, and a header of JSON with kind and version. Never a pickle."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from swither.arrays import AnyArray
from swither.errors import DamagedState, NewerFormat
from swither.files import write_atomically

VERSION = 1


def write_archive(path: Path, kind: str, classes: int, arrays: Mapping[str, AnyArray]) -> None:
    """Write arrays with a header, atomically; read them back with `read_archive` or ``numpy.load``.

    Args:
        path: the file; its name is taken as it is.
        kind: the format's name.
        classes: how many classes the labels have.
        arrays: name -> array; the tables (epochs, samples) and what belongs to each sample.
    """
    header = json.dumps({"format": kind, "version": VERSION, "classes": classes})
    members: dict[str, Any] = {"header": np.array(header), **arrays}
    write_atomically(path, lambda file: np.savez_compressed(file, **members))


def read_archive(path: Path, kind: str, names: Sequence[str]) -> tuple[int, dict[str, AnyArray]]:
    """Read the number of classes and the arrays, `names` among them.

    Raises:
        DamagedState: the file is no such archive, or is damaged.
        NewerFormat: it is of a newer version.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            header = json.loads(str(archive["header"]))
            if header["format"] != kind:
                raise DamagedState(f"{path} holds a {header['format']}; expected a {kind}.")
            if header["version"] > VERSION:
                raise NewerFormat(
                    f"{path} is a {kind} of version {header['version']}; this swither reads up to {VERSION}. "
                    "Use the newer swither that wrote it."
                )
            arrays = {name: archive[name] for name in archive.files if name != "header"}
            missing = [name for name in names if name not in arrays]
            if missing:
                raise DamagedState(f"{path} is damaged: it lacks {', '.join(missing)}.")
            return int(header["classes"]), arrays
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedState(f"{path} is damaged or no {kind}: {error}") from error
