"""Where ids stand in a history: at once when they come as in the epoch before, by search otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from swither.arrays import AnyArray, IntArray, StrArray, to_numpy
from swither.errors import InputError, UnknownIds, list_some


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
    history's own order), which costs one comparison. A wrong guess falls back to a search among sorted ids.
    """

    def __init__(self, ids: Iterable[Any] | AnyArray) -> None:
        self.ids = as_ids(ids).copy()  # (samples,)
        self.ids.setflags(write=False)
        if len(self.ids) == 0:
            raise InputError("Expected at least one id, got none.")
        self._order = np.argsort(self.ids, kind="stable")  # (samples,)
        self._sorted = self.ids[self._order]
        again = self._sorted[1:] == self._sorted[:-1]
        if again.any():
            repeated = np.unique(self._sorted[1:][again])
            raise InputError(f"Expected distinct ids; {len(repeated)} occur twice: {list_some(repeated.tolist())}.")
        self._expected: IntArray = np.arange(len(self.ids))
        self._seen: list[IntArray] = []
        self._next = 0

    def positions(self, ids: Iterable[Any] | AnyArray) -> IntArray:
        """Where the ids of the next batch stand: (batch,) int64.

        Raises:
            UnknownIds: some are not among the known ids.
        """
        wanted = as_ids(ids)
        guess = self._expected[self._next : self._next + len(wanted)]
        if np.array_equal(self.ids[guess], wanted):
            found = guess
        else:
            found = self.search(wanted)
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
        places = np.minimum(np.searchsorted(self._sorted, wanted), len(self.ids) - 1)
        unknown = self._sorted[places] != wanted
        if unknown.any():
            raise UnknownIds(wanted[unknown].tolist(), f"a history of {len(self.ids)} samples")
        return self._order[places]
