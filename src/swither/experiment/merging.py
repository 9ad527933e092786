"""Results of another machine, taken into a folder: cell by cell, never two different ones for the same.

Label events, batches and finished cycles of a cell are only ever added to, so of two copies of one cell one goes on
where the other ends, or they are different results, which is an error. Everything is looked at before anything is
written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swither.errors import SettingsDiffer, SwitherError
from swither.experiment.cells import FORMAT, VERSION
from swither.experiment.choice import read_choice
from swither.experiment.making import refuse_mixed
from swither.experiment.packing import CONTENTS, TRIALS, cell_folders, files_of_a_cell, unpacked
from swither.experiment.probabilities import are_intact, probabilities_file
from swither.experiment.protocol import FORMAT as EXPERIMENT
from swither.experiment.protocol import VERSION as EXPERIMENT_VERSION
from swither.experiment.protocol import differences, read_experiment
from swither.files import locked, make_folder, read_json, write_atomically, write_json
from swither.journal import Journal

_JOURNALS = (("events.jsonl", "label event"), ("batches.jsonl", "batch"), ("cycles.jsonl", "finished cycle"))


class ResultsDiffer(SwitherError):
    """Two machines found different results for the same cell."""


@dataclass(frozen=True)
class Merged:
    """What a merge did.

    Attributes:
        new: names of cells that the folder did not have.
        longer: names of cells that go on further than they did there.
        known: names of cells that brought nothing new.
    """

    new: tuple[str, ...]
    longer: tuple[str, ...]
    known: tuple[str, ...]


def merge_cells(file: Path | str, out: Path | str) -> Merged:
    """Take the results of one pack (`pack_cells`) into an experiment's folder; as `merge_packs`."""
    return merge_packs([file], out)[0]


def merge_packs(files: Iterable[Path | str], out: Path | str) -> list[Merged]:
    """Take the results of packs (`pack_cells`) into an experiment's folder, which is made if it is missing.

    Each is held against the folder and against those before it, and nothing is taken unless all can be. Tables and
    report are not made again; `swither.experiment.rebuild` does that.

    Args:
        files: packs, or experiments' folders.
        out: the folder to merge into.

    Returns:
        What was done with each, in their order.

    Raises:
        SettingsDiffer: they were made under different protocols, shown field by field, or by different versions of a
            method.
        ResultsDiffer: they hold different results for one cell.
        DamagedState: a pack is damaged.
    """
    out = Path(out)
    with ExitStack() as stack:
        packs = [_Place(str(file), _opened(Path(file), stack)) for file in files]
        for pack in packs:
            _refuse_strange_cells(pack)
        stack.enter_context(locked(out / "lock"))
        places = [_Place(str(out), out), *packs]
        for number, pack in enumerate(packs, 1):
            for before in places[:number]:
                _refuse_unlike(before, pack)
        refuse_mixed(folder for place in places for folder in cell_folders(place.folder))
        return [_take(pack.folder, out) for pack in packs]


@dataclass(frozen=True)
class _Place:
    """A folder with results, and what it is called: packs lie in a temporary one."""

    name: str
    folder: Path


def _opened(file: Path, stack: ExitStack) -> Path:
    return file if file.is_dir() else stack.enter_context(unpacked(file))


def _refuse_strange_cells(pack: _Place) -> None:
    """Raise where a pack holds nothing, or a cell of another protocol than it says of itself."""
    cells = cell_folders(pack.folder)
    facts = _described(pack.folder) if cells else read_experiment(pack.folder)  # which says what it expected
    for cell in cells:
        if facts is not None and TRIALS not in cell.relative_to(pack.folder).parts:
            _refuse_other_protocol(facts["protocol"], _protocol_of(cell), pack.name, f"its cell {cell.name}")


def _refuse_unlike(before: _Place, pack: _Place) -> None:
    """Raise where a pack cannot be merged with a folder, or another pack."""
    ours, theirs = _described(before.folder), _described(pack.folder)
    if ours is not None and theirs is not None:
        _refuse_other_protocol(ours["protocol"], theirs["protocol"], before.name, pack.name)
    _refuse_other_choice(pack, before)
    for cell in cell_folders(pack.folder):
        _Merge(cell, before.folder / cell.relative_to(pack.folder), f"{before.name} and {pack.name}")


def _refuse_other_protocol(before: Mapping[str, Any], now: Mapping[str, Any], where: str, what: str) -> None:
    lines = differences(before, now)
    if lines:
        raise SettingsDiffer(
            f"{where} holds results of another protocol than {what}:\n" + "\n".join(lines) + "\n"
            "Nothing was taken. Merge those of one protocol, and the others into another folder with --into."
        )


def _take(source: Path, out: Path) -> Merged:
    """Merge what can be merged."""
    merges = [_Merge(folder, out / folder.relative_to(source)) for folder in cell_folders(source)]
    _write_facts(source, out, _described(out), _described(source))
    for merge in merges:
        merge.write()
    names = {what: tuple(m.name for m in merges if m.outcome == what) for what in ("new", "longer", "known")}
    return Merged(**names)


