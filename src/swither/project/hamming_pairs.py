"""Pairs of 64-bit hashes that differ in few bits, found without looking at every pair."""

from __future__ import annotations

import numpy as np

from swither.arrays import AnyArray, IntArray

BANDS = 4
MOST_BITS = 2 * BANDS - 1
"""Two hashes that differ in at most so many bits have a band that differs in at most one: a drawer's principle."""

_PROBES = np.array([0, *(1 << bit for bit in range(16))], dtype=np.uint16)  # (17,) a band as it is, or one bit off
_AT_ONCE = 1 << 21  # candidates looked at together: bounds the memory
_ONES = np.array([bin(value).count("1") for value in range(1 << 16)], dtype=np.uint8)


class HammingIndex:
    """Hashes that are added a few at a time; each addition answers the pairs that are new.

    Every hash is cut into four bands of 16 bits, and each band sorted. Of a new hash, each band is looked up as it is
    and with each one of its bits turned: whoever differs in at most 7 bits is among what is found. With hashes spread
    over all values that is 68 look-ups and some hundreds of candidates for 100,000 hashes. Equal hashes are kept once, so
    that a thousand images of one hash cost a thousand and no million.

    Args:
        most_bits: 0 to 7.

    Example:
        >>> index = HammingIndex(most_bits=1)
        >>> index.add(np.array([0b1000, 0b1111, 0b1001], dtype=np.uint64)).tolist()
        [[0, 2]]
    """

    def __init__(self, most_bits: int = MOST_BITS) -> None:
        assert 0 <= most_bits <= MOST_BITS, most_bits
        self.most_bits = most_bits
        self._distinct = np.zeros(0, dtype=np.uint64)
        self._number: dict[int, int] = {}  # hash -> its number among the distinct ones
        self._members: list[list[int]] = []  # of each distinct hash
        self._count = 0

    def add(self, hashes: AnyArray) -> IntArray:
        """Add hashes and find which are close to each other, or to those added before.

        Among equal hashes only the first is paired with the others, and it alone with those of other hashes: groups
        come out the same.

        Args:
            hashes: (new,) uint64; they are numbered on in the order of their addition.

        Returns:
            (pairs, 2) numbers, the smaller one first.
        """
        pairs, fresh = [], []
        for value in hashes.tolist():
            number = self._number.setdefault(value, len(self._members))
            if number == len(self._members):
                self._members.append([])
                fresh.append(value)
            else:
                pairs.append((self._members[number][0], self._count))
            self._members[number].append(self._count)
            self._count += 1
        start = len(self._distinct)
        self._distinct = np.append(self._distinct, np.array(fresh, dtype=np.uint64))
        first = np.array([members[0] for members in self._members], dtype=np.int64)
        close = first[self._close(start)]  # (found, 2)
        close.sort(axis=1)
        return np.concatenate([np.array(pairs, dtype=np.int64).reshape(-1, 2), close])

    def _close(self, start: int) -> IntArray:
        """Pairs of distinct hashes of which at least one has a number from `start` on."""
        new = self._distinct[start:]
        found = [np.zeros((0, 2), dtype=np.int64)]
        for band in range(BANDS) if len(new) else ():
            shift = np.uint64(16 * band)
            values = (self._distinct >> shift).astype(np.uint16)
            order = np.argsort(values, kind="stable")
            ordered = values[order]
            wanted = (values[start:, None] ^ _PROBES).ravel()  # (new * 17,)
            left, right = np.searchsorted(ordered, wanted, "left"), np.searchsorted(ordered, wanted, "right")
            for begin, end in _blocks(right - left):
                counts = (right - left)[begin:end]
                ours = np.repeat(np.arange(begin, end) // len(_PROBES) + start, counts)
                places = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
                theirs = order[np.repeat(left[begin:end], counts) + places]
                keep = theirs < ours  # a pair of two new ones is met twice, and once is enough
                ours, theirs = ours[keep], theirs[keep]
                few = bits_apart(self._distinct[ours], self._distinct[theirs]) <= self.most_bits
                found.append(np.stack([theirs[few], ours[few]], axis=1))
        return np.unique(np.concatenate(found), axis=0)


def bits_apart(ours: AnyArray, theirs: AnyArray) -> AnyArray:
    """In how many bits hashes differ: (pairs,) uint64 and (pairs,) uint64 to (pairs,) numbers from 0 to 64."""
    apart = np.ascontiguousarray(ours ^ theirs).view(np.uint16).reshape(-1, 4)
    return _ONES[apart].sum(axis=1)


def _blocks(counts: AnyArray) -> list[tuple[int, int]]:
    """Ranges of look-ups whose candidates are few enough to be looked at together."""
    ends = np.cumsum(counts)
    blocks, begin = [], 0
    while begin < len(counts):
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + _AT_ONCE, "right")))
        blocks.append((begin, end))
        begin = end
    return blocks
