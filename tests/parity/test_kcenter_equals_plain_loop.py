"""The lazy farthest-first traversal chooses what the plain loop chooses, in the same order, on fresh inputs."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from swither.acquisition import kcenter
from swither.arrays import FloatArray


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
