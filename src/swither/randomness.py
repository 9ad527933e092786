"""Generators and orders derived from one seed and names; nothing in swither draws from global state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from swither.arrays import IntArray, StrArray


def derive(seed: int, *names: str | int) -> int:
    """A seed in [0, 2**63) for one purpose, from the run's seed and the purpose's names.

    Example:
        >>> derive(0, "augmentation", 3) == derive(0, "augmentation", 3) != derive(0, "augmentation", 4)
        True
    """
    text = "\x1f".join(str(part) for part in (seed, *names))
    digest = hashlib.blake2b(text.encode(), digest_size=8, person=b"swither").digest()
    return int.from_bytes(digest, "little") >> 1


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """A fresh NumPy generator for one purpose; see `derive`."""
    return np.random.default_rng(derive(seed, *names))


def keyed_order(ids: StrArray | Iterable[str], seed: int, *names: str | int) -> IntArray:
    """Positions that sort `ids` by a keyed hash of (seed, names, id): no source order can change it.

    Args:
        ids: (samples,) distinct ids.
        seed: the run's seed.
        *names: what the order is for, such as the cycle.

    Returns:
        (samples,) positions, int64.

    Example:
        >>> first = [["a", "b", "c"][i] for i in keyed_order(["a", "b", "c"], 0)]
        >>> again = [["c", "a", "b"][i] for i in keyed_order(["c", "a", "b"], 0)]
        >>> first == again
        True
    """
    key = hashlib.blake2b("\x1f".join(str(part) for part in (seed, *names)).encode(), digest_size=32).digest()
    start = hashlib.blake2b(digest_size=16, key=key)
    digests = bytearray()
    for i in map(str, ids):
        hashed = start.copy()
        hashed.update(i.encode())
        digests += hashed.digest()
    numbers = np.frombuffer(digests, dtype=">u8").reshape(-1, 2).astype(np.uint64)  # in the order of their bytes
    return np.lexsort((numbers[:, 1], numbers[:, 0])).astype(np.int64, copy=False)
