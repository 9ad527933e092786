"""Tables of an experiment, always rebuilt from its cells: results, selected ids, informativeness."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from swither.errors import DamagedState
from swither.experiment.cells import FORMAT, REFERENCE, VERSION, Cell
from swither.experiment.making import refuse_mixed
from swither.experiment.protocol import read_experiment, refuse_difference
from swither.experiment.running import finished_cycles
from swither.files import read_json, write_atomically
from swither.journal import DamageWarning
from swither.loop.batches import BatchFile
from swither.loop.events import EventFile
from swither.report.contents import CIRCUMSTANCES, SHOWN_BESIDE

_NO_WORDS = {"threads": pa.int64(), "deterministic": pa.bool_()}

RESULTS = pa.schema(
    [
        ("method", pa.string()),
        ("seed", pa.int64()),
        ("cycle", pa.int64()),
        ("labelled", pa.int64()),
        ("accuracy", pa.float64()),
        ("balanced_accuracy", pa.float64()),
        ("macro_f1", pa.float64()),
        ("recall", pa.list_(pa.float64())),
        ("epochs", pa.int64()),
        ("batch_size", pa.int64()),
        ("epochs_grown", pa.bool_()),
        ("recorded_epochs", pa.int64()),
        ("seconds_training", pa.float64()),
        ("seconds_recording", pa.float64()),
        ("seconds_selecting", pa.float64()),
        ("largest_class_share", pa.list_(pa.float64())),
        ("training", pa.string()),
        ("same_weights", pa.bool_()),
        *((name, _NO_WORDS.get(name, pa.string())) for name in (*CIRCUMSTANCES, *SHOWN_BESIDE)),
    ]
)
"""A row for every method, seed and cycle; the method ``reference`` is trained on all images, cycle 0."""

SELECTED = pa.schema(
    [
        ("method", pa.string()),
        ("seed", pa.int64()),
        ("batch", pa.int64()),
        ("rank", pa.int64()),
        ("id", pa.string()),
        ("label", pa.string()),
    ]
)
"""A row for every image that was asked for: batch 0 is the random initial set, batch n follows cycle n - 1."""


def cells_of(out: Path) -> list[Cell]:
    """The cells that lie in an experiment's folder, whatever made them.

    Raises:
        SettingsDiffer: a cell was made under another protocol than this folder's, or cells of one method by different
            versions of it.
    """
    protocol = read_experiment(out)["protocol"]
    cells = []
    for folder in sorted((out / "cells").glob("*--seed*")):
        cell = Cell.named(folder)
        if cell is None or not (folder / "cell.json").exists():
            continue
        try:
            made_under = read_json(folder / "cell.json", FORMAT, VERSION)["protocol"]
        except DamagedState as error:
            warnings.warn(f"{error} The cell is left out; compare makes it again.", DamageWarning, stacklevel=2)
            continue
        refuse_difference(made_under, protocol, str(folder))
        cells.append(cell)
    refuse_mixed(cell.folder(out) for cell in cells)
    return cells


def results_table(out: Path) -> pa.Table:
    """Every finished cycle of every cell, a row each, see `RESULTS`."""
    rows = []
    for cell in cells_of(out):
        folder = cell.folder(out)
        selecting = {batch.number - 1: batch.seconds for batch in BatchFile(folder / "batches.jsonl").read()}
        for row in finished_cycles(folder).values():
            row = row | row["circumstances"] | {"method": cell.method, "seed": cell.seed}
            row["deterministic"] = bool(row["deterministic"])
            row["seconds_selecting"] = selecting.get(row["cycle"], 0.0)
            rows.append({name: row.get(name) for name in RESULTS.names})
    rows.sort(key=lambda row: (row["method"] == REFERENCE, row["method"], row["seed"], row["cycle"]))
    return pa.Table.from_pylist(rows, RESULTS)


def selected_table(out: Path) -> pa.Table:
    """Every image that every method asked for, in the order of choice, see `SELECTED`."""
    rows = []
    for cell in cells_of(out):
        folder = cell.folder(out)
        labels = {event.id: event.label for event in EventFile(folder / "events.jsonl").read()}
        batches = {batch.number: batch for batch in BatchFile(folder / "batches.jsonl").read()}
        for number, batch in sorted(batches.items()):
            for rank, image in enumerate(batch.ids):
                what = (cell.method, cell.seed, number, rank, image, labels.get(image))
                rows.append(dict(zip(SELECTED.names, what, strict=True)))
    return pa.Table.from_pylist(rows, SELECTED)


def informativeness_rows(out: Path, cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """The informativeness curve of every cell that has one: a row for every portion, with the model's ``weights``."""
    rows = []
    for cell in cells:
        path = cell.folder(out) / "informativeness.json"
        if path.exists():
            try:
                facts = read_json(path, "swither informativeness", 1)
            except DamagedState:
                continue  # it is only shown; the cell's own journal decides what is finished
            named = {"method": cell.method, "seed": cell.seed, "weights": facts.get("weights")}
            rows += [named | point for point in facts["rows"]]
    return rows


def write_table(path: Path, table: pa.Table) -> None:
    """Write a Parquet file atomically."""
    write_atomically(path, lambda file: pyarrow.parquet.write_table(table, file))
