"""What can be said of one method's picks from one training: is the model right on them, are they varied, or alike?

An opinion is a mapping of JSON values. Every cell keeps its own method's opinion after the first training;
`swither.experiment.opinions` holds all methods against each other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from swither.acquisition import Selection
from swither.arrays import IntArray
from swither.files import read_json, write_json
from swither.loop.evidence import Evidence
from swither.randomness import generator
from swither.statistics import auroc
from swither.statistics.selections import mean_distance_to_nearest

FORMAT = "swither opinions"
VERSION = 1
FOLDER = "opinions"
"""Of an experiment: a file for each seed and cycle that was asked about."""

OF_A_CELL = "opinion.json"
"""In the folder of each cell: its own method, after the first training."""

RANDOM_DRAWS = 5
"""Random selections whose distances stand for chance: one alone would bring its own chance into every figure."""


class Yardstick:
    """Measures selections from one training, all in the same way.

    Args:
        evidence: of the training and its candidates.
        truth: (samples,) true class numbers of the candidates.
        count: how many each selection takes.
    """

    def __init__(self, evidence: Evidence, truth: IntArray, count: int) -> None:
        self._evidence = evidence
        self._truth = truth
        self._wrong = evidence.predicted_labels != truth  # (samples,)
        self.count = count

    def facts(self) -> dict[str, Any]:
        """What holds of the training and its pool, whatever is chosen."""
        return {
            "count": self.count,
            "pool": len(self._truth),
            "labelled": len(self._evidence.labelled),
            "training": self._evidence.trained.key,
            "weights": self._evidence.trained.weights,
            "accuracy": float(1 - self._wrong.mean()),
            "classes": self._classes(np.arange(len(self._truth))),
        }

    def opinion(self, method: str, selection: Selection, seconds: float = 0.0) -> dict[str, Any]:
        """One method's picks, measured.

        Args:
            method: its name, with its settings.
            selection: `count` of the candidates.
            seconds: what choosing took.

        Returns:
            ``method``, ``ids`` in order of choice; ``accuracy`` of the model on them; ``auroc`` of the method's
            scores for its wrong predictions in the pool, None for a method that scores nothing; ``classes``, how
            many are of each class; ``nearest_chosen`` and ``nearest_labelled``, the mean distance in embedding
            space to the nearest other pick and to the nearest labelled image, relative to that of random draws,
            None where there is no other.
        """
        chosen = selection.positions[: self.count]
        area = math.nan if selection.scores is None else auroc(selection.scores, self._wrong)
        among, labelled = self._distances(chosen)
        return {
            "method": method,
            "ids": [str(i) for i in self._evidence.candidates.ids[chosen]],
            "accuracy": float(1 - self._wrong[chosen].mean()),
            "auroc": None if math.isnan(area) else area,
            "classes": self._classes(chosen),
            "nearest_chosen": _ratio(among, self._by_chance[0]),
            "nearest_labelled": _ratio(labelled, self._by_chance[1]),
            "seconds": seconds,
        }

    def _classes(self, positions: IntArray) -> list[int]:
        classes = self._evidence.candidates.classes
        return [int(number) for number in np.bincount(self._truth[positions], minlength=classes)]

    def _distances(self, chosen: IntArray) -> tuple[float, float]:
        points = self._evidence.embeddings[chosen]
        return mean_distance_to_nearest(points), mean_distance_to_nearest(points, self._evidence.labelled_embeddings)

    @cached_property
    def _by_chance(self) -> tuple[float, float]:
        """The distances of random draws of the same size, the mean of several."""
        draws = generator(self._evidence.seed, "random draws to compare with")
        samples = len(self._truth)
        found = [self._distances(draws.permutation(samples)[: self.count]) for _ in range(RANDOM_DRAWS)]
        among, labelled = np.mean(found, axis=0)
        return float(among), float(labelled)


def save_opinions(path: Path, seed: int, cycle: int, facts: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
    """Write opinions of one training."""
    write_json(path, FORMAT, VERSION, {"seed": seed, "cycle": cycle, **facts, "rows": rows})


def read_opinions(path: Path) -> dict[str, Any]:
    """What `save_opinions` wrote.

    Raises:
        DamagedState: the file is no JSON, or of another kind.
        NewerFormat: a newer swither wrote it.
    """
    return read_json(path, FORMAT, VERSION)


def _ratio(value: float, by_chance: float) -> float | None:
    return value / by_chance if math.isfinite(value) and by_chance > 0 else None
