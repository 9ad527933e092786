"""Where ids stand in a history: at once when they come as in the epoch before, by search otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swither.arrays import AnyArray, BoolArray, IntArray, StrArray, to_numpy
from swither.errors import InputError, UnknownIds, list_some

AT_ONCE = 1 << 16
"""Ids that are hashed or compared together, so that millions of them take no second copy."""


def as_ids(ids: Iterable[Any] | AnyArray) -> StrArray:
    """Take ids as a list, an array or a tensor of strings or whole numbers; give (samples,) strings.

    Example:
        >>> as_ids([7, 8]).tolist()
        ['7', '8']
    """
    array = to_numpy(ids if hasattr(ids, "shape") else list(ids))
    if array.ndim == 1 and array.dtype == object and all(isinstance(i, str) for i in array):
        array = array.astype(np.str_)
    if array.ndim != 1 or (len(array) and array.dtype.kind not in "Uiu"):
        raise InputError(
            f"Expected ids as one row of strings or whole numbers, got an array of shape {array.shape} "
            f"and type {array.dtype}."
        )
    return array.astype(np.str_, copy=False)


class IdLookup:
    """Positions of ids among distinct ids, for batches that come in any order.

    Each call guesses that the ids follow the last ones as they did in the epoch before (at first: in the
    history's own order), which costs one comparison. A wrong guess falls back to a search among the ids' hashes,
    16 bytes an id.

    Args:
        ids: (samples,) strings or whole numbers.
        stored: they are a history's own, read back from where it keeps them: distinct, and nobody else's to change.
            They are neither checked nor copied, so they may be memory-mapped.
    """

    def __init__(self, ids: Iterable[Any] | AnyArray, *, stored: bool = False) -> None:
        self.ids = as_ids(ids) if stored else as_ids(ids).copy()  # (samples,)
        self.ids.setflags(write=False)
        if len(self.ids) == 0:
            raise InputError("Expected at least one id, got none.")
        self._hashes: tuple[NDArray[np.uint64], IntArray] | None = None
        if not stored:
            self._refuse_repeated()
        self._expected: IntArray | None = None  # None: the history's own order
        self._seen: list[IntArray] = []
        self._next = 0

    def positions(self, ids: Iterable[Any] | AnyArray) -> IntArray:
        """Where the ids of the next batch stand: (batch,) int64.

        Raises:
            UnknownIds: some are not among the known ids.
        """
        wanted = as_ids(ids)
        stop = min(self._next + len(wanted), len(self.ids))
        guess = np.arange(self._next, stop) if self._expected is None else self._expected[self._next : stop]
        found = guess if self._are(guess, wanted) else self.search(wanted)
        self._seen.append(found)
        self._next += len(wanted)
        return found

    def start_epoch(self) -> None:
        """Expect the ids in the order in which they came since the last call."""
        if self._seen:
            self._expected = np.concatenate(self._seen)
        self._seen = []
        self._next = 0

    def search(self, ids: Iterable[Any] | AnyArray) -> IntArray:
        """Like `positions`, but without guessing and without bearing on the next guess."""
        wanted = as_ids(ids)
        found = np.empty(len(wanted), dtype=np.int64)
        unknown: list[str] = []
        for part in _parts(len(wanted)):
            found[part], known = self._search(wanted[part])
            unknown += wanted[part][~known].tolist()
        if unknown:
            raise UnknownIds(unknown, f"a history of {len(self.ids)} samples")
        return found

    def _search(self, wanted: StrArray) -> tuple[IntArray, BoolArray]:
        """Where some ids stand, and which of them are known: each (wanted,)."""
        hashes, order = self._index()
        sought = _hashed(wanted)
        places = np.searchsorted(hashes, sought)  # of equal hashes the first
        last = len(hashes) - 1
        found = order[np.minimum(places, last)]
        known = self.ids[found] == wanted
        left = np.flatnonzero(~known)
        while len(left):  # other ids may share a hash: they stand behind
            places[left] += 1
            left = left[places[left] <= last]
            left = left[hashes[places[left]] == sought[left]]
            found[left] = order[places[left]]
            known[left] = self.ids[found[left]] == wanted[left]
            left = left[~known[left]]
        return found, known

    def _are(self, guess: IntArray, wanted: StrArray) -> bool:
        return len(guess) == len(wanted) and all(
            np.array_equal(self.ids[guess[part]], wanted[part]) for part in _parts(len(wanted))
        )

    def _index(self) -> tuple[NDArray[np.uint64], IntArray]:
        """The ids' hashes, ascending, and where the id of each stands: (samples,) each."""
        if self._hashes is None:
            hashes = _hashed(self.ids)
            order = np.argsort(hashes, kind="stable")
            hashes.sort(kind="stable")
            self._hashes = hashes, order
        return self._hashes

    def _refuse_repeated(self) -> None:
        hashes, order = self._index()
        again = np.flatnonzero(hashes[1:] == hashes[:-1])
        if len(again):
            names, counts = np.unique(self.ids[order[np.union1d(again, again + 1)]], return_counts=True)
            repeated = names[counts > 1].tolist()
            if repeated:
                raise InputError(f"Expected distinct ids; {len(repeated)} occur twice: {list_some(repeated)}.")


def _hashed(ids: StrArray) -> NDArray[np.uint64]:
    """A number for each id, (ids,): the same for equal ids however long the array's longest one is."""
    letters = ids.dtype.itemsize // 4
    factors = _factors(letters)
    hashes = np.empty(len(ids), dtype=np.uint64)
    for part in _parts(len(ids)):
        codes = np.ascontiguousarray(ids[part], dtype=f"=U{letters}").view(np.uint32).reshape(-1, letters)
        np.einsum("ij,j->i", codes, factors, dtype=np.uint64, casting="safe", out=hashes[part])
    return hashes


def _factors(letters: int) -> NDArray[np.uint64]:
    """An odd factor for each place of a letter: the bits of the golden ratio's multiples, mixed."""
    numbers = np.arange(1, letters + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    numbers ^= numbers >> np.uint64(30)
    numbers *= np.uint64(0xBF58476D1CE4E5B9)
    numbers ^= numbers >> np.uint64(27)
    numbers *= np.uint64(0x94D049BB133111EB)
    return (numbers ^ (numbers >> np.uint64(31))) | np.uint64(1)


def _parts(length: int) -> Iterator[slice]:
    return (slice(start, min(start + AT_ONCE, length)) for start in range(0, length, AT_ONCE))
