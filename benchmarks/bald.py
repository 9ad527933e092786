"""BALD in blocks beside the usual way, which holds all passes at once as (passes, samples, classes).

Run: python benchmarks/bald.py [--full] [--json FILE]. Threads: set OMP_NUM_THREADS before starting.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from swither.acquisition import bald
from swither.arrays import FloatArray

SIZES = {"default": (15_000, 10, 100), "full": (45_000, 25, 100)}  # samples, passes, classes
REPEATS = 5


def all_at_once(logits: list[FloatArray]) -> FloatArray:
    """As it is commonly written: a stack of softmaxes, a small constant inside the logarithm."""
    p = softmax(np.stack(logits), axis=2)  # (passes, samples, classes)
    mean = p.mean(axis=0)
    of_mean = -(mean * np.log(mean + 1e-10)).sum(axis=1)
    return np.asarray(of_mean + (p * np.log(p + 1e-10)).sum(axis=2).mean(axis=0))


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    answer = function()
    return time.perf_counter() - start, answer


def peak_mebibytes(function: Callable[[], Any]) -> float:
    tracemalloc.start()
    function()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="45,000 samples, 25 passes, 100 classes")
    parser.add_argument("--json", type=Path, help="write the row here as well")
    arguments = parser.parse_args()
    samples, passes, classes = SIZES["full" if arguments.full else "default"]
    draw = np.random.default_rng(0)
    logits = [3 * draw.standard_normal((samples, classes), dtype=np.float32) for _ in range(passes)]
    ours, theirs = [], []
    for _ in range(REPEATS):  # interleaved, so that a busy moment meets both
        seconds, scores = timed(lambda: bald(logits, passes=passes))
        ours.append(seconds)
        seconds, plain = timed(lambda: all_at_once(logits))
        theirs.append(seconds)
    row = {
        "samples": samples,
        "passes": passes,
        "classes": classes,
        "seconds": statistics.median(ours),
        "seconds_all_at_once": statistics.median(theirs),
        "ratio": statistics.median(theirs) / statistics.median(ours),
        "mebibytes": peak_mebibytes(lambda: bald(logits, passes=passes)),
        "mebibytes_all_at_once": peak_mebibytes(lambda: all_at_once(logits)),
        "largest_difference": float(np.abs(scores - plain).max()),
    }
    print(
        f"{samples:,} samples, {passes} passes, {classes} classes: {row['seconds']:.3f} s and "
        f"{row['mebibytes']:.0f} MiB; all at once {row['seconds_all_at_once']:.3f} s and "
        f"{row['mebibytes_all_at_once']:.0f} MiB, {row['ratio']:.1f}x; differ by {row['largest_difference']:.1g}"
    )
    if arguments.json:
        circumstances = {
            "threads": os.environ.get("OMP_NUM_THREADS", "all"),
            "numpy": np.__version__,
            "python": platform.python_version(),
            "processor": platform.processor() or platform.machine(),
        }
        arguments.json.write_text(json.dumps({"circumstances": circumstances, "rows": [row]}, indent=1) + "\n")


if __name__ == "__main__":
    main()
