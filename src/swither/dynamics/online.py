"""Recording a pool while the network trains, without the samples that can no longer be among the most dispersed."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import AnyArray, IntArray, require_shape, to_numpy
from swither.dynamics.seen_labels import SeenLabels
from swither.errors import InputError


class OnlineSearch:
    """Which samples are to be looked at after the next epoch, for the `budget` most dispersed to be found exactly.

    After t of T epochs the modal count f of a sample ends between f and f + T - t. Whoever's lower end, by key (see
    `SeenLabels`), exceeds the `budget`-th smallest upper end cannot be among the `budget` smallest, and is dropped.

    Args:
        epochs: that will be recorded.
        samples: of the pool, rows in the order in which equal scores are taken.
        classes: how many there are.
        budget: samples that are to be found.

    Attributes:
        rows: (looked at,) to be looked at after the next epoch; in the end the `budget` that were sought.
        seen: what was seen.

    Example:
        >>> search = OnlineSearch(epochs=4, samples=3, classes=3, budget=1)
        >>> for labels in ([0, 0, 0], [0, 1, 1], [0, 0, 2]):
        ...     search.add(labels)
        >>> search.rows.tolist()  # the last sample's modal count ends at 2 or less, the first one's at 3 or more
        [1, 2]
    """

    def __init__(self, epochs: int, samples: int, classes: int, budget: int) -> None:
        if epochs < 1 or not 1 <= budget <= samples:
            raise InputError(f"Expected at least 1 epoch and a budget of 1 to {samples}, got {epochs} and {budget}.")
        self.seen = SeenLabels(epochs, samples, classes)
        self.rows: IntArray = np.arange(samples, dtype=np.int64)
        self._budget, self._done = budget, 0

    def add(self, labels: AnyArray | Any) -> None:
        """Take the labels (rows,) of `rows` after one more epoch, and drop whom they settle.

        Raises:
            InputError: there is no epoch left, or there are fewer or more labels than rows.
        """
        labels = to_numpy(labels)
        require_shape("labels", labels, len(self.rows))
        epochs, samples = self.seen.labels.shape
        if self._done == epochs:
            raise InputError(f"Expected {epochs} epochs, got one more.")
        self.seen.add(self._done, self.rows, labels)
        self._done += 1
        lowest = self.seen.keys[self.rows]
        highest = lowest + (epochs - self._done) * samples
        limit = np.partition(highest, self._budget - 1)[self._budget - 1]
        self.rows = self.rows[lowest <= limit]
