"""Counts kept up epoch by epoch: dispersion while the training runs, and what it can still become."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import AnyArray, BoolArray, FloatArray, IntArray, require_shape, to_numpy
from swither.dynamics.label_counts import blocks
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.rows import not_recorded_code
from swither.errors import InputError

AT_ONCE = 1 << 16
"""Samples whose labels are counted together, so that a large pool takes no memory but its counts."""


class RunningCounts:
    """How often each sample received each label so far; a cache beside a history, never instead of it.

    Adding an epoch costs a fraction of a millisecond at 50,000 samples, where `dispersion` goes through the whole
    history. Memory: samples x (classes + 2) x 2 bytes.

    Example:
        >>> counts = RunningCounts(samples=2, classes=3)
        >>> counts.add([0, 1])
        >>> counts.add([0, 2])
        >>> counts.dispersion().tolist()
        [0.0, 0.5]
    """

    @classmethod
    def of(cls, history: LabelHistory) -> RunningCounts:
        """The counts of a history's completed epochs, such as when its training goes on after a break.

        Example:
            >>> history = LabelHistory.from_labels(["a", "b"], 3, [[0, 1], [0, 2]])
            >>> RunningCounts.of(history).dispersion().tolist()
            [0.0, 0.5]
        """
        counts = cls(len(history.ids), history.classes)
        for row in history.labels:
            counts.add(row)
        return counts

    def __init__(self, samples: int, classes: int) -> None:
        self._classes = classes
        self._counts = np.zeros(samples * classes, dtype=np.uint16)
        self._first = np.arange(min(samples, AT_ONCE), dtype=np.int64) * classes  # (block,) where each's counts begin
        self._modal = np.zeros(samples, dtype=np.uint16)
        self._total = np.zeros(samples, dtype=np.uint16)
        self._epochs = 0

    def add(self, labels: AnyArray | Any) -> None:
        """Add one epoch.

        Args:
            labels: (samples,) a row of a history, or labels as whole numbers. The highest code of an unsigned
                type, or -1 in a signed one, is *not recorded* and counts nothing.

        Raises:
            InputError: labels outside 0 .. classes - 1, or more than 65,535 epochs.
        """
        row = to_numpy(labels)
        require_shape("labels", row, len(self._modal))
        if row.dtype.kind not in "iu":
            raise InputError(f"Expected labels as whole numbers, got type {row.dtype}.")
        if self._epochs == np.iinfo(np.uint16).max:
            raise InputError(f"Expected at most {self._epochs} epochs.")
        known = row != not_recorded_code(row.dtype)
        everywhere = bool(known.all())
        counted = row if everywhere else row[known]
        if counted.size and not 0 <= counted.min() <= counted.max() < self._classes:
            raise InputError(f"Expected labels in 0 .. {self._classes - 1}, got {counted.min()} .. {counted.max()}.")
        for block in blocks(len(row), AT_ONCE):
            self._add(block, row[block], slice(None) if everywhere else known[block])
        self._epochs += 1

    def _add(self, block: slice, row: IntArray, samples: slice | BoolArray) -> None:
        """Count those `samples` of a block whose labels in `row` were recorded."""
        counts = self._counts[block.start * self._classes : block.stop * self._classes]
        cells = self._first[: len(row)][samples] + row[samples]  # one per sample, so none occurs twice
        now = counts[cells] + np.uint16(1)
        counts[cells] = now
        modal, total = self._modal[block], self._total[block]  # views
        modal[samples] = np.maximum(modal[samples], now)
        total[samples] += np.uint16(1)

    def dispersion(self) -> FloatArray:
        """What `dispersion` gives for the epochs so far: (samples,) float64.

        Raises:
            InputError: a sample was recorded in no epoch.
        """
        if self._total.size and self._total.min() == 0:
            raise InputError(f"{np.count_nonzero(self._total == 0)} samples were recorded in no epoch so far.")
        scores: FloatArray = 1.0 - self._modal / self._total.astype(np.float64)
        return scores

    def bounds(self, epochs_left: int) -> tuple[FloatArray, FloatArray]:
        """Between what a sample's dispersion must end, if it is recorded in all of the epochs left.

        A sample whose upper bound lies strictly below the budget-th largest lower bound can never be selected by
        dispersion, so it needs no further inference.

        Args:
            epochs_left: how many epochs are still to come.

        Returns:
            Lower and upper bounds, each (samples,) float64.

        Raises:
            InputError: no epoch was added and none is left.

        Example:
            >>> counts = RunningCounts(samples=1, classes=3)
            >>> counts.add([0])
            >>> [bound.tolist() for bound in counts.bounds(epochs_left=1)]
            [[0.0], [0.5]]
        """
        total = self._total.astype(np.float64) + epochs_left  # (samples,)
        if epochs_left < 0 or (total.size and total.min() == 0):
            raise InputError(f"Expected recorded epochs or epochs left, got epochs_left={epochs_left}.")
        return 1.0 - (self._modal + float(epochs_left)) / total, 1.0 - self._modal / total
