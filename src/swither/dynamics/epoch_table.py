"""Samples seen epoch by epoch, in batches of any order: what both kinds of history are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from swither.arrays import AnyArray, IntArray
from swither.dynamics.id_lookup import IdLookup
from swither.dynamics.rows import Rows, not_recorded_code
from swither.errors import DamagedState, InputError, list_some, plural


class EpochTable:
    """Completed epochs in `rows`, and the open epoch in memory until it is closed.

    The channel ``labels`` says which cells are recorded; the other channels follow it.
    """

    def __init__(self, lookup: IdLookup, rows: Rows) -> None:
        self.lookup = lookup
        self.rows = rows
        self._open: dict[str, AnyArray] = {}
        self._clear_open_epoch()

    @property
    def not_recorded(self) -> int:
        """The label code of a cell that was not recorded."""
        return int(not_recorded_code(self.rows.channels["labels"]))

    def record(self, ids: Any, values: Mapping[str, AnyArray]) -> None:
        """Look up some samples by id and `put` their values."""
        self.put(self.lookup.positions(ids), values)

    def put(self, positions: IntArray, values: Mapping[str, AnyArray]) -> None:
        """Put values of some samples into the open epoch, or nothing where any of them is refused.

        A sample recorded again with the same label keeps its first values.

        Args:
            positions: (batch,) columns of the table.
            values: channel -> (batch,) checked values.
        """
        labels = values["labels"].astype(self.rows.channels["labels"], copy=False)
        if len(labels) != len(positions):
            raise InputError(f"Expected one value per id, got {len(positions)} ids and {len(labels)} values.")
        row = self._open["labels"]
        before = row[positions]
        fresh = before == self.not_recorded
        row[positions[fresh]] = labels[fresh]
        conflict = row[positions] != labels
        if conflict.any():
            known = row[positions[conflict]]
            row[positions[fresh]] = self.not_recorded
            self._refuse(positions[conflict], known, labels[conflict])
        for name, kind in self.rows.channels.items():
            if name != "labels":
                # Assigned backwards: where an id comes twice in one batch, the first value stays.
                self._open[name][positions[fresh][::-1]] = values[name][fresh][::-1].astype(kind, copy=False)

    def close_epoch(self, *, allow_missing: bool) -> None:
        """Complete the open epoch; see `LabelHistory.close_epoch`."""
        missing = self._open["labels"] == self.not_recorded
        if missing.any() and not allow_missing:
            ids = self.lookup.ids[missing]
            raise InputError(
                f"Epoch {self.rows.epochs + 1}: {len(ids)} of {len(missing)} samples were not recorded: "
                f"{list_some(ids)}. Record them, or close the epoch with allow_missing=True."
            )
        self.rows.append(self._open)
        self._clear_open_epoch()

    def truncate(self, epochs: int) -> None:
        """Keep the first `epochs` epochs and drop the open one."""
        if not 0 <= epochs <= self.rows.epochs:
            raise InputError(f"Expected to keep 0 to {self.rows.epochs} epochs, got {epochs}.")
        if epochs < self.rows.epochs:
            self.rows.truncate(epochs)
        self._clear_open_epoch()

    def fill(self, tables: Mapping[str, AnyArray], path: Path | str) -> None:
        """Add every epoch of `tables`, one (epochs, samples) per channel, that were read from `path`."""
        shape = (len(tables["labels"]), len(self.lookup.ids))
        for name, kind in self.rows.channels.items():
            if tables[name].dtype != kind or tables[name].shape != shape:
                raise DamagedState(
                    f"{path} is damaged: expected {name} of shape {shape} and type {kind}, got "
                    f"{tables[name].shape} and {tables[name].dtype}."
                )
        for epoch in range(shape[0]):
            self.rows.append({name: tables[name][epoch] for name in self.rows.channels})

    def columns(self, channel: str, positions: IntArray) -> AnyArray:
        """Some columns of a channel, copied: (epochs, positions)."""
        return np.take(self.rows.table(channel), positions, axis=1)

    def _clear_open_epoch(self) -> None:
        samples = len(self.lookup.ids)
        for name, kind in self.rows.channels.items():
            self._open[name] = np.full(samples, not_recorded_code(kind), dtype=kind)
        self.lookup.start_epoch()

    def _refuse(self, positions: IntArray, known: AnyArray, given: AnyArray) -> None:
        pairs = zip(self.lookup.ids[positions], known, given, strict=True)
        shown = list_some([f"{i} as {old}, now as {new}" for i, old, new in pairs], most=3)
        raise InputError(
            f"Epoch {self.rows.epochs + 1}: {plural(len(positions), 'sample')} recorded before with another "
            f"label: {shown}. Record each sample once per epoch; close_epoch() ends the epoch."
        )


def merged(tables: Sequence[EpochTable], into: EpochTable) -> None:
    """Record every cell of `tables` into `into`, an empty table of all their ids.

    Raises:
        InputError: the tables have different numbers of epochs, or one cell has two labels.
    """
    counts = sorted({table.rows.epochs for table in tables})
    if len(counts) > 1:
        raise InputError(
            f"Expected histories of equally many epochs, got {list_some(counts)}. "
            "Truncate the longer ones, or finish the shorter ones."
        )
    for epoch in range(counts[0]):
        for table in tables:
            labels = table.rows.table("labels")[epoch]
            recorded = labels != table.not_recorded
            values = {name: table.rows.table(name)[epoch][recorded] for name in table.rows.channels}
            into.record(table.lookup.ids[recorded], values)
        into.close_epoch(allow_missing=True)
