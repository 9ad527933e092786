"""Forgetting events: how often a labelled sample was classified rightly and then wrongly again."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import AnyArray, FloatArray, to_numpy
from swither.dynamics.training_history import TrainingHistory
from swither.errors import InputError


def forgetting_events(history: TrainingHistory | AnyArray | Any) -> FloatArray:
    """How often a sample was right at one presentation and wrong at the next.

    A sample that was never right ranks as the most forgotten: infinity. Samples with 0 are *unforgettable*.
    Presentations that were not recorded are passed over.

    Args:
        history: a `TrainingHistory`, or whether each presentation was right (epochs, samples), boolean.

    Returns:
        (samples,) float64, whole numbers from 0, or infinity; higher is harder, or labelled wrongly.

    Raises:
        InputError: there is no epoch, or a sample was recorded in none.

    References:
        Toneva et al., "An Empirical Study of Example Forgetting during Deep Neural Network Learning", ICLR 2019.

    Example:
        >>> forgetting_events(np.array([[1, 1, 0], [0, 1, 0], [1, 1, 0], [0, 1, 0]], dtype=bool)).tolist()
        [2.0, 0.0, inf]
    """
    if isinstance(history, TrainingHistory):
        correct, recorded = history.correct, history.recorded
    else:
        correct = to_numpy(history)
        if correct.ndim != 2 or correct.dtype != np.bool_:
            raise InputError(
                f"Expected a TrainingHistory or booleans (epochs, samples), got an array of shape "
                f"{correct.shape} and type {correct.dtype}."
            )
        recorded = np.ones_like(correct)
    if len(correct) == 0 or not recorded.any(axis=0).all():
        raise InputError("Expected at least one recorded presentation of every sample. Record more epochs.")
    was_correct = np.zeros(correct.shape[1], dtype=np.bool_)
    events = np.zeros(correct.shape[1], dtype=np.float64)
    for now, known in zip(correct, recorded, strict=True):
        events += was_correct & known & ~now
        np.copyto(was_correct, now, where=known)
    events[~correct.any(axis=0)] = np.inf
    return events
