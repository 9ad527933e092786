"""Dispersion of 50,000 x 100 labels beside scipy.stats.mode, torch.mode and a Counter, on the same labels.

Labels as training gives them, where a sample keeps a label once it is learned, and the hard case, every label drawn
anew. One thread each, torch too. The floor reads every label once.

Run: python benchmarks/dispersion.py [--quick] [--json FILE].
"""

from __future__ import annotations

import importlib.util
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from _measure import Measured, Row, here, interleaved, main, row, same
from scipy.stats import mode

from swither.arrays import FloatArray, IntArray
from swither.dynamics import LabelHistory, RunningCounts, dispersion

GOAL = "at least 15 times scipy.stats.mode with 10 classes; one epoch under 1 ms"
SAMPLES, EPOCHS = 50_000, 100
REPEATS = 15


def uniform(classes: int, samples: int, generator: np.random.Generator) -> IntArray:
    """The hard case: every label drawn anew, so that nothing settles."""
    return generator.integers(0, classes, (EPOCHS, samples)).astype(np.uint8)


def learning(classes: int, samples: int, generator: np.random.Generator) -> IntArray:
    """What training gives: a sample keeps a label once it is learned, most of them early, and slips at times."""
    labels = generator.integers(0, classes, (EPOCHS, samples))
    learned = generator.exponential(EPOCHS / 5, samples)  # (samples,) the epoch from which a label is kept
    slips = generator.random((EPOCHS, samples)) < 0.05
    kept = (np.arange(EPOCHS)[:, None] >= learned) & ~slips
    return np.where(kept, generator.integers(0, classes, samples), labels).astype(np.uint8)


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


def measured(kind: Callable[..., IntArray], classes: int, samples: int, repeats: int) -> Row:
    """All ways on one kind of labels, and whether every answer is the same."""
    labels = kind(classes, samples, np.random.default_rng(0))
    history = LabelHistory.from_labels(np.arange(samples), classes, labels)
    calls: dict[str, Any] = {
        "swither": here(lambda: dispersion(history)),
        "scipy.stats.mode": here(lambda: by_scipy(labels)),
        "Counter": here(lambda: by_counter(labels)),
        "floor": here(lambda: labels.max()),
    }
    if importlib.util.find_spec("torch"):
        calls["torch.mode"] = here(lambda: by_torch(labels))
    timed = interleaved(calls, repeats, once=["Counter"])
    for name, taken in timed.items():
        if name not in ("swither", "floor"):
            same(f"dispersion by {name}", timed["swither"].answer, taken.answer, tolerance=1e-6)
    goals = {"scipy.stats.mode": 15.0} if classes == 10 else None
    about = {"labels": kind.__name__, "classes": classes, "samples": samples, "epochs": EPOCHS}
    return row("dispersion", timed, goals=goals, **about)


def one_epoch(classes: int, samples: int) -> Row:
    """One epoch added to counts that are kept up while training; they must end where dispersion does."""
    labels = learning(classes, samples, np.random.default_rng(0))
    counts = RunningCounts(samples, classes)
    taken = Measured()
    for epoch in labels:
        start = time.perf_counter()
        counts.add(epoch)
        taken.seconds.append(time.perf_counter() - start)
    same("running counts", counts.dispersion(), dispersion(labels), tolerance=1e-12)
    kept = row("one epoch added to running counts", {"swither": taken}, classes=classes, samples=samples)
    return {**kept, "goal": {"milliseconds": 1.0}, "reached": {"milliseconds": kept["seconds"]["swither"] < 1e-3}}


def rows(quick: bool) -> Iterator[Row]:
    """One row after another."""
    samples, repeats = (3_000, 1) if quick else (SAMPLES, REPEATS)
    for classes in (10, 100):
        for kind in (learning, uniform):
            yield measured(kind, classes, samples, repeats)
    yield one_epoch(10, samples)


if __name__ == "__main__":
    main(__doc__, "dispersion", GOAL, rows, packages=("scipy", "torch"))
