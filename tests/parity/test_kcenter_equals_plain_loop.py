"""The lazy farthest-first traversal chooses what the plain loop chooses, in the same order, on fresh inputs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from swither.acquisition import kcenter
from swither.acquisition.farthest_first import least_memory
from swither.arrays import FloatArray
from swither.data.embedding_file import EmbeddingFile
from swither.errors import InputError


def plain(points: FloatArray, centres: FloatArray, count: int) -> list[int]:
    """One running minimum, all distances by their definition in float64, the first of equal ones."""
    points, centres = points.astype(np.float64), centres.astype(np.float64)
    chosen: list[int] = []
    nearest = np.full(len(points), np.inf)
    for centre in centres:
        nearest = np.minimum(nearest, np.square(points - centre).sum(axis=1))
    if not len(centres):
        chosen.append(int(np.square(points - points.mean(axis=0)).sum(axis=1).argmin()))
        nearest = np.square(points - points[chosen[0]]).sum(axis=1)
        nearest[chosen] = -np.inf
    while len(chosen) < count:
        best = int(nearest.argmax())
        chosen.append(best)
        nearest = np.minimum(nearest, np.square(points - points[best]).sum(axis=1))
        nearest[chosen] = -np.inf
    return chosen


def gaussian(draw: np.random.Generator, samples: int, width: int) -> FloatArray:
    return draw.normal(size=(samples, width)).astype(np.float32)


def lattice(draw: np.random.Generator, samples: int, width: int) -> FloatArray:
    """Whole numbers: equal distances everywhere, and many copies."""
    return draw.integers(0, 3, size=(samples, min(width, 4))).astype(np.float32)


def few_images(draw: np.random.Generator, samples: int, width: int) -> FloatArray:
    """Five points, each many times over."""
    return draw.normal(size=(5, width))[draw.integers(0, 5, size=samples)]


def far_from_zero(draw: np.random.Generator, samples: int, width: int) -> FloatArray:
    """Where |x|^2 + |c|^2 - 2 x.c loses every digit."""
    return 1e4 + 1e-2 * draw.normal(size=(samples, width))


def any_scale(draw: np.random.Generator, samples: int, width: int) -> FloatArray:
    """Low-rank, non-negative features whose squares leave float32's range."""
    features = np.maximum(draw.normal(size=(samples, 4)) @ draw.normal(size=(4, width)), 0)
    return features * 10.0 ** draw.integers(-60, 60)


def near_copies(draw: np.random.Generator, samples: int, width: int) -> FloatArray:
    """Tight clusters far apart: within one, float32 cannot tell the distances from each other."""
    return (few_images(draw, samples, width) + 1e-6 * draw.normal(size=(samples, width))).astype(np.float64)


MODULE = "swither.acquisition.farthest_first"
KINDS = [gaussian, lattice, few_images, far_from_zero, any_scale, near_copies]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("labelled", ["many", "none"])
def test_lazy_traversal_equals_the_plain_loop(make: Callable[..., FloatArray], labelled: str) -> None:
    for seed in range(12):
        draw = np.random.default_rng([seed, KINDS.index(make)])
        samples, width = int(draw.integers(1, 300)), int(draw.integers(1, 40))
        centres = int(draw.integers(1, 200)) if labelled == "many" else 0
        both = make(draw, samples + centres, width)
        count = int(draw.integers(1, samples + 1))
        got = kcenter(both[:samples], both[samples:], count)
        assert got.positions.tolist() == plain(both[:samples], both[samples:], count), seed


