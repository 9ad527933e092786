"""What every history is: ids, classes, and the labels that were predicted in each completed epoch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from swither.arrays import AnyArray, IntArray, StrArray
from swither.dynamics.epoch_table import EpochTable


class EpochHistory(ABC):
    """A table of completed epochs by ids; `LabelHistory` and `TrainingHistory` say how an epoch is recorded."""

    def __init__(self, table: EpochTable, classes: int) -> None:
        """Use `create`, `open` or `load` instead."""
        self._table = table
        self._classes = classes

    @property
    def ids(self) -> StrArray:
        """The samples' ids, (samples,), in the order of the columns."""
        return self._table.lookup.ids

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return self._classes

    @property
    def epochs(self) -> int:
        """How many epochs are complete."""
        return self._table.rows.epochs

    @property
    def labels(self) -> IntArray:
        """Predicted labels, (epochs, samples), read-only; `not_recorded` where nothing was recorded."""
        return self._table.rows.table("labels")

    @property
    def not_recorded(self) -> int:
        """The code in `labels` of a cell that was not recorded: the highest of its type."""
        return self._table.not_recorded

    def close_epoch(self, *, allow_missing: bool = False) -> None:
        """Complete the open epoch; in a folder it is then on disk.

        Args:
            allow_missing: leave samples that were not recorded as `not_recorded` instead of raising.

        Raises:
            InputError: samples are missing; the message names the first ten. The epoch stays open.
        """
        self._table.close_epoch(allow_missing=allow_missing)

    def together(self) -> AbstractContextManager[None]:
        """Epochs that are closed inside reach the folder at its end, at once: in less time than one by one.

        Example:
            >>> from swither.dynamics import LabelHistory
            >>> history = LabelHistory.create(["a", "b"], classes=2)
            >>> with history.together():
            ...     for labels in ([0, 1], [1, 1]):
            ...         history.record(["a", "b"], labels)
            ...         history.close_epoch()
            >>> history.epochs
            2
        """
        return self._table.rows.together()

    def truncate(self, epochs: int) -> None:
        """Keep the first `epochs` epochs and drop the open one, such as when a training resumes from there."""
        self._table.truncate(epochs)

    def of(self, ids: Iterable[Any] | AnyArray) -> IntArray:
        """The predicted labels of some samples, in the order of `ids`: (epochs, ids), a copy.

        Raises:
            UnknownIds: ids that this history does not have.
        """
        return self._table.columns("labels", self._table.lookup.search(ids))

    @abstractmethod
    def save(self, path: Path | str) -> None:
        """Write the completed epochs to one ``.npz`` file, atomically."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.epochs} epochs, {len(self.ids)} samples, {self._classes} classes)"
