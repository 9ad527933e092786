"""Least confidence: how far the most probable class is from certain."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.acquisition.probabilities import as_probabilities
from swither.arrays import FloatArray


def least_confidence(probabilities: Any) -> FloatArray:
    """Score each sample by 1 - p_first, p_first being the probability of its most probable class.

    Args:
        probabilities: (samples, classes) predicted probabilities, array or tensor.

    Returns:
        (samples,) float64 in [0, 1 - 1 / classes]; higher is to be labelled sooner.

    Raises:
        InputError: `probabilities` are none; see `as_probabilities`.

    References:
        Lewis and Gale, "A Sequential Algorithm for Training Text Classifiers", SIGIR 1994.

    Example:
        >>> least_confidence([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]]).tolist()
        [0.5, 0.0]
    """
    values = as_probabilities(probabilities)
    return np.asarray(1.0 - values.max(axis=1).astype(np.float64))
