"""Rows that grow by one per epoch, one table per channel: the protocol, and the rows that live in memory.

A *channel* is one table (epochs, samples) of one type: labels, confidence, margins. The rows on disk are in
`folder.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np

from swither.arrays import AnyArray

Channels = Mapping[str, np.dtype[Any]]


def not_recorded_code(kind: np.dtype[Any]) -> Any:
    """What stands in a cell that was not recorded: the highest code of an unsigned type, -1 of a signed one.

    In a float type it is NaN.
    """
    if kind.kind == "f":
        return np.nan
    return np.iinfo(kind).max if kind.kind == "u" else -1


class Rows(Protocol):
    """Completed epochs of several channels."""

    channels: Channels
    epochs: int

    def table(self, channel: str) -> AnyArray:
        """The completed epochs of one channel: (epochs, samples), read-only."""
        ...

    def append(self, rows: Mapping[str, AnyArray]) -> None:
        """Add one epoch, all channels or none: each row (samples,) of the channel's type."""
        ...

    def together(self) -> AbstractContextManager[None]:
        """Epochs appended inside are kept when it ends, all of them at once."""
        ...

    def truncate(self, epochs: int) -> None:
        """Keep the first `epochs` epochs."""
        ...


class RowsInMemory:
    """Rows in arrays that double when they are full."""

    def __init__(self, channels: Channels, samples: int) -> None:
        self.channels = channels
        self.epochs = 0
        self._tables = {name: np.empty((16, samples), dtype=kind) for name, kind in channels.items()}

    def table(self, channel: str) -> AnyArray:
        """The completed epochs of one channel: (epochs, samples), read-only."""
        view = self._tables[channel][: self.epochs]
        view.setflags(write=False)
        return view

    def append(self, rows: Mapping[str, AnyArray]) -> None:
        """Add one epoch, all channels or none."""
        for name, table in self._tables.items():
            if self.epochs == len(table):
                self._tables[name] = np.concatenate([table, np.empty_like(table)])
        for name, row in rows.items():
            self._tables[name][self.epochs] = row
        self.epochs += 1

    def together(self) -> AbstractContextManager[None]:
        """Nothing is quicker in memory: each is kept as it comes."""
        return nullcontext()

    def truncate(self, epochs: int) -> None:
        """Keep the first `epochs` epochs."""
        self.epochs = epochs
