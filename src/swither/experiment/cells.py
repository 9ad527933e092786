"""The cells of an experiment: one method with one seed, one folder, one process at a time.

In a cell's folder: ``cell.json`` (what it is, and the protocol it was made under, so that cells can be copied from
folder to folder), ``events.jsonl`` and ``batches.jsonl`` of its learner, ``cycles.jsonl`` (a line for every finished
cycle), ``probabilities/cycle-N.npy`` ((test images, classes) float32, test images in id order),
``informativeness.json``, ``opinion.json`` and, where the pool was recorded, ``montage.npz`` and
``wrong_predictions.json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

REFERENCE = "reference"


@dataclass(frozen=True, order=True)
class Cell:
    """One method, with settings of its own where it has some (`Variant`), and one seed.

    The method ``reference`` is the training on all images.
    """

    method: str
    seed: int

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.method.replace(':', '+')}--seed{self.seed}"  # a colon is no character for a Windows folder

    @classmethod
    def named(cls, name: str) -> Cell | None:
        """The cell of a folder's name; None for a folder that is no cell."""
        method, separator, seed = name.rpartition("--seed")
        return cls(method.replace("+", ":"), int(seed)) if separator and method and seed.isdigit() else None

    def folder(self, out: Path) -> Path:
        """Where it lies in the experiment's folder."""
        return out / "cells" / self.name
