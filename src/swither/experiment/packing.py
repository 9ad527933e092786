"""Results in a small file, to be carried from one machine to another: cells and trials, without weights or histories.

A pack is a zip file of paths as they are in the experiment's folder. What is left out (weights, label histories,
checkpoints, tables, the report) is made again where it is needed. Where one file would be too large there are several,
each of which can be merged alone.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath

from swither.errors import DamagedState, InputError, list_some
from swither.experiment.cells import Cell
from swither.experiment.probabilities import FOLDER as PROBABILITIES
from swither.experiment.probabilities import LEFT_OUT, note_of
from swither.experiment.protocol import read_experiment
from swither.files import file_checksum, key_of, read_json, require_file_place, room_for, write_atomically

FORMAT, VERSION = "swither pack", 1
CONTENTS = "pack.json"
TRIALS = "choice"
EVERYWHERE = ("experiment.json", "paper.json", "choice.json")
"""What makes a folder what it is: each part brings it, because it may be merged alone."""
_ENTRY = 300  # bytes of a zip file around each file in it, at most, its name apart


def pack_cells(
    out: Path | str,
    file: Path | str,
    *,
    largest: int | None = None,
    known: Mapping[str, str] | None = None,
    probabilities: bool = True,
) -> list[Path]:
    """Pack the results of an experiment, finished and unfinished ones.

    Args:
        out: the experiment's folder.
        file: the zip file to write; of several, the others are called ``NAME-2.zip``, ``NAME-3.zip`` and so on.
        largest: bytes that no file may exceed; None for one file of any size.
        known: what `states_of` said at another time: cells that are still as they were then are left out.
        probabilities: with those of the test images, which are most of a pack. Without them cells are as finished,
            and all that is shown is the same; only what nobody has computed of them yet cannot be.

    Returns:
        The files that were written.

    Raises:
        InputError: `out` holds no experiment, or one file of a cell alone is larger than `largest`.
        NotWritable: `file` cannot be written; nothing is packed.
    """
    out, file = Path(out), Path(file)
    cells = cell_folders(out)
    if not cells:  # trials of open settings come before the experiment that they settle
        read_experiment(out)  # says what was expected
    require_file_place(file)
    parts = _Parts(file, largest)
    facts = [path for path in sorted(out.glob("*.json")) if not path.name.startswith(".")]
    always = [path for path in facts if path.name in EVERYWHERE]
    parts.add(facts, out)
    states = states_of(out)
    for folder in cells:
        name = folder.relative_to(out).as_posix()
        if known is not None and known.get(name) == states[name]:
            continue
        small: list[Path] = []
        large: list[Path] = []
        for path in files_of_a_cell(folder):
            (large if path.parent.name == PROBABILITIES else small).append(path)
        parts.add(small, out, always)
        for path in large:  # each alone, with the rest of its cell in the same file
            if probabilities or path.suffix == LEFT_OUT:
                parts.add([path], out, [*always, *small])
            else:
                parts.note(path, out)
    return parts.close()


def cell_folders(out: Path) -> list[Path]:
    """The folders of all cells, those of trials (`swither.experiment.choice`) too."""
    found = [*out.glob("cells/*"), *out.glob(f"{TRIALS}/*/cells/*")]
    return sorted(folder for folder in found if Cell.named(folder.name) and (folder / "cell.json").exists())


def states_of(out: Path | str) -> dict[str, str]:
    """Folder of each cell -> a hash of its label events, batches and finished cycles: equal where nothing was added."""
    out = Path(out)
    return {
        folder.relative_to(out).as_posix(): key_of(*(file_checksum(file) for file in sorted(folder.glob("*.jsonl"))))
        for folder in cell_folders(out)
    }


def files_of_a_cell(folder: Path) -> list[Path]:
    """Its results: no lock, nothing temporary or set aside, no network."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and _belongs(path.relative_to(folder)))


