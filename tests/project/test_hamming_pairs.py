from __future__ import annotations

import os
import time

import numpy as np
import pytest

from swither.project.hamming_pairs import HammingIndex, bits_apart


def brute_force(hashes: np.ndarray, most_bits: int) -> list[list[int]]:
    values = hashes.tolist()
    return [
        [i, j]
        for i in range(len(values))
        for j in range(i + 1, len(values))
        if (values[i] ^ values[j]).bit_count() <= most_bits
    ]


def fresh() -> np.random.Generator:
    seed = int.from_bytes(os.urandom(4), "big")
    print("seed", seed)
    return np.random.default_rng(seed)


def with_neighbours(draw: np.random.Generator, count: int) -> np.ndarray:
    """Random hashes, of which many are others with 0 to 10 bits turned."""
    hashes = [int(h) for h in draw.integers(0, 1 << 64, count // 3, dtype=np.uint64)]
    while len(hashes) < count:
        value = hashes[draw.integers(len(hashes))]
        for bit in draw.choice(64, draw.integers(0, 11), replace=False):
            value ^= 1 << int(bit)
        hashes.append(value)
    return np.array(hashes, dtype=np.uint64)[draw.permutation(count)]


@pytest.mark.parametrize("most_bits", range(8))
def test_the_index_finds_what_brute_force_finds(most_bits: int) -> None:
    hashes = with_neighbours(fresh(), 400)
    assert HammingIndex(most_bits).add(hashes).tolist() == brute_force(hashes, most_bits)


def test_hashes_added_a_few_at_a_time_give_the_same_pairs() -> None:
    draw = fresh()
    hashes = with_neighbours(draw, 300)
    index, pairs, start = HammingIndex(), [], 0
    while start < len(hashes):
        end = start + int(draw.integers(0, 40))
        pairs += index.add(hashes[start:end]).tolist()
        start = end
    assert sorted(pairs) == brute_force(hashes, 7)


def test_bits_are_counted() -> None:
    draw = fresh()
    ours, theirs = draw.integers(0, 1 << 64, (2, 200), dtype=np.uint64)
    assert bits_apart(ours, theirs).tolist() == [int(value).bit_count() for value in (ours ^ theirs).tolist()]


def test_a_thousand_equal_hashes_hang_together_without_a_million_pairs() -> None:
    pairs = HammingIndex(most_equal=4).add(np.zeros(1000, dtype=np.uint64))
    assert len(pairs) < 4 * 1000
    assert {int(number) for number in pairs[:, 1]} == set(range(1, 1000))


def test_nothing_added_is_nothing_found() -> None:
    assert HammingIndex().add(np.zeros(0, dtype=np.uint64)).shape == (0, 2)


def test_the_work_does_not_grow_with_the_square() -> None:
    draw = np.random.default_rng(0)

    def seconds(count: int) -> float:
        hashes = draw.integers(0, 1 << 64, count, dtype=np.uint64)
        started = time.process_time()
        HammingIndex().add(hashes)
        return time.process_time() - started

    seconds(1000)
    # Eight times as many would take 64 times as long; look-ups and sorting take 8, candidates in 65,536 drawers more.
    assert min(seconds(24_000) for _ in range(3)) < 30 * min(seconds(3_000) for _ in range(3))
