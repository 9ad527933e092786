"""What every room needs of arrays: their types in words, the door for tensors, the smallest label type."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from swither.errors import InputError

FloatArray: TypeAlias = NDArray[np.floating[Any]]
IntArray: TypeAlias = NDArray[np.integer[Any]]
BoolArray: TypeAlias = NDArray[np.bool_]
StrArray: TypeAlias = NDArray[np.str_]
ByteArray: TypeAlias = NDArray[np.uint8]
AnyArray: TypeAlias = NDArray[Any]


def to_numpy(values: Any) -> AnyArray:
    """Take an array, a list or a tensor of any framework; give a NumPy array without copying where possible.

    A tensor is recognised by what it can do (``detach``, ``cpu``, ``numpy``), so no framework is imported.

    Example:
        >>> to_numpy([1, 2]).tolist()
        [1, 2]
    """
    if hasattr(values, "detach"):
        values = values.detach()
        if str(getattr(values, "dtype", "")) == "torch.bfloat16":  # NumPy has no bfloat16
            values = values.float()
    if hasattr(values, "cpu"):
        values = values.cpu()
    if hasattr(values, "numpy"):
        values = values.numpy()
    return np.asarray(values)


def label_type(classes: int) -> np.dtype[np.unsignedinteger[Any]]:
    """The smallest unsigned type for labels 0 .. classes - 1 whose highest code is left for *not recorded*.

    Example:
        >>> label_type(255), label_type(256)
        (dtype('uint8'), dtype('uint16'))
    """
    if classes < 1:
        raise InputError(f"Expected at least one class, got {classes}.")
    for kind in (np.uint8, np.uint16, np.uint32):
        if classes <= np.iinfo(kind).max:
            return np.dtype(kind)
    raise InputError(f"Expected at most {np.iinfo(np.uint32).max} classes, got {classes}.")


def require_shape(name: str, array: AnyArray, *lengths: int | None) -> None:
    """Raise unless `array` has as many axes as `lengths`, each of the given length (None: any).

    Example:
        >>> require_shape("probabilities", np.zeros((3, 2)), None, 2)
    """
    fits = array.ndim == len(lengths) and all(
        want is None or want == have for want, have in zip(lengths, array.shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if length is None else str(length) for length in lengths)
        raise InputError(f"Expected {name} of shape ({wanted}), got {array.shape}.")