@contextmanager
def unpacked(file: Path | str) -> Iterator[Path]:
    """The folder that a pack holds, for as long as it is needed.

    Raises:
        InputError: there is no such file.
        DamagedState: it is no pack, or damaged.
        NewerFormat: a newer swither wrote it.
    """
    file = Path(file)
    if not file.is_file():
        raise InputError(f"Expected a file of packed results, found none at {file}.")
    with tempfile.TemporaryDirectory(prefix="swither-") as temporary:
        folder = Path(temporary)
        try:
            with zipfile.ZipFile(file) as archive, room_for(folder):
                names = archive.namelist()
                strange = [name for name in names if not _is_ours(name)]
                if strange or CONTENTS not in names:
                    raise DamagedState(f"{file} is no pack of swither's: it holds {list_some(strange or names)}.")
                archive.extractall(folder)
        except (zipfile.BadZipFile, EOFError) as error:
            raise DamagedState(f"{file} does not read back as it was written: {error}. Carry it over again.") from error
        read_json(folder / CONTENTS, FORMAT, VERSION)
        yield folder


class _Parts:
    """Zip files, one after the other, none larger than asked for."""

    def __init__(self, file: Path, largest: int | None) -> None:
        self._file, self._largest = file, largest
        self._written: list[Path] = []
        self._begin()

    def add(self, paths: list[Path], root: Path, beside: Sequence[Path] = ()) -> None:
        """Add files that belong together, with those that must stand beside them in the same zip file."""
        wanted = [path for path in [*beside, *paths] if path not in self._held]
        names = [path.relative_to(root).as_posix() for path in wanted]
        sizes = [len(zlib.compress(path.read_bytes())) for path in wanted]
        size = sum(sizes) + sum(_ENTRY + 2 * len(name) for name in names)
        if self._largest is not None and self._size + size > self._largest:
            if not self._held:
                self._archive.close()
                raise InputError(
                    f"Expected a largest size that {list_some(paths)} fits into, {size:,} bytes, got {self._largest:,}."
                )
            self._end()
            self._begin()
            self.add(paths, root, beside)
            return
        for path, name in zip(wanted, names, strict=True):
            self._archive.write(path, name)
        self._held.update(wanted)
        self._size += size

    def note(self, path: Path, root: Path) -> None:
        """Say of a file that it is left out, in its place; such a line is never too large."""
        name, content = note_of(path)
        self._archive.writestr((path.relative_to(root).parent / name).as_posix(), content)
        self._size += _ENTRY + 2 * len(str(path)) + len(content)

    def close(self) -> list[Path]:
        """Write the last file, and name all."""
        self._end()
        return self._written

    def _begin(self) -> None:
        self._bytes = BytesIO()
        self._archive = zipfile.ZipFile(self._bytes, "w", zipfile.ZIP_DEFLATED)
        self._held: set[Path] = set()
        self._size = 2 * _ENTRY  # what is said of the pack itself

    def _end(self) -> None:
        number = len(self._written) + 1
        path = self._file if number == 1 else self._file.with_name(f"{self._file.stem}-{number}{self._file.suffix}")
        self._archive.writestr(CONTENTS, json.dumps({"format": FORMAT, "version": VERSION, "part": number}))
        self._archive.close()
        write_atomically(path, self._bytes.getvalue())
        self._written.append(path)


def _belongs(path: Path) -> bool:
    names = path.parts
    return not (
        any(name.startswith(".") or ".damaged-" in name for name in names)
        or path.suffix in (".lock", ".safetensors")
        or path.name == "lock"
        or names[0] == "artifacts"
        or path.suffix.lower() == ".py"
    )


def _is_ours(name: str) -> bool:
    """Whether a name in an archive is one that `pack_cells` gives: nothing may be written anywhere else."""
    path = PurePosixPath(name)
    if path.is_absolute() or "\\" in name or ":" in name or any(part in ("..", "") for part in name.split("/")):
        return False
    if path.suffix.lower() == ".py":  # results that bring code could have it run by its name
        return False
    parts = path.parts
    if len(parts) == 1:
        return path.suffix == ".json"
    return parts[0] == "cells" or (parts[0] == TRIALS and len(parts) > 4 and parts[2] == "cells")
