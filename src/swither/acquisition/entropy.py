"""Entropy: how spread the predicted probabilities are over the classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.acquisition.probabilities import as_probabilities
from swither.arrays import FloatArray


def entropy(probabilities: Any) -> FloatArray:
    """Score each sample by the entropy of its predicted probabilities, -sum p log p with 0 log 0 = 0.

    Args:
        probabilities: (samples, classes) predicted probabilities, array or tensor.

    Returns:
        (samples,) float64 in nats (natural logarithm), from 0 to log(classes); higher is to be labelled sooner.

    Raises:
        InputError: `probabilities` are none; see `as_probabilities`.

    References:
        Shannon, "A Mathematical Theory of Communication", 1948; Settles, "Active Learning Literature Survey",
        University of Wisconsin-Madison 2009, section 3.1.

    Example:
        >>> entropy([[0.5, 0.5], [1.0, 0.0]]).round(4).tolist()
        [0.6931, 0.0]
    """
    values = as_probabilities(probabilities)
    scores = np.empty(len(values))
    for block in row_blocks(*values.shape):
        scores[block] = row_entropy(values[block].astype(np.float64))
    return scores


def row_entropy(distributions: FloatArray) -> FloatArray:
    """The entropy of each row in nats: (rows, classes) to (rows,); a probability of 0 adds nothing.

    Example:
        >>> row_entropy(np.array([[0.0, 1.0]])).tolist()
        [0.0]
    """
    from scipy.special import xlogy  # takes longer to load than all of swither's own files

    return np.asarray(0.0 - xlogy(distributions, distributions).sum(axis=1))  # 0.0 - x: no negative zeros
