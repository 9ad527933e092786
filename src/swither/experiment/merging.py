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

from swither.errors import SwitherError
from swither.experiment.cells import FORMAT, VERSION
from swither.experiment.choice import read_choice
from swither.experiment.making import refuse_mixed
from swither.experiment.packing import CONTENTS, TRIALS, cell_folders, files_of_a_cell, unpacked
from swither.experiment.probabilities import are_intact, probabilities_file
from swither.experiment.protocol import FORMAT as EXPERIMENT
from swither.experiment.protocol import VERSION as EXPERIMENT_VERSION
from swither.experiment.protocol import read_experiment, refuse_difference
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
    """Take the results of a pack (`pack_cells`) into an experiment's folder, which is made if it is missing.

    Tables and report are not made again; `swither.experiment.rebuild` does that.

    Args:
        file: the pack, or an experiment's folder.
        out: the folder to merge into.

    Raises:
        SettingsDiffer: they were made under different protocols, shown field by field, or by different versions of a
            method.
        ResultsDiffer: they hold different results for one cell; nothing is written.
        DamagedState: the pack is damaged.
    """
    with ExitStack() as stack:
        file, out = Path(file), Path(out)
        source = file if file.is_dir() else stack.enter_context(unpacked(file))
        theirs = _described(source) if cell_folders(source) else read_experiment(source)  # which says what it expected
        stack.enter_context(locked(out / "lock"))
        ours = _described(out)
        if ours is not None and theirs is not None:
            refuse_difference(ours["protocol"], theirs["protocol"], str(out))
        _refuse_other_choice(source, out)
        refuse_mixed(folder for place in (out, source) for folder in cell_folders(place))
        merges = [_Merge(folder, out / folder.relative_to(source)) for folder in cell_folders(source)]
        for merge in merges:
            if theirs is not None and TRIALS not in merge.folder.relative_to(out).parts:
                refuse_difference(merge.protocol, theirs["protocol"], str(file))
        _write_facts(source, out, ours, theirs)
        for merge in merges:
            merge.write()
    names = {what: tuple(m.name for m in merges if m.outcome == what) for what in ("new", "longer", "known")}
    return Merged(**names)


class _Merge:
    """What becomes of one cell; making it changes nothing.

    Args:
        source: the folder of the cell that comes.
        folder: where it goes.
    """

    def __init__(self, source: Path, folder: Path) -> None:
        self.source, self.folder = source, folder
        self.protocol = read_json(source / "cell.json", FORMAT, VERSION)["protocol"]
        self.name = folder.name if folder.parent.parent.parent.name != TRIALS else folder.parent.parent.name
        theirs = {name: Journal(source / name, kind).read() for name, kind in _JOURNALS}
        theirs["cycles.jsonl"] = [row for row in theirs["cycles.jsonl"] if are_intact(source, row)]
        if not (folder / "cell.json").exists():
            self.added, self.outcome = theirs, "new"
            return
        refuse_difference(read_json(folder / "cell.json", FORMAT, VERSION)["protocol"], self.protocol, str(folder))
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
            f"Two different results for the cell {self.name}: {what} {number} differ between {self.folder} and what is "
            "to be merged. Each was made by itself on another machine; keep one of them: move the folder away to take "
            "the other. Nothing of it was taken."
        )


def _found(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a finished cycle found, without how long it took: the same work twice takes another time."""
    return {name: value for name, value in row.items() if not name.startswith("seconds_")}


def _refuse_other_choice(source: Path, out: Path) -> None:
    ours, theirs = read_choice(out), read_choice(source)
    if ours is not None and theirs is not None and ours.chosen != theirs.chosen:
        raise ResultsDiffer(
            f"Two different choices of open settings: {dict(ours.chosen)} in {out}, {dict(theirs.chosen)} in what is "
            "to be merged. Nothing of it was taken."
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
