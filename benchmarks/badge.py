"""BADGE beside plain k-means++, which brings every factorised distance up to date after each pick, on the same inputs.

Run: python benchmarks/badge.py [--full] [--json FILE]. Threads: set OMP_NUM_THREADS before starting.
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

from swither.acquisition import badge
from swither.arrays import FloatArray, IntArray

SIZES = {"default": (15_000, 800, 3), "full": (45_000, 2_500, 1)}  # pool, picks, repeats
WIDTH, CLASSES = 512, 10


def trained(samples: int, generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """What a trained ResNet-18 gives: low-rank, non-negative features in ten clusters, most predictions confident."""
    rank = 40
    means = generator.normal(size=(CLASSES, rank)) * 1.5
    basis = generator.normal(size=(rank, WIDTH)) / np.sqrt(rank)
    spread = generator.gamma(4.0, 0.25, size=(samples, 1))
    classes = generator.integers(CLASSES, size=samples)
    latent = means[classes] + spread * generator.normal(size=(samples, rank))
    logits = latent @ means.T * 0.08
    return _softmax(logits), np.maximum(latent @ basis, 0.0).astype(np.float32)


def gaussian(samples: int, generator: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """No structure, so that all distances are nearly equal."""
    features = generator.normal(size=(samples, WIDTH)).astype(np.float32)
    return _softmax(features @ generator.normal(size=(WIDTH, CLASSES)) * 0.05), features


def _softmax(logits: FloatArray) -> FloatArray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def plain(probabilities: FloatArray, embeddings: FloatArray, count: int, generator: np.random.Generator) -> list[int]:
    """What is commonly run, at its best: one factorised matrix-vector product for each pick, float32."""
    residuals = probabilities - np.eye(CLASSES, dtype=np.float32)[probabilities.argmax(axis=1)]
    norms = np.square(residuals).sum(axis=1) * np.square(embeddings).sum(axis=1)
    chosen = [int(norms.argmax())]
    nearest = np.full(len(norms), np.inf, dtype=np.float32)
    while True:
        last = chosen[-1]
        products = (residuals @ residuals[last]) * (embeddings @ embeddings[last])
        np.minimum(nearest, np.maximum(norms + norms[last] - 2 * products, 0), out=nearest)
        nearest[chosen] = 0
        if len(chosen) == count:
            return chosen
        cumulative = np.cumsum(nearest, dtype=np.float64)
        chosen.append(int(np.searchsorted(cumulative, generator.random() * cumulative[-1], side="right")))


def left(probabilities: FloatArray, embeddings: FloatArray, chosen: IntArray) -> float:
    """The sum of squared distances from every gradient to its nearest chosen one: what k-means++ keeps small."""
    residuals = probabilities - np.eye(CLASSES, dtype=np.float32)[probabilities.argmax(axis=1)]
    norms = np.square(residuals).sum(axis=1) * np.square(embeddings).sum(axis=1)
    total = 0.0
    for start in range(0, len(norms), 1000):
        some = slice(start, start + 1000)
        products = (residuals[some] @ residuals[chosen].T) * (embeddings[some] @ embeddings[chosen].T)
        squared = norms[some, None] + norms[chosen] - 2 * products
        total += float(np.maximum(squared.min(axis=1), 0).sum())
    return total


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = function()
    return time.perf_counter() - start, answer


def measure(inputs: Callable[..., tuple[FloatArray, FloatArray]], size: tuple[int, int, int]) -> dict[str, Any]:
    pool, picks, repeats = size
    evidence = inputs(pool, np.random.default_rng(0))
    lazy, loop, leavings = [], [], []
    for seed in range(repeats):  # interleaved, so that a busy moment meets both
        draw = np.random.default_rng(seed)
        seconds, selection = timed(lambda draw=draw: badge(*evidence, picks, draw))  # type: ignore[misc]
        lazy.append(seconds)
        seconds, rows = timed(lambda draw=draw: plain(*evidence, picks, draw))  # type: ignore[misc]
        loop.append(seconds)
        leavings.append(left(*evidence, selection.positions) / left(*evidence, np.array(rows)))
    return {
        "inputs": inputs.__name__,
        "pool": pool,
        "width": WIDTH,
        "classes": CLASSES,
        "picks": picks,
        "mean_confidence": float(evidence[0].max(axis=1).mean()),
        "seconds": statistics.median(lazy),
        "seconds_plain_loop": statistics.median(loop),
        "ratio": statistics.median(loop) / statistics.median(lazy),
        "distance_left_beside_plain_loop": statistics.median(leavings),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="45,000 x 512, 10 classes, 2,500 picks, once")
    parser.add_argument("--json", type=Path, help="write the rows here as well")
    arguments = parser.parse_args()
    circumstances = {
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
    }
    rows = []
    for inputs in (trained, gaussian):
        row = measure(inputs, SIZES["full" if arguments.full else "default"])
        rows.append(row)
        print(
            f"{row['inputs']:>9}: {row['pool']:,} x {WIDTH}, {CLASSES} classes, {row['picks']:,} picks: "
            f"{row['seconds']:.2f} s, plain loop {row['seconds_plain_loop']:.2f} s, {row['ratio']:.1f}x; "
            f"leaves {row['distance_left_beside_plain_loop']:.3f} of the distance that the loop leaves"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps({"circumstances": circumstances, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
