"""Margin: how close the second most probable class comes to the first."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.acquisition.probabilities import as_probabilities
from swither.arrays import FloatArray


def margin(probabilities: Any) -> FloatArray:
    """Score each sample by 1 - (p_first - p_second), the two largest of its class probabilities.

    Args:
        probabilities: (samples, classes) predicted probabilities, array or tensor.

    Returns:
        (samples,) float64 in [0, 1]; higher (a smaller margin) is to be labelled sooner.

    Raises:
        InputError: `probabilities` are none; see `as_probabilities`.

    References:
        Scheffer, Decomain and Wrobel, "Active Hidden Markov Models for Information Extraction", IDA 2001.

    Example:
        >>> margin([[0.5, 0.5, 0.0], [0.75, 0.25, 0.0]]).tolist()
        [1.0, 0.5]
    """
    values = as_probabilities(probabilities)
    scores = np.empty(len(values))
    for block in row_blocks(*values.shape):
        second, first = np.partition(values[block], -2, axis=1)[:, -2:].astype(np.float64).T  # (rows,) each
        scores[block] = 1.0 - (first - second)
    return scores
