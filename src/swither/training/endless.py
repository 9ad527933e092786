"""An endless sequence of shuffled passes over some images, of which any batch is known by its number alone."""

from __future__ import annotations

import numpy as np
import torch

from swither.arrays import IntArray
from swither.randomness import derive


class EndlessOrder:
    """Positions 0 to ``count - 1`` in one shuffled pass after the other.

    A batch may begin in one pass and end in the next; where there are fewer positions than a batch holds, it spans
    several passes. Nothing is remembered, so an interrupted training goes on at any batch.

    Args:
        count: how many positions, at least 1.
        seed: in [0, 2**63).

    Example:
        >>> order = EndlessOrder(3, seed=0)
        >>> sorted(order.batch(0, 3).tolist()), len(order.batch(5, 7))
        ([0, 1, 2], 7)
    """

    def __init__(self, count: int, seed: int) -> None:
        self._count, self._seed = count, seed
        self._passes: dict[int, IntArray] = {}

    def batch(self, number: int, size: int) -> IntArray:
        """The positions (size,) of batch `number`, counted from 0."""
        start = number * size
        first, last = start // self._count, (start + size - 1) // self._count
        self._passes = {n: self._passes[n] if n in self._passes else self._shuffled(n) for n in range(first, last + 1)}
        joined = np.concatenate(list(self._passes.values()))
        return joined[start - first * self._count :][:size]

    def _shuffled(self, number: int) -> IntArray:
        generator = torch.Generator().manual_seed(derive(self._seed, "pass", number))
        order: IntArray = torch.randperm(self._count, generator=generator).numpy()
        return order
