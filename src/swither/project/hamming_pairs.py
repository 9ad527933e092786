"""Pairs of 64-bit hashes that differ in few bits, found without looking at every pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

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
    over all values that is 68 look-ups and some hundred candidates among 100,000 hashes.

    Args:
        most_bits: 0 to 7.
        most_equal: of more equal hashes than this, only the first so many are found by those added later: a thousand
            images of one hash must not make a million pairs.

    Example:
        >>> index = HammingIndex(most_bits=1)
        >>> index.add(np.array([0b1000, 0b1111, 0b1001], dtype=np.uint64)).tolist()
        [[0, 2]]
    """

    def __init__(self, most_bits: int = MOST_BITS, most_equal: int = 32) -> None:
        assert 0 <= most_bits <= MOST_BITS, most_bits
        self.most_bits, self.most_equal = most_bits, most_equal
        self._hashes = np.zeros(0, dtype=np.uint64)  # of those that can be found
        self._numbers = np.zeros(0, dtype=np.int64)  # likewise
        self._equal: Counter[int] = Counter()
        self._count = 0

    def add(self, hashes: AnyArray) -> IntArray:
        """Add hashes and find which are close to each other, or to those added before.

        Args:
            hashes: (new,) uint64; they are numbered on in the order of their addition.

        Returns:
            (pairs, 2) numbers, the smaller one first, in order.
        """
        hashes = np.asarray(hashes, dtype=np.uint64)
        numbers = np.arange(self._count, self._count + len(hashes))
        self._count += len(hashes)
        findable = np.zeros(len(hashes), dtype=bool)
        for position, value in enumerate(hashes.tolist()):
            findable[position] = self._equal[value] < self.most_equal
            self._equal[value] += 1
        self._hashes = np.concatenate([self._hashes, hashes[findable]])
        self._numbers = np.concatenate([self._numbers, numbers[findable]])
        found: list[IntArray] = [np.zeros((0, 2), dtype=np.int64)]
        for band in range(BANDS):
            found += self._close(hashes, numbers, np.uint64(16 * band))
        return np.unique(np.concatenate(found), axis=0)

    def _close(self, hashes: AnyArray, numbers: IntArray, shift: np.uint64) -> Iterator[IntArray]:
        """Pairs of one that is new and one with a smaller number that agrees with it in a band, but for one bit."""
        values = (self._hashes >> shift).astype(np.uint16)
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        wanted = ((hashes >> shift).astype(np.uint16)[:, None] ^ _PROBES).ravel()  # (new * 17,)
        left, right = np.searchsorted(ordered, wanted, "left"), np.searchsorted(ordered, wanted, "right")
        for begin, end in _blocks(right - left):
            counts = (right - left)[begin:end]
            ours = np.repeat(np.arange(begin, end) // len(_PROBES), counts)
            places = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            theirs = order[np.repeat(left[begin:end], counts) + places]
            close = bits_apart(hashes[ours], self._hashes[theirs]) <= self.most_bits
            pairs = np.stack([self._numbers[theirs[close]], numbers[ours[close]]], axis=1)
            yield pairs[pairs[:, 0] < pairs[:, 1]]  # a pair of two new ones is met twice, and once is enough


def bits_apart(ours: AnyArray, theirs: AnyArray) -> AnyArray:
    """In how many bits hashes differ: (pairs,) uint64 and (pairs,) uint64 to (pairs,) numbers from 0 to 64."""
    apart = np.ascontiguousarray(ours ^ theirs).view(np.uint16).reshape(-1, 4)
    bits: AnyArray = _ONES[apart].sum(axis=1)
    return bits


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