def _protocol_of(cell: Path) -> dict[str, Any]:
    protocol: dict[str, Any] = read_json(cell / "cell.json", FORMAT, VERSION)["protocol"]
    return protocol


class _Merge:
    """What becomes of one cell; making it changes nothing.

    Args:
        source: the folder of the cell that comes.
        folder: where it goes.
        between: what is held against one another, as it is said where they differ.
    """

    def __init__(self, source: Path, folder: Path, between: str = "") -> None:
        self.source, self.folder, self.between = source, folder, between or f"{folder} and {source}"
        self.name = folder.name if folder.parent.parent.parent.name != TRIALS else folder.parent.parent.name
        theirs = {name: Journal(source / name, kind).read() for name, kind in _JOURNALS}
        theirs["cycles.jsonl"] = [row for row in theirs["cycles.jsonl"] if are_intact(source, row)]
        if not (folder / "cell.json").exists():
            self.added, self.outcome = theirs, "new"
            return
        _refuse_other_protocol(_protocol_of(folder), _protocol_of(source), str(folder), str(source))
        ours = {name: Journal(folder / name, kind).read() for name, kind in _JOURNALS}
        self.added = {
            "events.jsonl": self._events(ours["events.jsonl"], theirs["events.jsonl"]),
            "batches.jsonl": self._by("number", "ids", ours["batches.jsonl"], theirs["batches.jsonl"]),
            "cycles.jsonl": self._by("cycle", None, ours["cycles.jsonl"], theirs["cycles.jsonl"]),
        }
        self.outcome = "longer" if any(self.added.values()) else "known"

    def write(self) -> None:
        """Copy what is missing; the lines of finished cycles last, because they speak of the rest."""
        make_folder(self.folder)
        new = {probabilities_file(self.folder, row["cycle"]) for row in self.added["cycles.jsonl"]}
        with locked(self.folder / "lock"):
            for path in files_of_a_cell(self.source):
                there = self.folder / path.relative_to(self.source)
                if path.name not in dict(_JOURNALS) and (there in new or not there.exists()):
                    write_atomically(there, path.read_bytes())
            for name, kind in _JOURNALS:
                Journal(self.folder / name, kind).append(self.added[name])

    def _events(self, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        common = min(len(ours), len(theirs))
        if ours[:common] != theirs[:common]:
            self._refuse("label events", next(n for n in range(common) if ours[n] != theirs[n]) + 1)
        return theirs[common:]

    def _by(
        self, key: str, compared: str | None, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        known = {row[key]: row for row in ours}  # of lines written again, the last one counts
        came = {row[key]: row for row in theirs}
        for number in sorted(known.keys() & came.keys()):
            one, other = known[number], came[number]
            if (_found(one) != _found(other)) if compared is None else (one[compared] != other[compared]):
                self._refuse(key if compared is None else f"batch {compared}, {key}", number)
        return [row for number, row in came.items() if number not in known]

    def _refuse(self, what: str, number: int) -> None:
        raise ResultsDiffer(
            f"Two different results for the cell {self.name}: {what} {number} differ between {self.between}. Each was "
            "made by itself on another machine; keep one of them: move the cell's folder away, or leave a pack out, to "
            "take the other. Nothing was taken."
        )


def _found(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a finished cycle found, without how long it took: the same work twice takes another time."""
    return {name: value for name, value in row.items() if not name.startswith("seconds_")}


def _refuse_other_choice(pack: _Place, before: _Place) -> None:
    ours, theirs = read_choice(before.folder), read_choice(pack.folder)
    if ours is not None and theirs is not None and ours.chosen != theirs.chosen:
        raise ResultsDiffer(
            f"Two different choices of open settings: {dict(ours.chosen)} in {before.name}, {dict(theirs.chosen)} in "
            f"{pack.name}. Nothing was taken."
        )


def _described(out: Path) -> dict[str, Any] | None:
    """What ``experiment.json`` says; None where there is none: a new folder, or trials of open settings alone."""
    if not (out / "experiment.json").exists():
        return None
    return {name: value for name, value in read_experiment(out).items() if name not in ("format", "version")}


def _write_facts(source: Path, out: Path, ours: dict[str, Any] | None, theirs: dict[str, Any] | None) -> None:
    """``experiment.json`` with the grid of both, and the other files beside it that `out` has not."""
    for path in source.glob("*.json"):
        if path.name not in (CONTENTS, "experiment.json") and not (out / path.name).exists():
            write_atomically(out / path.name, path.read_bytes())
    if theirs is None:
        return
    facts = theirs
    if ours is not None:
        facts = ours | {
            "methods": _together(ours.get("methods", []), theirs.get("methods", [])),
            "commands": _together(ours.get("commands", []), theirs.get("commands", [])),
            "seeds": max(ours.get("seeds", 0), theirs.get("seeds", 0)),
            "reference": bool(ours.get("reference") or theirs.get("reference")),
        }
    write_json(out / "experiment.json", EXPERIMENT, EXPERIMENT_VERSION, facts)


def _together(ours: Iterable[str], theirs: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*ours, *theirs]))
