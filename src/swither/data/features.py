"""Embeddings of images, one row an image: what a head is trained on instead of pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import cached_property
from mmap import mmap
from pathlib import Path
from typing import Any

import numpy as np

from swither.arrays import AnyArray, FloatArray, IntArray
from swither.files import require_bytes

GATHERED_BYTES = 1 << 29
"""Memory that `Features.gathered` takes at most."""

_BLOCK = 1024


@dataclass(frozen=True)
class Features:
    """The embeddings of the images of a set; shared by its parts and never copied whole, as pixels are.

    Attributes:
        values: (stored, width) float16 or float32, often memory-mapped.
        rows: (samples,) where each image's embedding lies in `values`.
        key: names what made them: the backbone's checksum and how images were prepared, or a file's checksum.
        description: the same for people.
    """

    values: FloatArray
    rows: IntArray
    key: str
    description: str

    def __post_init__(self) -> None:
        assert self.values.ndim == 2, self.values.shape
        assert self.values.dtype in (np.float16, np.float32), self.values.dtype

    @property
    def width(self) -> int:
        """Numbers in an embedding."""
        return int(self.values.shape[1])

    def take(self, positions: AnyArray) -> Features:
        """Those at `positions` (integers or a mask), in that order, on the same values."""
        return replace(self, rows=self.rows[positions])

    def of(self, positions: AnyArray | slice) -> FloatArray:
        """Some of them: (taken, width), in the stored precision; a slice of `gathered` ones is not even copied."""
        if self._in_order and isinstance(positions, slice):
            return self.values[positions]
        return np.asarray(self.values[self.rows[positions]])

    def gathered(self) -> Features:
        """The same in memory, one behind the other: for whoever goes through them again and again.

        As many as `GATHERED_BYTES` holds; of more, these as they are.
        """
        if len(self.rows) * self.width * self.values.itemsize > GATHERED_BYTES:
            return self
        values = np.empty((len(self.rows), self.width), dtype=self.values.dtype)
        for start in range(0, len(self.rows), _BLOCK):
            values[start : start + _BLOCK] = self.values[self.rows[start : start + _BLOCK]]
        return replace(self, values=values, rows=np.arange(len(self.rows)))

    @cached_property
    def _in_order(self) -> bool:
        """Whether row i is image i, in memory that tensors may share."""
        return self.values.flags.writeable and np.array_equal(self.rows, np.arange(len(self.values)))

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: memory-mapped values go as their place on disk, not as a copy."""
        state = {field.name: getattr(self, field.name) for field in fields(self)}
        base: Any = self.values.base
        if isinstance(self.values, np.memmap) and isinstance(base, mmap):
            state["values"] = (str(self.values.filename), self.values.dtype.str, self.values.offset, self.values.shape)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Map the same values; raises DamagedState where their file was cut off since."""
        if isinstance(state["values"], tuple):
            path, dtype, offset, shape = state["values"]
            require_bytes(Path(path), offset + math.prod(shape) * np.dtype(dtype).itemsize)
            state["values"] = np.memmap(path, dtype=np.dtype(dtype), mode="r", offset=offset, shape=shape)
        for name, value in state.items():
            object.__setattr__(self, name, value)
