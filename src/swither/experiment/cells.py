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

from swither.errors import DamagedState, NewerFormat
from swither.files import read_json
from swither.own_code import own_name

FORMAT = "swither cell"
VERSION = 1
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
        """Of its folder.

        Example:
            >>> Cell("dispersion:stride=5", 0).name, Cell("ideas/mine.py:doubt:power=2", 1).name
            ('dispersion+stride=5--seed0', 'doubt@8a508402+power=2--seed1')
        """
        own = own_name(self.method)
        method = self.method.replace(":", "+") if own is None else own.folder_name  # Windows takes no colon in a name
        return f"{method}--seed{self.seed}"

    @property
    def typed(self) -> str:
        """As its method is typed: ``ideas/mine.py:doubt:power=2--seed1``."""
        return f"{self.method}--seed{self.seed}"

    @classmethod
    def named(cls, folder: Path | str) -> Cell | None:
        """The cell of a folder; None for a folder that is no cell.

        Args:
            folder: the folder, or only its name. The name of a function of the user's own stands there without the
                path of its file, which ``cell.json`` has.
        """
        name = folder.name if isinstance(folder, Path) else folder
        method, separator, seed = name.rpartition("--seed")
        if not (separator and method and seed.isdigit()):
            return None
        cell = cls(method.replace("+", ":"), int(seed))
        if "@" in method and isinstance(folder, Path):
            try:
                whole = cls(str(read_json(folder / "cell.json", FORMAT, VERSION)["method"]), cell.seed)
            except (OSError, DamagedState, NewerFormat, KeyError):
                return cell
            return whole if whole.name == name else cell
        return cell

    def folder(self, out: Path) -> Path:
        """Where it lies in the experiment's folder."""
        return out / "cells" / self.name
