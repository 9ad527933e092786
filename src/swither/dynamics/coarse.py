"""When scores are coarse: few recordings give few distinct values, and ties decide most of a selection."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from swither.arrays import AnyArray
from swither.dynamics.label_counts import recorded_labels, recordings
from swither.dynamics.label_history import LabelHistory

ENOUGH_RECORDINGS = 20


class CoarseScores(UserWarning):
    """So few labels were recorded that many samples share one score."""


def warn_if_coarse(
    history: LabelHistory | AnyArray | Any,
    *,
    window: int | None = None,
    stride: int = 1,
    enough: int = ENOUGH_RECORDINGS,
) -> bool:
    """Warn once with `CoarseScores` where samples have fewer recordings than gives fine scores.

    The measures themselves never warn, so that a loop can ask once, when it has decided to use them.

    Args:
        history: a `LabelHistory`, or labels (epochs, samples).
        window: as given to the measure.
        stride: as given to the measure.
        enough: the least number of recordings per sample.

    Returns:
        Whether it warned.

    Example:
        >>> warn_if_coarse([[0, 1]] * 20)
        False
    """
    counts = recordings(recorded_labels(history, window, stride))  # (samples,)
    few = int(np.count_nonzero(counts < enough))
    if not few:
        return False
    warnings.warn(
        f"{few} of {len(counts)} samples have fewer than {enough} recorded labels (the least: {counts.min()}), "
        "so many scores are equal and ties decide. Train for more epochs, or record more of them.",
        CoarseScores,
        stacklevel=2,
    )
    return True
