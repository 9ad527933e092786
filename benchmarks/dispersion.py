"""Dispersion of 50,000 x 100 labels beside scipy.stats.mode, torch.mode and a Counter, on the same labels.

Run: python benchmarks/dispersion.py [--repeats N] [--json FILE]. All but torch run on one thread whatever is set;
torch is told to. The calls are interleaved, so that a busy moment meets them all; the times are medians, the
ratios those of medians and, in brackets, of the fastest calls.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from scipy.stats import mode

from swither.arrays import FloatArray, IntArray
from swither.dynamics import LabelHistory, RunningCounts, dispersion

SAMPLES, EPOCHS = 50_000, 100
GOAL = 15.0
"""How many times faster than scipy.stats.mode, with 10 classes."""


def uniform(classes: int, generator: np.random.Generator) -> IntArray:
    """The hard case: every label drawn anew, so that nothing settles."""
    return generator.integers(0, classes, (EPOCHS, SAMPLES)).astype(np.uint8)


def learning(classes: int, generator: np.random.Generator) -> IntArray:
    """What training gives: a sample keeps a label once it is learned, most of them early, and slips at times."""
    labels = generator.integers(0, classes, (EPOCHS, SAMPLES))
    learned = generator.exponential(EPOCHS / 5, SAMPLES)  # (samples,) the epoch from which a label is kept
    slips = generator.random((EPOCHS, SAMPLES)) < 0.05
    kept = (np.arange(EPOCHS)[:, None] >= learned) & ~slips
    return np.where(kept, generator.integers(0, classes, SAMPLES), labels).astype(np.uint8)


def by_scipy(labels: IntArray) -> FloatArray:
    return 1 - mode(labels, axis=0).count / len(labels)


def by_counter(labels: IntArray) -> FloatArray:
    columns = labels.T.tolist()
    return np.array([1 - max(Counter(column).values()) / len(column) for column in columns])


def by_torch(labels: IntArray) -> FloatArray:
    import torch

    torch.set_num_threads(1)
    tensor = torch.from_numpy(labels)
    modal = torch.mode(tensor, dim=0).values
    return 1 - (tensor == modal).sum(dim=0).numpy() / len(labels)


def side_by_side(calls: Mapping[str, Callable[[], FloatArray]], repeats: int) -> dict[str, Any]:
    """Medians of interleaved calls, and whether every answer is ours."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    answers: dict[str, FloatArray] = {}
    for _ in range(repeats):
        for name, call in calls.items():
            start = time.perf_counter()
            answers[name] = call()
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    return {
        "seconds": medians,
        "ratio": {name: median / medians["swither"] for name, median in medians.items() if name != "swither"},
        "ratio_of_fastest": {n: min(t) / min(seconds["swither"]) for n, t in seconds.items() if n != "swither"},
        "agree": all(np.allclose(answer, answers["swither"], rtol=0, atol=1e-6) for answer in answers.values()),
    }


def measure(kind: Callable[..., IntArray], classes: int, repeats: int, *, counter: bool) -> dict[str, Any]:
    labels = kind(classes, np.random.default_rng(0))
    history = LabelHistory.from_labels(np.arange(SAMPLES), classes, labels)
    calls: dict[str, Callable[[], FloatArray]] = {
        "swither": lambda: dispersion(history),
        "scipy.stats.mode": lambda: by_scipy(labels),
    }
    if importlib.util.find_spec("torch"):
        calls["torch.mode"] = lambda: by_torch(labels)
    if counter:
        calls["Counter"] = lambda: by_counter(labels)
    shape = {"labels": kind.__name__, "classes": classes, "samples": SAMPLES, "epochs": EPOCHS}
    return {"work": "dispersion", **shape, **side_by_side(calls, repeats)}


def measure_one_epoch(classes: int, repeats: int) -> dict[str, Any]:
    """One epoch added to counts that are kept up while training, and whether they end where dispersion does."""
    labels = learning(classes, np.random.default_rng(0))
    counts = RunningCounts(SAMPLES, classes)
    seconds = []
    for row in labels:
        start = time.perf_counter()
        counts.add(row)
        seconds.append(time.perf_counter() - start)
    return {
        "work": "one epoch added to running counts",
        "classes": classes,
        "samples": SAMPLES,
        "seconds": {"swither": statistics.median(seconds)},
        "agree": bool(np.allclose(counts.dispersion(), dispersion(labels), rtol=0, atol=1e-12)),
        "repeats": max(repeats, EPOCHS),
    }


def run(repeats: int = 9) -> dict[str, Any]:
    """Measure every row, and say under which circumstances."""
    rows = [
        measure(uniform, 10, repeats, counter=True),
        measure(learning, 10, repeats, counter=False),
        measure(uniform, 100, repeats, counter=False),
        measure(learning, 100, repeats, counter=False),
        measure_one_epoch(10, repeats),
    ]
    return {
        "benchmark": "dispersion",
        "goal": f"at least {GOAL:g} times scipy.stats.mode with 10 classes; one epoch under 1 ms",
        "circumstances": {
            "threads": os.environ.get("OMP_NUM_THREADS", "all"),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "python": platform.python_version(),
            "processor": platform.processor() or platform.machine(),
            "repeats": repeats,
        },
        "rows": rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--json", type=Path, help="write the result here as well")
    arguments = parser.parse_args()
    result = run(arguments.repeats)
    for row in result["rows"]:
        times = ", ".join(f"{name} {1000 * seconds:.2f} ms" for name, seconds in row["seconds"].items())
        fastest = row.get("ratio_of_fastest", {})
        ratios = ", ".join(f"{x:.1f}x {name} ({fastest[name]:.1f}x)" for name, x in row.get("ratio", {}).items())
        labels = f"{row['labels']} labels, " if "labels" in row else ""
        print(
            f"{row['work']}, {labels}{row['classes']} classes: {times}"
            f"{'; ' + ratios if ratios else ''}; {'agree' if row['agree'] else 'DIFFER'}"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
