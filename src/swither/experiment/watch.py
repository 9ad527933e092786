"""Who is told how an experiment goes on: the command line's live table, a notebook, or nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from swither.experiment.cells import Cell


class Watcher(Protocol):
    """Is told of everything that happens; whatever it does must be quick, and must not raise."""

    def note(self, message: str) -> None:
        """A sentence that a person should read."""

    def stage(self, what: str, done: int, total: int) -> None:
        """Work before the first training, such as decoding images: `done` of `total`."""

    def working(self, cell: Cell, cycle: int, what: str, done: int, total: int) -> None:
        """A cell is at `what` (training, training VAAL, selecting, testing) in `cycle`: `done` of `total`."""

    def finished(self, cell: Cell, row: Mapping[str, Any]) -> None:
        """A cell has finished a cycle; `row` is its line of the results."""


class Silent:
    """A watcher that says nothing."""

    def note(self, message: str) -> None:
        """Say nothing."""

    def stage(self, what: str, done: int, total: int) -> None:
        """Say nothing."""

    def working(self, cell: Cell, cycle: int, what: str, done: int, total: int) -> None:
        """Say nothing."""

    def finished(self, cell: Cell, row: Mapping[str, Any]) -> None:
        """Say nothing."""
