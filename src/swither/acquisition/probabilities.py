"""Predicted probabilities as the uncertainty methods take them: checked at the door, read in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.arrays import AnyArray, FloatArray, to_numpy
from swither.errors import InputError

TOLERANCE = 1e-2  # a softmax rounded to bfloat16 misses 1 by up to 4e-3; logits miss it by far more
"""How far a row of probabilities may sum away from 1."""


def as_probabilities(probabilities: Any) -> FloatArray:
    """Check predicted probabilities and give them as a floating-point array, without copying where possible.

    Args:
        probabilities: (samples, classes) array or tensor; each row sums to 1.

    Returns:
        (samples, classes) float32 or float64.

    Raises:
        InputError: it has other axes, fewer than two classes, a NaN, a negative value, or a row that does not
            sum to 1 within `TOLERANCE`.

    Example:
        >>> as_probabilities([[0.5, 0.5], [1, 0]]).tolist()
        [[0.5, 0.5], [1.0, 0.0]]
    """
    values = _as_floats(to_numpy(probabilities))
    if values.ndim != 2:
        raise InputError(f"Expected probabilities of shape (samples, classes), got {values.shape}.")
    if values.shape[1] < 2:
        raise InputError(
            f"Expected probabilities of two classes or more, got shape {values.shape}. "
            "For a network with one output p, give the columns 1 - p and p."
        )
    for block in row_blocks(*values.shape):
        _require_distributions(values[block], first_row=block.start)
    return values


def _as_floats(values: AnyArray) -> FloatArray:
    if values.dtype.kind not in "fiub":
        raise InputError(f"Expected probabilities as real numbers, got an array of {values.dtype}.")
    if values.dtype in (np.float32, np.float64):
        return values
    return values.astype(np.float32 if values.dtype == np.float16 else np.float64)


def _require_distributions(block: FloatArray, first_row: int) -> None:
    with np.errstate(invalid="ignore", over="ignore"):  # infinities among what are no probabilities
        sums = block @ np.ones(block.shape[1], dtype=block.dtype)  # (rows,)
    if np.abs(sums - 1).max() <= TOLERANCE and block.min() >= 0:
        return  # the usual case, by two quick passes; NaN is neither
    with np.errstate(invalid="ignore", over="ignore"):
        sums = block.sum(axis=1, dtype=np.float64)
    wrong = ~(np.abs(sums - 1) <= TOLERANCE) | (block.min(axis=1) < 0)  # written so that NaN is wrong
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    values = block[row]
    if np.isnan(values).any():
        problem = "holds NaN: the network's output is not finite"
    elif values.min() < 0:
        problem = f"holds the negative value {values.min():.4g}. Were logits given? Apply a softmax first"
    else:
        problem = f"sums to {sums[row]:.4g}, not to 1. Were logits given? Apply a softmax first"
    raise InputError(f"Expected probabilities, but row {first_row + row} {problem}.")
