"""Finding the most dispersed samples of a pool after a training, when every epoch's network can still be asked.

The threshold is raised from below: samples are looked at until their keys exceed it, and it is raised until enough
samples were looked at in every epoch without exceeding it. Whoever exceeded it cannot be among them, so nothing was
looked at for nothing but what a better order of epochs would have spared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from swither.arrays import AnyArray, IntArray, to_numpy
from swither.dynamics.seen_labels import SeenLabels, modal_count
from swither.errors import InputError

Look = Callable[[int, IntArray], Any]
"""A recording, counted from 0, and rows of the pool to the labels (rows,) that its network gives them."""

OPENING = 0.25
"""Share of the epochs, the last ones, in which everybody is looked at: the threshold lies above it."""

EARLIER = 0.6
"""At least this part of the threshold's share of the last epochs, where labels are calmer, it has of all epochs."""

LEAST_STEP, CAUTION = 0.25, 0.7
"""The least part of an occurrence of the modal label that the limit is raised by; the part of what seems needed that is
taken at once. Too low a limit costs another round, too high a one costs looks."""


class DeferredSearch:
    """Looks at no more of a pool than finds its `budget` most dispersed samples exactly.

    Args:
        epochs: whose networks can be asked.
        samples: of the pool, rows in the order in which equal scores are taken.
        classes: how many there are.
        budget: samples that are to be found.
        chunk: samples that a network computes at once. Fewer cost as much, so what is left of a chunk is filled with
            samples that will probably be asked for later.

    Attributes:
        seen: what was looked at.
        computed: samples computed, each counted once an epoch, with what could not be filled.

    Example:
        >>> labels = np.array([[0, 1, 1], [0, 2, 1], [0, 1, 0], [0, 0, 0], [0, 1, 0], [0, 2, 0]])
        >>> search = DeferredSearch(epochs=6, samples=3, classes=3, budget=1)
        >>> search.run(lambda epoch, rows: labels[epoch, rows])[:4].tolist()
        [[255, 1, 255], [255, 2, 255], [0, 1, 255], [0, 0, 0]]
    """

    def __init__(self, epochs: int, samples: int, classes: int, budget: int, *, chunk: int = 1) -> None:
        if epochs < 1 or not 1 <= budget <= samples:
            raise InputError(f"Expected at least 1 epoch and a budget of 1 to {samples}, got {epochs} and {budget}.")
        self.seen = SeenLabels(epochs, samples, classes)
        self.computed = 0
        self._budget, self._chunk, self._samples = budget, chunk, samples
        self._order = range(epochs - 1, -1, -1)  # the last first: there most samples have settled on their label

    def run(self, look: Look) -> AnyArray:
        """Find them.

        Args:
            look: asks a network; for each cell once.

        Returns:
            (epochs, samples) labels, in the smallest unsigned type, its highest code where nothing was looked at. The
            `budget` most dispersed samples have all of theirs.
        """
        limit, step, before = self._opened(look), self._samples, 0
        while (found := self._found(look, limit)) < self._budget:
            if found > before > 0:
                step = round(CAUTION * step * (self._budget - found) / (found - before))
            step = min(max(step, round(LEAST_STEP * self._samples), 1), self._samples)
            enough = self.seen.at_most(self._budget)  # beyond it nobody is sought
            before, limit = found, limit + step if enough is None else min(limit + step, enough)
        return self.seen.labels

    def _opened(self, look: Look) -> int:
        """Look at everybody in the last epochs; the limit to begin with, which the threshold probably exceeds."""
        epochs = len(self._order)
        opening = max(1, round(OPENING * epochs))
        for epoch in self._order[:opening]:
            self._ask(look, epoch, np.arange(self._samples))
        there = modal_count(int(np.partition(self.seen.keys, self._budget - 1)[self._budget - 1]), self._samples)
        return max(opening, int(EARLIER * epochs * there / opening)) * self._samples - 1

    def _found(self, look: Look, limit: int) -> int:
        """Look at every sample until its key exceeds `limit`; how many never do."""
        for epoch in self._order:
            self._ask(look, epoch, np.flatnonzero((self.seen.keys <= limit) & self.seen.unseen(epoch)))
        return int(np.count_nonzero(self.seen.complete & (self.seen.keys <= limit)))

    def _ask(self, look: Look, epoch: int, rows: IntArray) -> None:
        """Look at some rows in one epoch, and at others as far as that costs nothing more."""
        if not len(rows):
            return
        left = -len(rows) % self._chunk
        if left:
            others = self.seen.unseen(epoch)
            others[rows] = False
            rows = np.union1d(rows, self._smallest(np.flatnonzero(others), left))
        self.seen.add(epoch, rows, to_numpy(look(epoch, rows)))
        self.computed += -(-len(rows) // self._chunk) * self._chunk

    def _smallest(self, rows: IntArray, count: int) -> IntArray:
        """Those of the smallest keys, which will be asked for next."""
        if len(rows) <= count:
            return rows
        return rows[np.argpartition(self.seen.keys[rows], count)[:count]]
