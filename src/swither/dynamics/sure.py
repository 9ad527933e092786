"""Which samples of a history that was recorded in part are surely the most dispersed."""

from __future__ import annotations

import numpy as np

from swither.arrays import AnyArray
from swither.dynamics.dispersion import dispersion
from swither.dynamics.label_history import LabelHistory
from swither.errors import DamagedState


def surely_most_dispersed(history: LabelHistory, budget: int) -> AnyArray:
    """The ids of the `budget` most dispersed samples, the most dispersed first.

    Args:
        history: as an online or deferred recording leaves it, its columns in the order in which equal scores are
            taken; samples that were dropped lack cells.
        budget: what it was recorded for.

    Raises:
        DamagedState: fewer samples have all their cells.

    Example:
        >>> history = LabelHistory.from_labels(["a", "b", "c"], 2, [[0, 0, 0], [0, 1, 1], [-1, 0, 1]])
        >>> surely_most_dispersed(history, 1).tolist()
        ['b']
    """
    labels = history.labels
    complete = np.flatnonzero((labels != history.not_recorded).all(axis=0))
    if len(complete) < budget:
        raise DamagedState(f"The history holds {len(complete)} samples whole, expected {budget} or more.")
    scores = dispersion(np.take(labels, complete, axis=1))
    return history.ids[complete[np.argsort(-scores, kind="stable")[:budget]]]
