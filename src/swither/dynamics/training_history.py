"""What a network made of each labelled sample, at each presentation of one training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from swither.arrays import AnyArray, BoolArray, FloatArray, IntArray, label_type, to_numpy
from swither.dynamics.archive import read_archive, write_archive
from swither.dynamics.epoch_history import EpochHistory
from swither.dynamics.epoch_table import EpochTable, merged
from swither.dynamics.folder import RowsOnDisk
from swither.dynamics.id_lookup import IdLookup
from swither.dynamics.predictions import as_labels, as_logits, margins_and_probabilities
from swither.dynamics.rows import RowsInMemory
from swither.errors import InputError, list_some

KIND = "swither training history"


class TrainingHistory(EpochHistory):
    """Predicted label, margin and probability of each labelled sample, (epochs, samples), of one training.

    Taken from the logits of the training step itself, so it costs no forward pass. The margin is the given
    label's logit minus the largest other one; the probability is the given label's. Both are float16, NaN where
    nothing was recorded. What a folder holds and what a crash leaves is told in `swither.dynamics.folder`.

    Example:
        >>> history = TrainingHistory.create(["a", "b"], classes=2, given_labels=[0, 1])
        >>> history.record(["b", "a"], [[2.0, 1.0], [3.0, 0.5]])
        >>> history.close_epoch()
        >>> history.margins.tolist(), history.correct.tolist()
        ([[2.5, -1.0]], [[True, False]])
    """

    def __init__(self, table: EpochTable, classes: int, given_labels: IntArray) -> None:
        """Use `create`, `open` or `load` instead."""
        super().__init__(table, classes)
        self._given = given_labels
        self._given.setflags(write=False)

    @classmethod
    def create(
        cls,
        ids: Iterable[Any] | AnyArray,
        classes: int,
        given_labels: Any,
        *,
        folder: Path | str | None = None,
    ) -> TrainingHistory:
        """Begin a history.

        Args:
            ids: (samples,) distinct ids, strings or whole numbers; the columns stand in this order.
            classes: how many classes there are, at least two.
            given_labels: (samples,) the label that each sample is trained with, right or wrong.
            folder: where to keep it, a folder without a history; None: in memory.

        Raises:
            InputError: ids occur twice, labels do not fit, or `folder` holds a history already.
        """
        lookup = IdLookup(ids)
        given = as_labels(given_labels, classes).astype(label_type(classes))
        if classes < 2 or len(given) != len(lookup.ids):
            raise InputError(
                f"Expected at least two classes and one given label per id, got {classes} classes, "
                f"{len(lookup.ids)} ids and {len(given)} labels."
            )
        half = np.dtype(np.float16)
        channels = {"labels": label_type(classes), "margins": half, "probabilities": half}
        if folder is None:
            return cls(EpochTable(lookup, RowsInMemory(channels, len(given))), classes, given)
        fixed = {"ids": lookup.ids, "given_labels": given}
        rows = RowsOnDisk.create(Path(folder), KIND, classes, channels, fixed)
        return cls(EpochTable(lookup, rows), classes, given)

    @classmethod
    def open(cls, folder: Path | str) -> TrainingHistory:
        """Open the history in `folder`, with every epoch that was completed; recording goes on behind them.

        Raises:
            InputError: there is none.
            DamagedState: a file is damaged; the message names it.
            NewerFormat: a newer swither wrote it.
        """
        classes, fixed, rows = RowsOnDisk.open(Path(folder), KIND)
        return cls(EpochTable(IdLookup(fixed["ids"], stored=True), rows), classes, fixed["given_labels"])

    @property
    def given_labels(self) -> IntArray:
        """The label that each sample is trained with: (samples,)."""
        return self._given

    @property
    def margins(self) -> FloatArray:
        """The given label's logit minus the largest other, (epochs, samples) float16; NaN: not recorded."""
        return self._table.rows.table("margins")

    @property
    def probabilities(self) -> FloatArray:
        """The given label's probability, (epochs, samples) float16, 0..1; NaN: not recorded."""
        return self._table.rows.table("probabilities")

    @property
    def recorded(self) -> BoolArray:
        """Which cells were recorded: (epochs, samples)."""
        cells: BoolArray = self.labels != self.not_recorded
        return cells

    @property
    def correct(self) -> BoolArray:
        """Where the predicted label was the given one: (epochs, samples); False where not recorded."""
        cells: BoolArray = self.labels == self._given
        return cells

    def record(self, ids: Iterable[Any] | AnyArray, logits: Any) -> None:
        """Record one batch of the training in the open epoch; all of it or, on error, none.

        Args:
            ids: (batch,) ids of this history.
            logits: (batch, classes) of the training step, of any framework. Margins beyond what float16 holds
                are kept at its ends.

        Raises:
            UnknownIds: ids that this history does not have.
            InputError: NaN logits, or a sample presented twice in one epoch with different predicted labels.
        """
        array = as_logits(logits, self._classes)
        positions = self._table.lookup.positions(ids)  # (batch,)
        if len(positions) != len(array):
            raise InputError(f"Expected one row of logits per id, got {len(positions)} ids, {len(array)} rows.")
        margins, probabilities = margins_and_probabilities(array, self._given[positions])
        values = {"labels": array.argmax(axis=1), "margins": margins, "probabilities": probabilities}
        self._table.put(positions, values)

    def save(self, path: Path | str) -> None:
        """Write the completed epochs to one ``.npz`` file, atomically."""
        tables = {name: self._table.rows.table(name) for name in self._table.rows.channels}
        arrays = {"ids": self.ids, "given_labels": self._given, **tables}
        write_archive(Path(path), KIND, self._classes, arrays)

    @classmethod
    def load(cls, path: Path | str) -> TrainingHistory:
        """Read what `save` wrote, into memory.

        Raises:
            DamagedState: the file is damaged, or something else.
            NewerFormat: a newer swither wrote it.
        """
        classes, arrays = read_archive(Path(path), KIND, ("ids", "given_labels", "labels", "margins", "probabilities"))
        history = cls.create(arrays["ids"], classes, arrays["given_labels"])
        history._table.fill(arrays, path)
        return history

    @staticmethod
    def merge(histories: Sequence[TrainingHistory], *, folder: Path | str | None = None) -> TrainingHistory:
        """Join histories of one training that several processes recorded, by id; see `LabelHistory.merge`.

        Raises:
            InputError: epochs or classes differ, a sample has two given labels, or a cell two predicted ones.
        """
        if not histories:
            raise InputError("Expected at least one history to merge, got none.")
        classes = sorted({history.classes for history in histories})
        if len(classes) > 1:
            raise InputError(f"Expected histories of the same classes, got {list_some(classes)} classes.")
        given: dict[str, int] = {}
        for history in histories:
            for i, label in zip(history.ids.tolist(), history.given_labels.tolist(), strict=True):
                if given.setdefault(i, label) != label:
                    raise InputError(f"Expected one given label per sample; {i} has {given[i]} and {label}.")
        labels = to_numpy(list(given.values()))
        result = TrainingHistory.create(list(given), classes[0], labels, folder=folder)
        merged([history._table for history in histories], result._table)
        return result
