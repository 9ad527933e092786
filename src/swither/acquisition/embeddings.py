"""Embeddings as the methods that look at distances take them: checked at the door."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.arrays import AnyArray, BoolArray, to_numpy
from swither.errors import InputError

LARGEST = 1e150  # its square and the sum over a row stay finite in float64


def as_embeddings(name: str, embeddings: Any, width: int | None = None) -> AnyArray:
    """Check embeddings and give them as an array with contiguous rows, without copying where possible.

    Args:
        name: what the caller knows them by; it stands in the error.
        embeddings: (samples, width) array or tensor of real numbers.
        width: that of other embeddings from the same network; where it is given there may be no row at all.

    Returns:
        (samples, width) real numbers, of the type that they came in.

    Raises:
        InputError: they have other axes or another width, or are not finite.

    Example:
        >>> as_embeddings("embeddings", [[0, 1], [2, 3]]).shape
        (2, 2)
    """
    values = to_numpy(embeddings)
    if width is not None and values.size == 0:
        return np.empty((0, width), dtype=np.float32)
    if values.ndim != 2 or values.shape[1] == 0 or values.dtype.kind not in "fiu":
        raise InputError(
            f"Expected {name} as (samples, width) real numbers, got {values.dtype} of shape {values.shape}."
        )
    if width is not None and values.shape[1] != width:
        raise InputError(
            f"Expected {name} of width {width}, as the candidates' embeddings are, got {values.shape[1]}. "
            "Take both from the same network."
        )
    values = np.ascontiguousarray(values)
    for block in row_blocks(*values.shape):
        wrong = ~_fit(values[block]).all(axis=1)
        if wrong.any():
            raise InputError(
                f"Expected finite {name}, below {LARGEST:g}; row {block.start + int(wrong.argmax())} is not. "
                "Has the network's training diverged?"
            )
    return values


def _fit(values: AnyArray) -> BoolArray:
    """Which numbers are below `LARGEST`: of the smaller types all finite ones, so that none is converted."""
    if values.dtype == np.float16:
        return np.asarray((values.view(np.uint16) & np.uint16(0x7C00)) != 0x7C00)  # the exponent of infinities and NaN
    if values.dtype == np.float32:
        return np.isfinite(values)
    return np.asarray(np.abs(values, dtype=np.float64) < LARGEST)  # NaN is not
