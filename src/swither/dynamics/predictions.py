"""The door for what a network predicts: labels or logits of any framework, checked before they are kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import AnyArray, FloatArray, IntArray, to_numpy
from swither.errors import InputError, list_some

_HALF = float(np.finfo(np.float16).max)


def as_labels(labels: Any, classes: int) -> IntArray:
    """Check labels: (batch,) whole numbers in 0 .. classes - 1."""
    array = to_numpy(labels)
    if array.ndim != 1 or (len(array) and array.dtype.kind not in "iu"):
        raise InputError(
            f"Expected labels (batch,) as whole numbers, or logits (batch, {classes}); got an array of shape "
            f"{array.shape} and type {array.dtype}."
        )
    outside = (array < 0) | (array >= classes)
    if outside.any():
        found = np.unique(array[outside]).tolist()
        raise InputError(f"Expected labels in 0 .. {classes - 1}, got {list_some(found)}.")
    return array


def as_logits(logits: Any, classes: int) -> FloatArray:
    """Check logits: (batch, classes), no NaN and no positive infinity, something finite in each row."""
    array = to_numpy(logits)
    if array.ndim != 2 or array.shape[1] != classes or array.dtype.kind not in "fiu":
        raise InputError(f"Expected logits of shape (batch, {classes}), got {array.shape} of type {array.dtype}.")
    array = array if array.dtype.kind == "f" else array.astype(np.float64)
    if not np.isfinite(array).all():
        highest = array.max(axis=1)  # (batch,), NaN where a row holds one
        bad = np.flatnonzero(~np.isfinite(highest))
        if len(bad):
            raise InputError(
                f"Expected finite logits, got NaN or infinity in {len(bad)} of {len(array)} rows, first in row "
                f"{bad[0]}. The training has probably diverged: lower the learning rate."
            )
    return array


def labels_and_confidence(
    predicted: Any, confidence: Any, classes: int, *, wanted: bool
) -> tuple[IntArray, FloatArray | None]:
    """Labels and, where they are wanted, their probabilities, from labels or logits.

    Args:
        predicted: labels (batch,), or logits (batch, classes); the label is then the first highest.
        confidence: probability of the predicted label (batch,), 0..1, or None: taken from logits.
        classes: how many classes there are.
        wanted: whether confidences are kept.

    Returns:
        Labels (batch,) and confidences (batch,), None where they are not wanted.
    """
    array = to_numpy(predicted)
    logits = as_logits(array, classes) if array.ndim == 2 else None
    labels = as_labels(array, classes) if logits is None else logits.argmax(axis=1)
    if not wanted:
        if confidence is not None:
            raise InputError("This history keeps no confidences: create it with confidence=True.")
        return labels, None
    if confidence is not None:
        return labels, _as_confidence(confidence, len(labels))
    if logits is None:
        raise InputError(
            "This history keeps confidences: give logits, or labels with confidence=..., "
            "or create it with confidence=False."
        )
    if len(logits) and (logits >= 0).all() and (np.abs(logits.sum(axis=1) - 1) < 1e-3).all():
        raise InputError(
            "Expected logits, got what looks like probabilities (each row adds up to 1), whose confidence would "
            "come out wrong. Give the logits, or the highest probability of each row as confidence=..."
        )
    return labels, np.exp(-_log_partition(logits, logits.max(axis=1)))


def margins_and_probabilities(logits: FloatArray, given: IntArray) -> tuple[FloatArray, FloatArray]:
    """The given label's logit minus the largest other, and its probability.

    Args:
        logits: (batch, classes), at least two classes.
        given: (batch,) the label that each sample has, right or wrong.

    Returns:
        Margins (batch,), within what float16 holds, and probabilities (batch,), 0..1.
    """
    rows = np.arange(len(logits))
    of_given = logits[rows, given]  # (batch,)
    others = logits.copy()
    others[rows, given] = -np.inf
    with np.errstate(invalid="ignore"):  # -inf minus -inf: both classes are ruled out
        margins = np.nan_to_num(of_given - others.max(axis=1), nan=0.0)
    probabilities = np.exp(-_log_partition(logits, of_given))
    return np.clip(margins, -_HALF, _HALF), probabilities


def _log_partition(logits: FloatArray, reference: FloatArray) -> FloatArray:
    """The logarithm of the sum of exp(logits - reference): (batch,) float64."""
    highest = logits.max(axis=1)  # (batch,)
    total = np.exp(logits - highest[:, None], dtype=np.float64).sum(axis=1)
    partition: FloatArray = np.log(total) + (highest - reference)
    return partition


def _as_confidence(confidence: Any, length: int) -> FloatArray:
    array: AnyArray = to_numpy(confidence)
    if array.shape != (length,) or array.dtype.kind != "f" or not ((array >= 0) & (array <= 1)).all():
        raise InputError(
            f"Expected confidence as {length} probabilities from 0 to 1, got shape {array.shape} of type "
            f"{array.dtype}" + (" with values outside." if array.shape == (length,) else ".")
        )
    return array