@pytest.mark.parametrize("sizes", [(1, 1, 1), (8, 16, 32), (64, 4096, 4096)])
def test_block_sizes_change_nothing(sizes: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(3)
    points, centres = gaussian(draw, 500, 16), gaussian(draw, 40, 16)
    for name, size in zip(("LEAST_BLOCK", "FIRST_BLOCK", "LARGEST_BLOCK"), sizes, strict=True):
        monkeypatch.setattr(f"{MODULE}.{name}", size)
    monkeypatch.setattr(f"{MODULE}.CENTRES_AT_ONCE", 7)
    monkeypatch.setattr(f"{MODULE}.ROWS_AT_ONCE", 5)
    assert kcenter(points, centres, 120).positions.tolist() == plain(points, centres, 120)


def test_a_long_traversal_of_clusters_equals_the_plain_loop() -> None:
    draw = np.random.default_rng(4)
    means = draw.normal(size=(10, 12)) * 2
    latent = means[draw.integers(10, size=4400)] + draw.normal(size=(4400, 12))
    both = np.maximum(latent @ draw.normal(size=(12, 64)), 0).astype(np.float32)
    got = kcenter(both[:4000], both[4000:], 900).positions.tolist()
    assert got == plain(both[:4000], both[4000:], 900)


def test_memory_stays_within_the_input_and_a_few_blocks() -> None:
    draw = np.random.default_rng(5)
    points, centres = gaussian(draw, 40_000, 128), gaussian(draw, 2_000, 128)
    tracemalloc.start()
    try:
        kcenter(points, centres, 200)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # 200,000 x 512 take 410 MB; a copy of the input and 150 MiB of blocks leave room below 1 GiB there.
    assert peak < points.nbytes + centres.nbytes + 150 * 2**20


def stored(path: Path, values: FloatArray) -> FloatArray:
    np.save(path, values)
    mapped: FloatArray = np.load(path, mmap_mode="r")
    return mapped


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("labelled", ["many", "none"])
def test_reading_the_points_again_and_again_chooses_what_the_plain_loop_chooses(
    make: Callable[..., FloatArray], labelled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{MODULE}.FIRST_ELEMENTS", 500)  # several blocks of first bounds
    for seed in range(6):
        draw = np.random.default_rng([seed, 7])
        samples, width = int(draw.integers(1, 300)), int(draw.integers(1, 40))
        centres = int(draw.integers(1, 200)) if labelled == "many" else 0
        both = make(draw, samples + centres, width)
        count = int(draw.integers(1, samples + 1))
        mapped = stored(tmp_path / f"{seed}.npy", both[:samples])
        least = least_memory(samples, both.shape[1], max(1, centres) + count + 1)
        got = kcenter(mapped, both[samples:], count, memory=least)
        assert got.positions.tolist() == plain(both[:samples], both[samples:], count), seed


def test_half_precision_from_the_embedding_store_is_chosen_from_as_it_lies_there(tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    file = EmbeddingFile(tmp_path, 16)
    file.append([f"{number}" for number in range(300)], draw.normal(size=(300, 16)))
    values, centres = file.values(), draw.normal(size=(20, 16)).astype(np.float16)
    assert isinstance(values, np.memmap)
    least = least_memory(300, 16, 141)
    expected = plain(np.array(values), centres, 120)
    assert kcenter(values, centres, 120, memory=least).positions.tolist() == expected


def test_too_little_memory_is_refused_with_what_it_takes() -> None:
    with pytest.raises(InputError, match=r"at least [\d,]+ bytes for 10 points of 2 numbers"):
        kcenter(np.eye(10, 2), np.eye(1, 2), 3, memory=1000)


POINTS, WIDTH, LABELLED, COUNT = 150_000, 512, 200, 100
CODE = """
import sys
import numpy as np
from swither.acquisition import kcenter

points, centres = (np.load(path, mmap_mode="r") for path in sys.argv[1:3])
count, ceiling = map(int, sys.argv[3:])
kcenter(points[:3000], centres, 20)  # whatever is loaded or kept once and for all
allow(ceiling)
print(kcenter(points, centres, count, memory=ceiling).positions.tolist())
try:
    kcenter(points, centres, count)
    print("a copy fits as well")
except MemoryError:
    print("a copy would not have fitted")
"""


def test_a_pool_larger_than_the_ceiling_is_chosen_from_within_it(
    tmp_path: Path, run_bounded: Callable[..., list[str]]
) -> None:
    draw = np.random.default_rng(4)
    basis = draw.standard_normal((20, WIDTH), np.float32)
    both = np.maximum(draw.standard_normal((POINTS + LABELLED, 20), np.float32) @ basis, 0).astype(np.float16)
    np.save(tmp_path / "points.npy", both[:POINTS])
    np.save(tmp_path / "centres.npy", both[POINTS:])
    ceiling = least_memory(POINTS, WIDTH, LABELLED + COUNT + 1)
    assert ceiling < POINTS * WIDTH * 2 + (8 << 20)  # hardly more than the file, and half of a copy in float32
    printed = run_bounded(CODE, tmp_path / "points.npy", tmp_path / "centres.npy", COUNT, ceiling)
    assert printed[0] == str(kcenter(both[:POINTS], both[POINTS:], COUNT).positions.tolist())
    assert printed[1] == "a copy would not have fitted"
