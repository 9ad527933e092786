"""The share of samples that fall into the largest predicted class, epoch by epoch: a collapsed network shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import AnyArray, FloatArray
from swither.dynamics.label_counts import recorded_labels
from swither.dynamics.label_history import LabelHistory
from swither.errors import InputError


def largest_class_share(history: LabelHistory | AnyArray | Any) -> FloatArray:
    """The share of recorded samples that were given the epoch's most frequent label.

    Near 1 the network calls almost everything one class: then the recorded labels measure its state (stale
    BatchNorm averages, the first epochs, divergence) rather than its doubt about single samples.

    Args:
        history: a `LabelHistory`, or labels (epochs, samples); see `dispersion` for cells not recorded.

    Returns:
        (epochs,) float64 in (0, 1].

    Raises:
        InputError: there is no epoch, or an epoch has no recorded sample.

    Example:
        >>> largest_class_share([[0, 0, 0, 1], [0, 1, 2, 2]]).tolist()
        [0.75, 0.5]
    """
    recorded = recorded_labels(history)
    shares = np.empty(len(recorded.labels), dtype=np.float64)
    for epoch, row in enumerate(recorded.labels):
        known = row[row != recorded.not_recorded]
        if len(known) == 0:
            raise InputError(f"Epoch {epoch + 1} has no recorded sample, so no class is its largest.")
        shares[epoch] = np.bincount(known).max() / len(known)
    return shares
