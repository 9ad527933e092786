"""The labels of a pool as far as they were looked at, and what of each sample's dispersion is certain by then."""

from __future__ import annotations

import numpy as np

from swither.arrays import AnyArray, BoolArray, IntArray, label_type
from swither.dynamics.rows import not_recorded_code


class SeenLabels:
    """Which label each sample had after which epoch, for those that were looked at.

    Samples are rows in the order in which equal scores are taken. A sample's *key* is ``modal count x samples + row``:
    keys are distinct, and the samples of the highest dispersion, taken as `take_highest` takes them, are those of the
    smallest keys. A key never falls while more is seen, so what is seen bounds it from below.

    Args:
        epochs: that will be recorded.
        samples: of the pool.
        classes: how many there are.

    Attributes:
        labels: (epochs, samples), the highest code where nothing was looked at.
        keys: (samples,) by what was seen, int64.
        looks: cells that were looked at.
    """

    def __init__(self, epochs: int, samples: int, classes: int) -> None:
        kind = label_type(classes)
        self.labels: AnyArray = np.full((epochs, samples), not_recorded_code(kind), dtype=kind)
        self.keys: IntArray = np.arange(samples, dtype=np.int64)
        self.looks = 0
        small = np.min_scalar_type(epochs)  # a large pool of many classes fills memory with its counts
        self._counts = np.zeros((samples, classes), dtype=small)
        self._seen = np.zeros(samples, dtype=small)  # epochs of each

    @property
    def complete(self) -> BoolArray:
        """(samples,) whether every epoch was looked at."""
        complete: BoolArray = self._seen == len(self.labels)
        return complete

    def unseen(self, epoch: int) -> BoolArray:
        """(samples,) whether a sample's label after this epoch, counted from 0, is not known."""
        row = self.labels[epoch]
        missing: BoolArray = row == not_recorded_code(row.dtype)
        return missing

    def add(self, epoch: int, rows: IntArray, labels: AnyArray) -> None:
        """Take what was looked at: (rows,) labels of rows that were not seen in this epoch before."""
        samples = len(self.keys)
        self.labels[epoch, rows] = labels
        self._counts[rows, labels] += 1
        self._seen[rows] += 1
        self.keys[rows] = np.maximum(self.keys[rows], self._counts[rows, labels].astype(np.int64) * samples + rows)
        self.looks += len(rows)

    def at_most(self, budget: int) -> int | None:
        """A key that the `budget`-th smallest of all cannot exceed; None while too few samples are complete."""
        keys = self.keys[self.complete]
        return int(np.partition(keys, budget - 1)[budget - 1]) if len(keys) >= budget else None


def modal_count(key: int, samples: int) -> int:
    """How often the modal label of the sample with this key was seen.

    Example:
        >>> modal_count(7 * 100 + 42, samples=100)
        7
    """
    return key // samples
