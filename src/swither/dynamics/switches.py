"""Switches: how often the predicted label changed from one recording to the next."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import AnyArray, IntArray
from swither.dynamics.label_counts import recorded_labels, recordings
from swither.dynamics.label_history import LabelHistory


def switches(history: LabelHistory | AnyArray | Any, *, window: int | None = None, stride: int = 1) -> IntArray:
    """How often a sample's label differs from its previous recorded label.

    A relative of dispersion that sees the order: settling once from one class to another is one switch, going
    to and fro between them is many. Cells that were not recorded are passed over.

    Args:
        history: a `LabelHistory`, or labels (epochs, samples); see `dispersion` for cells not recorded.
        window: only the last so many epochs; None: all.
        stride: every so many epochs, counted back from the last one.

    Returns:
        (samples,) int64 in 0 .. epochs - 1; higher is less settled, to be labelled sooner.

    Raises:
        InputError: there is no epoch, or a sample was recorded in none of them.

    Example:
        >>> switches([[0, 1], [0, 2], [1, 1]]).tolist()
        [1, 2]
    """
    recorded = recorded_labels(history, window, stride)
    recordings(recorded)
    labels, missing = recorded.labels, recorded.not_recorded
    latest = labels[0].copy()  # (samples,) the last recorded label so far
    changes = np.zeros(len(latest), dtype=np.int64)
    for row in labels[1:]:
        known = row != missing
        changes += known & (latest != missing) & (row != latest)
        np.copyto(latest, row, where=known)
    return changes
