"""One seed, and a name for every purpose: streams that do not touch each other or anything global."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swither.randomness import derive, generator, keyed_order

NAMES = st.lists(st.one_of(st.text(max_size=5), st.integers(0, 99)), max_size=3)


@given(seed=st.integers(0, 2**63 - 1), names=NAMES)
def test_a_derived_seed_fits_every_generator(seed: int, names: list[str | int]) -> None:
    assert 0 <= derive(seed, *names) < 2**63
    assert derive(seed, *names) == derive(seed, *names)


def test_every_part_of_a_name_counts() -> None:
    seeds = {derive(*parts) for parts in ((0,), (1,), (0, "a"), (0, "b"), (0, "a", 1), (0, "a", 2), (0, "a1"), (10,))}
    assert len(seeds) == 8


def test_parts_of_a_name_do_not_run_together() -> None:
    assert derive(0, "ab", "c") != derive(0, "a", "bc")
    assert derive(1, 23) != derive(12, 3)


def test_a_derived_seed_is_the_same_in_another_process() -> None:
    code = "from swither.randomness import derive; print(derive(7, 'epoch', 3))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == derive(7, "epoch", 3)


def test_generators_of_two_purposes_differ_and_of_one_are_equal() -> None:
    one, again, other = (generator(0, name).random(8) for name in ("a", "a", "b"))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@given(st.sets(st.text(min_size=1, max_size=8), max_size=30), st.randoms(use_true_random=False))
def test_no_source_order_changes_a_keyed_order(ids: set[str], shuffler: random.Random) -> None:
    first = sorted(ids)
    second = list(first)
    shuffler.shuffle(second)
    ordered = [first[position] for position in keyed_order(first, 3, "candidates")]
    assert ordered == [second[position] for position in keyed_order(second, 3, "candidates")]
    assert sorted(ordered) == first


def test_a_keyed_order_keeps_the_others_in_place_when_an_id_goes() -> None:
    ids = [f"image-{number}" for number in range(50)]
    order = [ids[position] for position in keyed_order(ids, 0, "cycle", 1)]
    fewer = ids[:20] + ids[21:]
    assert [fewer[position] for position in keyed_order(fewer, 0, "cycle", 1)] == [i for i in order if i != ids[20]]


def test_a_keyed_order_is_that_of_the_hashes_bytes() -> None:
    ids = [f"image-{number}" for number in range(2000)]
    key = hashlib.blake2b(b"5\x1fcandidates\x1f2", digest_size=32).digest()
    hashes = [hashlib.blake2b(i.encode(), digest_size=16, key=key).digest() for i in ids]
    assert keyed_order(ids, 5, "candidates", 2).tolist() == sorted(range(2000), key=hashes.__getitem__)
    assert keyed_order([], 5).tolist() == []


@pytest.mark.parametrize("names", [("cycle", 1), ("cycle", 2), ("other",)])
def test_another_seed_or_name_gives_another_order(names: tuple[str | int, ...]) -> None:
    ids = [f"image-{number}" for number in range(50)]
    assert keyed_order(ids, 0, "cycle", 0).tolist() != keyed_order(ids, 0, *names).tolist()
    assert keyed_order(ids, 0, *names).tolist() != keyed_order(ids, 1, *names).tolist()


def test_every_id_comes_first_about_as_often() -> None:
    ids = [f"image-{number}" for number in range(4)]
    first = np.bincount([keyed_order(ids, seed)[0] for seed in range(2000)], minlength=4)
    chi_square = ((first - 500) ** 2 / 500).sum()
    assert chi_square < 16.3  # the 99.9th percentile with 3 degrees of freedom; the seeds are fixed


def test_nothing_global_is_drawn_from() -> None:
    np.random.seed(0)  # noqa: NPY002 (the global state is what is looked at)
    random.seed(0)
    before = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    generator(0, "a").random(3)
    keyed_order(["a", "b"], 0)
    assert np.array_equal(before[0], np.random.get_state()[1])  # noqa: NPY002
    assert before[1] == random.getstate()
