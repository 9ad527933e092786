"""Means over the recorded cells of (epochs, samples) numbers, epoch by epoch in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import AnyArray, FloatArray, to_numpy
from swither.errors import InputError


def recorded_cells(values: AnyArray | Any, name: str) -> FloatArray:
    """Check numbers (epochs, samples), NaN where not recorded; `name` says what they are in an error."""
    array = to_numpy(values)
    if array.ndim != 2 or len(array) == 0 or array.dtype.kind != "f":
        raise InputError(
            f"Expected a TrainingHistory with completed epochs, or {name} (epochs, samples) as floating-point "
            f"numbers; got an array of shape {array.shape} and type {array.dtype}."
        )
    return array


def mean_over_epochs(values: FloatArray, centre: FloatArray | None = None) -> FloatArray:
    """The mean of each sample's recorded cells, or of their squared distance from `centre`: (samples,).

    Args:
        values: (epochs, samples), NaN where not recorded.
        centre: (samples,), or None.

    Raises:
        InputError: a sample has no recorded cell.
    """
    total = np.zeros(values.shape[1], dtype=np.float64)
    count = np.zeros(values.shape[1], dtype=np.int64)
    for row in values:
        known = ~np.isnan(row)
        amount = row if centre is None else (row - centre) ** 2
        np.add(total, amount, out=total, where=known)  # in float64, the type of `total`
        count += known
    if len(count) and count.min() == 0:
        raise InputError(
            f"{np.count_nonzero(count == 0)} of {len(count)} samples were recorded in none of the "
            f"{len(values)} epochs looked at; nothing is known of them."
        )
    return total / count
