"""k-center greedy beside the plain loop of one matrix-vector product per pick, on the same features.

Run: python benchmarks/kcenter.py [--full] [--json FILE]. Threads: set OMP_NUM_THREADS before starting.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from swither.acquisition import kcenter
from swither.arrays import FloatArray

SIZES = {"default": (15_000, 2_000, 800, 3), "full": (45_000, 5_000, 2_500, 3)}  # pool, centres, picks, repeats
WIDTH = 512


def clustered(samples: int, generator: np.random.Generator) -> FloatArray:
    """What a trained ResNet-18 gives: non-negative, low-rank, ten clusters of unequal spread, heavy tails."""
    classes, rank = 10, 40
    means = generator.normal(size=(classes, rank)) * 1.5
    basis = generator.normal(size=(rank, WIDTH)) / np.sqrt(rank)
    spread = generator.gamma(4.0, 0.25, size=(samples, 1))
    latent = means[generator.integers(classes, size=samples)] + spread * generator.normal(size=(samples, rank))
    return np.maximum(latent @ basis, 0.0).astype(np.float32)


def gaussian(samples: int, generator: np.random.Generator) -> FloatArray:
    """The hard case: no structure, so that all distances are nearly equal."""
    return generator.normal(size=(samples, WIDTH)).astype(np.float32)


def matvec_loop(points: FloatArray, centres: FloatArray, count: int) -> list[int]:
    """What is commonly run, at its best: one running minimum, one matrix-vector product per pick, float32."""
    norms = np.einsum("ij,ij->i", points, points)
    nearest = np.full(len(points), np.inf, dtype=np.float32)
    for start in range(0, len(centres), 500):
        some = centres[start : start + 500]
        squared = norms[:, None] + np.einsum("ij,ij->i", some, some) - 2 * points @ some.T
        np.minimum(nearest, squared.min(axis=1), out=nearest)
    chosen = []
    for _ in range(count):
        best = int(nearest.argmax())
        chosen.append(best)
        np.minimum(nearest, norms + norms[best] - 2 * (points @ points[best]), out=nearest)
        nearest[best] = -np.inf
    return chosen


def exact_loop(points: FloatArray, centres: FloatArray, count: int) -> list[int]:
    """The definition: differences, squares and sums in float64, equal distances in the order of rows."""
    points, centres = points.astype(np.float64), centres.astype(np.float64)
    nearest = np.full(len(points), np.inf)
    for centre in centres:
        np.minimum(nearest, np.square(points - centre).sum(axis=1), out=nearest)
    chosen = []
    for _ in range(count):
        best = int(nearest.argmax())
        chosen.append(best)
        np.minimum(nearest, np.square(points - points[best]).sum(axis=1), out=nearest)
        nearest[best] = -np.inf
    return chosen


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = function()
    return time.perf_counter() - start, answer


def measure(features: Callable[..., FloatArray], size: tuple[int, int, int, int]) -> dict[str, Any]:
    pool, labelled, picks, repeats = size
    both = features(pool + labelled, np.random.default_rng(0))
    points, centres = both[:pool], both[pool:]
    lazy, loop = [], []
    for _ in range(repeats):  # interleaved, so that a busy moment meets both
        seconds, selection = timed(lambda: kcenter(points, centres, picks))
        lazy.append(seconds)
        seconds, plain = timed(lambda: matvec_loop(points, centres, picks))
        loop.append(seconds)
    ours = selection.positions.tolist()
    check = exact_loop(points[:3000], centres[:200], 300)
    part = kcenter(points[:3000], centres[:200], 300).positions.tolist()
    return {
        "features": features.__name__,
        "pool": pool,
        "labelled": labelled,
        "width": WIDTH,
        "picks": picks,
        "seconds": statistics.median(lazy),
        "seconds_matvec_loop": statistics.median(loop),
        "ratio": statistics.median(loop) / statistics.median(lazy),
        "same_set_as_matvec_loop": len(set(ours) & set(plain)) / picks,
        "same_order_as_exact_loop": part == check,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="45,000 x 512, 5,000 labelled, 2,500 picks")
    parser.add_argument("--json", type=Path, help="write the rows here as well")
    arguments = parser.parse_args()
    circumstances = {
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
    }
    rows = []
    for features in (clustered, gaussian):
        row = measure(features, SIZES["full" if arguments.full else "default"])
        rows.append(row)
        print(
            f"{row['features']:>9}: {row['pool']:,} x {WIDTH}, {row['labelled']:,} labelled, {row['picks']:,} picks: "
            f"{row['seconds']:.2f} s, matvec loop {row['seconds_matvec_loop']:.2f} s, {row['ratio']:.1f}x; "
            f"{row['same_set_as_matvec_loop']:.1%} of the loop's set; "
            f"exact loop {'agrees' if row['same_order_as_exact_loop'] else 'DIFFERS'}"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps({"circumstances": circumstances, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
