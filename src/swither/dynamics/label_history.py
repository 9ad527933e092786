"""The label that a network predicts for each sample, after each epoch of one training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from swither.arrays import AnyArray, FloatArray, label_type, require_shape, to_numpy
from swither.dynamics.archive import read_archive, write_archive
from swither.dynamics.epoch_history import EpochHistory
from swither.dynamics.epoch_table import EpochTable, merged
from swither.dynamics.folder import RowsOnDisk
from swither.dynamics.id_lookup import IdLookup
from swither.dynamics.predictions import labels_and_confidence
from swither.dynamics.rows import Channels, RowsInMemory, not_recorded_code
from swither.errors import InputError

KIND = "swither label history"


class LabelHistory(EpochHistory):
    """Predicted labels, (epochs, samples), of one training; in memory, or in a folder that survives a crash.

    The ids and the number of classes never change. Labels lie in the smallest unsigned type whose highest code
    is left for *not recorded*. In a folder, every completed epoch survives a killed process; see
    `swither.dynamics.folder` for the files. One process writes a history; several processes write one each and
    `merge` them.

    Example:
        >>> history = LabelHistory.create(["a", "b", "c"], classes=3)
        >>> history.record(["c", "a"], [2, 0])
        >>> history.record(["b"], [[0.1, 3.0, -1.0]])  # logits do as well
        >>> history.close_epoch()
        >>> history.labels.tolist()
        [[0, 1, 2]]
    """

    @classmethod
    def create(
        cls,
        ids: Iterable[Any] | AnyArray,
        classes: int,
        *,
        folder: Path | str | None = None,
        confidence: bool = False,
    ) -> LabelHistory:
        """Begin a history.

        Args:
            ids: (samples,) distinct ids, strings or whole numbers; the columns stand in this order.
            classes: how many classes there are.
            folder: where to keep it, a folder without a history; None: in memory.
            confidence: keep the probability of each predicted label too, as float16.

        Raises:
            InputError: ids occur twice, or `folder` holds a history already.
        """
        lookup = IdLookup(ids)
        channels: dict[str, np.dtype[Any]] = {"labels": label_type(classes)}
        if confidence:
            channels["confidence"] = np.dtype(np.float16)
        if folder is None:
            return cls(EpochTable(lookup, RowsInMemory(channels, len(lookup.ids))), classes)
        rows = RowsOnDisk.create(Path(folder), KIND, classes, channels, {"ids": lookup.ids})
        return cls(EpochTable(lookup, rows), classes)

    @classmethod
    def open(cls, folder: Path | str) -> LabelHistory:
        """Open the history in `folder`, with every epoch that was completed; recording goes on behind them.

        Raises:
            InputError: there is none.
            DamagedState: a file is damaged; the message names it.
            NewerFormat: a newer swither wrote it.
        """
        classes, fixed, rows = RowsOnDisk.open(Path(folder), KIND)
        return cls(EpochTable(IdLookup(fixed["ids"], stored=True), rows), classes)

    @classmethod
    def from_labels(
        cls,
        ids: Iterable[Any] | AnyArray,
        classes: int,
        labels: AnyArray,
        *,
        confidence: FloatArray | None = None,
    ) -> LabelHistory:
        """A history in memory, of labels that were recorded elsewhere.

        Args:
            ids: (samples,) distinct ids.
            classes: how many classes there are.
            labels: (epochs, samples) in 0 .. classes - 1. Not recorded is -1 in a signed type, the highest
                code in an unsigned one.
            confidence: (epochs, samples) probability of each predicted label, 0..1, or None.

        Example:
            >>> LabelHistory.from_labels(["a", "b"], 2, [[0, 1], [-1, 1]]).labels.tolist()
            [[0, 1], [255, 1]]
        """
        history = cls.create(ids, classes, confidence=confidence is not None)
        table = to_numpy(labels)
        require_shape("labels", table, None, len(history.ids))
        if table.dtype.kind not in "iu":
            raise InputError(f"Expected labels as whole numbers, got type {table.dtype}.")
        if confidence is not None:
            require_shape("confidence", to_numpy(confidence), *table.shape)
        for epoch, row in enumerate(table):
            recorded = row != not_recorded_code(row.dtype)
            extra = None if confidence is None else to_numpy(confidence)[epoch][recorded]
            history.record(history.ids[recorded], row[recorded], extra)
            history.close_epoch(allow_missing=True)
        return history

    @property
    def confidence(self) -> FloatArray | None:
        """The predicted labels' probabilities, (epochs, samples) float16, NaN where not recorded; or None."""
        return self._table.rows.table("confidence") if "confidence" in self._channels else None

    def record(self, ids: Iterable[Any] | AnyArray, labels_or_logits: Any, confidence: Any = None) -> None:
        """Record what the network predicts for some samples in the open epoch; all of them or, on error, none.

        Batches come in any order and size. The same sample may come again with the same label (no effect).

        Args:
            ids: (batch,) ids of this history.
            labels_or_logits: labels (batch,), or logits (batch, classes), of any framework. Probabilities do
                for logits as far as labels go; a history with confidences then needs them given.
            confidence: (batch,) probability of each predicted label, 0..1. None: taken from the logits.

        Raises:
            UnknownIds: ids that this history does not have.
            InputError: labels outside 0 .. classes - 1, NaN logits, or a sample with another label before.
        """
        wanted = "confidence" in self._channels
        labels, confidences = labels_and_confidence(labels_or_logits, confidence, self._classes, wanted=wanted)
        values: dict[str, AnyArray] = {"labels": labels}
        if confidences is not None:
            values["confidence"] = confidences
        self._table.record(ids, values)

    def save(self, path: Path | str) -> None:
        """Write the completed epochs to one ``.npz`` file, atomically."""
        tables = {name: self._table.rows.table(name) for name in self._channels}
        write_archive(Path(path), KIND, self._classes, {"ids": self.ids, **tables})

    @classmethod
    def load(cls, path: Path | str) -> LabelHistory:
        """Read what `save` wrote, into memory.

        Raises:
            DamagedState: the file is damaged, or something else.
            NewerFormat: a newer swither wrote it.
        """
        classes, arrays = read_archive(Path(path), KIND, ("ids", "labels"))
        history = cls.create(arrays["ids"], classes, confidence="confidence" in arrays)
        history._table.fill(arrays, path)
        return history

    @staticmethod
    def merge(histories: Sequence[LabelHistory], *, folder: Path | str | None = None) -> LabelHistory:
        """Join histories of one training that several processes recorded, by id.

        Args:
            histories: of equally many epochs and classes. They hold different ids, or different cells of the
                same ids; a cell recorded twice must hold the same label.
            folder: where to keep the result; None: in memory.

        Returns:
            A history of all ids, in the order of their first appearance.

        Raises:
            InputError: epochs, classes or channels differ, or one cell has two labels.

        Example:
            >>> first = LabelHistory.from_labels(["a"], 2, [[0], [1]])
            >>> second = LabelHistory.from_labels(["b"], 2, [[1], [1]])
            >>> LabelHistory.merge([first, second]).labels.tolist()
            [[0, 1], [1, 1]]
        """
        if not histories:
            raise InputError("Expected at least one history to merge, got none.")
        kinds = {(history.classes, tuple(history._channels)) for history in histories}
        if len(kinds) > 1:
            shown = ", ".join(f"{classes} classes with {' and '.join(names)}" for classes, names in sorted(kinds))
            raise InputError(f"Expected histories of the same classes and channels, got {shown}.")
        ids = list(dict.fromkeys(i for history in histories for i in history.ids.tolist()))
        confidence = "confidence" in histories[0]._channels
        result = LabelHistory.create(ids, histories[0].classes, folder=folder, confidence=confidence)
        merged([history._table for history in histories], result._table)
        return result

    @property
    def _channels(self) -> Channels:
        return self._table.rows.channels
