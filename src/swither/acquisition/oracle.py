"""Oracle: looks at the true labels and takes what the network gets wrong. Only ever for comparison."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.acquisition.probabilities import as_probabilities
from swither.acquisition.selection import Selection, as_count, require_generator
from swither.arrays import IntArray, require_shape, to_numpy
from swither.errors import InputError, UnknownName

ORDERS = ("random", "loss")


def oracle(
    probabilities: Any,
    true_labels: Any,
    count: int,
    generator: np.random.Generator,
    *,
    order: str = "random",
) -> Selection:
    """Take misclassified samples first, then the others.

    It is an upper bound of how informative a batch can be (no batch has a lower accuracy), not of the accuracy
    that training on it reaches: oracles of the highest loss lose to random at small budgets.

    Args:
        probabilities: (samples, classes) predicted probabilities; the largest is the prediction, the first of
            equal ones.
        true_labels: (samples,) class numbers, 0 to classes - 1.
        count: how many to take, from 0 to samples.
        generator: where the random order comes from.
        order: among the misclassified, and among the others: ``"random"``, or ``"loss"`` for the lowest
            probability of the true class first.

    Returns:
        The selection, with the number of misclassified candidates.

    Raises:
        InputError: the labels do not fit the probabilities, `count` does not lie between 0 and samples, or
            `order` is unknown.

    References:
        Zolfaghari Bengar, Raducanu and van de Weijer, "When Deep Learners Change Their Mind: Learning Dynamics
        for Active Learning", CAIP 2021, figure 3.

    Example:
        >>> probabilities = [[0.9, 0.1], [0.9, 0.1], [0.2, 0.8]]
        >>> oracle(probabilities, [0, 1, 1], count=1, generator=np.random.default_rng(0)).positions.tolist()
        [1]
    """
    values = as_probabilities(probabilities)
    labels = _as_labels(true_labels, *values.shape)
    count = as_count(count, len(values))
    require_generator(generator)
    if order not in ORDERS:
        raise UnknownName("order of the oracle", str(order), ORDERS)
    right = values.argmax(axis=1) == labels  # (samples,)
    shuffled = generator.permutation(len(values))
    keys = [right[shuffled]] if order == "random" else [values[shuffled, labels[shuffled]], right[shuffled]]
    positions = shuffled[np.lexsort(keys)][:count].astype(np.int64)  # the last key weighs most; ties stay
    return Selection(positions, {"misclassified": int((~right).sum())})


def _as_labels(true_labels: Any, samples: int, classes: int) -> IntArray:
    labels = to_numpy(true_labels)
    require_shape("true_labels", labels, samples)
    if labels.dtype.kind not in "iu":
        raise InputError(f"Expected true_labels as whole numbers, got an array of {labels.dtype}.")
    if samples and (labels.min() < 0 or labels.max() >= classes):
        raise InputError(
            f"Expected true_labels from 0 to {classes - 1}, got {labels.min()} to {labels.max()}. "
            "The oracle needs the label of every candidate."
        )
    return labels
