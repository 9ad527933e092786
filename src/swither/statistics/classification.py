"""How good predicted labels are, overall and class by class."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import FloatArray, IntArray, to_numpy
from swither.errors import InputError


def accuracy(labels: Any, predicted: Any) -> float:
    """The share of samples whose predicted label is the true one.

    Args:
        labels: (samples,) true class numbers.
        predicted: (samples,) predicted class numbers.

    Raises:
        InputError: no samples, or unequal lengths.

    Example:
        >>> accuracy([0, 1, 2, 2], [0, 1, 2, 1])
        0.75
    """
    true, guess = _pair(labels, predicted)
    return float(np.mean(true == guess))


def confusion(labels: Any, predicted: Any, classes: int) -> IntArray:
    """How often each class was predicted as each class.

    Args:
        labels: (samples,) true class numbers, 0 .. classes - 1.
        predicted: (samples,) predicted class numbers.
        classes: how many classes there are.

    Returns:
        (classes, classes) counts, int64: a row for each true class, a column for each predicted one.

    Raises:
        InputError: no samples, unequal lengths, or a number outside 0 .. classes - 1.

    Example:
        >>> confusion([0, 0, 1], [0, 1, 1], classes=2).tolist()
        [[1, 1], [0, 1]]
    """
    true, guess = _pair(labels, predicted)
    for name, numbers in (("labels", true), ("predicted", guess)):
        if numbers.min() < 0 or numbers.max() >= classes:
            raise InputError(
                f"Expected {name} in 0 .. {classes - 1}, got {numbers.min()} .. {numbers.max()}. "
                "Leave out unlabelled samples, or give the right number of classes."
            )
    counts = np.bincount(true.astype(np.int64) * classes + guess.astype(np.int64), minlength=classes * classes)
    return counts.reshape(classes, classes)


def recall_per_class(labels: Any, predicted: Any, classes: int) -> FloatArray:
    """For each class, the share of its samples that were recognised.

    Args:
        labels: (samples,) true class numbers, 0 .. classes - 1.
        predicted: (samples,) predicted class numbers.
        classes: how many classes there are.

    Returns:
        (classes,) in [0, 1], float64; NaN for a class without a sample, of which nothing is known.

    Example:
        >>> recall_per_class([0, 0, 1], [0, 1, 1], classes=3).tolist()
        [0.5, 1.0, nan]
    """
    counts = confusion(labels, predicted, classes)
    present = counts.sum(axis=1)  # (classes,)
    recall = np.full(classes, np.nan)
    np.divide(np.diag(counts), present, out=recall, where=present > 0)
    return recall


def balanced_accuracy(labels: Any, predicted: Any, classes: int) -> float:
    """The mean recall of the classes that occur: each class counts the same, however rare it is.

    Args:
        labels: (samples,) true class numbers, 0 .. classes - 1.
        predicted: (samples,) predicted class numbers.
        classes: how many classes there are.

    References:
        Brodersen et al. (2010). The balanced accuracy and its posterior distribution. ICPR.

    Example:
        >>> balanced_accuracy([0, 0, 0, 1], [0, 0, 0, 0], classes=2)
        0.5
    """
    return float(np.nanmean(recall_per_class(labels, predicted, classes)))


def macro_f1(labels: Any, predicted: Any, classes: int) -> float:
    """The mean F1 score of the classes that occur among the true or the predicted labels.

    F1 of a class is the harmonic mean of precision and recall, ``2 hits / (predicted + present)``.

    Args:
        labels: (samples,) true class numbers, 0 .. classes - 1.
        predicted: (samples,) predicted class numbers.
        classes: how many classes there are.

    Example:
        >>> round(macro_f1([0, 0, 1, 1], [0, 0, 0, 1], classes=3), 4)
        0.7333
    """
    counts = confusion(labels, predicted, classes)
    seen = counts.sum(axis=0) + counts.sum(axis=1)  # (classes,) predicted + present
    occurs = seen > 0
    return float(np.mean(2 * np.diag(counts)[occurs] / seen[occurs]))


def _pair(labels: Any, predicted: Any) -> tuple[IntArray, IntArray]:
    true, guess = to_numpy(labels), to_numpy(predicted)
    if true.ndim != 1 or true.shape != guess.shape or not len(true):
        raise InputError(
            f"Expected as many predicted as true labels, at least one, got {guess.shape} and {true.shape}."
        )
    if not (np.issubdtype(true.dtype, np.integer) and np.issubdtype(guess.dtype, np.integer)):
        raise InputError(f"Expected class numbers, got {true.dtype} and {guess.dtype}.")
    return true, guess
