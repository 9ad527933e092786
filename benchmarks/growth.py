"""How cost grows with the pool: seconds and memory of every stage at 10,000 to 300,000 samples, and the slopes.

Run: python benchmarks/growth.py [--quick] [--json FILE]. Images are MNIST's and CIFAR-10's where they are found, else
the digits that scikit-learn brings, tiled with noise; features are theirs behind random weights, tiled with noise. What
is labelled, what is chosen and the epochs stay as they are while the pool grows. A slope of 1 is linear: time is
fitted as size to that power, over all sizes, and over the three largest, where fixed costs weigh least. Sorting and
caches that no longer hold what they held make it a little more than 1. The recording pass looks at a stated share.

What is worse than linear by its nature has rows of its own, on smaller pools, with what is labelled and chosen in
proportion to them, and says why.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _measure import Row, here, main, with_memory
from _pools import features_of, real_pixels, tiled

from swither.acquisition import badge, bald, clustered_dispersion, coreset, entropy, kcenter, margin, select, typiclust
from swither.arrays import ByteArray
from swither.data import ImageSet, Normalisation
from swither.dynamics import LabelHistory, RunningCounts, dispersion
from swither.models import ModelSettings, build_model
from swither.randomness import keyed_order
from swither.training.clean_pass import predict_labels

Stage = Callable[[], Any]

SIZES, SMALL, QUICK = (10_000, 30_000, 100_000, 300_000), (1_000, 3_000, 10_000, 30_000), (500, 1_000)
WIDTH, CLASSES, LABELLED, CHOSEN, EPOCHS, PASSES = 128, 10, 500, 250, 20, 5
LARGEST_SOLVED = 10_000
"""The largest pool for which CoreSet is solved here."""

SHARE = 0.05
"""Of the pool, what the recording pass looks at."""

MOST = 1.2
"""The slope over the three largest pools up to which a stage counts as linear: n log n gives 1.09 there."""

BY_NATURE = {
    "CoreSet": "an optimisation problem: no bound but an exponential one is known; it stops at its limits",
    "k-center greedy, shares": "pool x (labelled + chosen), which is the pool's square; bounds spare most of it",
    "TypiClust": "pool x clusters a round, and within clusters pool x pool / clusters; at most 500 clusters",
    "ids looked up": "a search in sorted hashes: pool x log pool, and a cache miss each where they no longer fit",
}
"""Stages whose cost is worse than linear in the pool, and why."""


def recording(pixels: ByteArray, size: int) -> dict[str, Stage]:
    """One look of the tiny network at a share of the pool."""
    count = max(100, int(SHARE * size))
    images = image_set(tiled(pixels, count))
    network = build_model(ModelSettings("tiny"), images.image_shape, CLASSES, seed=0)
    channels = images.image_shape[2]
    normalisation = Normalisation(mean=(0.5,) * channels, deviation=(0.25,) * channels)
    return {"recording pass": lambda: predict_labels(network, images, normalisation)}


def image_set(pixels: ByteArray) -> ImageSet:
    ids = ids_of(len(pixels))
    labels, names = np.zeros(len(pixels), dtype=np.int64), tuple(map(str, range(CLASSES)))
    return ImageSet(pixels, np.arange(len(pixels)), ids, labels, names, ids)


def ids_of(size: int) -> Any:
    return np.array([f"{number * 2654435761 % 2**64:032x}" for number in range(size)])


def bookkeeping(size: int, folder: Path) -> dict[str, Stage]:
    """What is done with ids and histories, and scores of a history."""
    draw = np.random.default_rng(0)
    ids = ids_of(size)
    labels = np.where(draw.random((EPOCHS, size)) < 0.3, draw.integers(CLASSES, size=(EPOCHS, size)), 0).astype(
        np.uint8
    )
    shuffled = ids[draw.permutation(size)]
    history = LabelHistory.create(ids, CLASSES, folder=folder / str(size))
    with history.together():
        for row in labels:
            history.record(ids, row)
            history.close_epoch()
    counts = RunningCounts(size, CLASSES)

    def append() -> None:
        history.record(ids, labels[0])
        history.close_epoch()

    evidence = {"probabilities": draw.dirichlet(np.ones(CLASSES), size).astype(np.float32)}
    return {
        "history begun in memory": lambda: LabelHistory.create(ids, CLASSES),
        "history: one epoch appended": append,
        "history: opened and checked": lambda: LabelHistory.open(folder / str(size)),
        "ids looked up": lambda: history.of(shuffled),
        "order of the candidates": lambda: keyed_order(ids, 0, "candidates", 1),
        "dispersion": lambda: dispersion(history),
        "running counts: one epoch": lambda: counts.add(labels[0]),
        "selection of the highest scores": lambda: select(
            "margin", evidence, CHOSEN, samples=size, generator=np.random.default_rng(0)
        ),
    }


def scores(size: int) -> dict[str, Stage]:
    """Uncertainty from probabilities, and from passes with dropout."""
    draw = np.random.default_rng(0)
    logits = [draw.standard_normal((size, CLASSES), np.float32) for _ in range(PASSES)]
    powers = np.exp(logits[0])
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return {
        "margin": lambda: margin(probabilities),
        "entropy": lambda: entropy(probabilities),
        "BALD": lambda: bald(logits, passes=PASSES),
    }


def choices(base: Any, size: int) -> dict[str, Stage]:
    """Choices that look at distances."""
    draw = np.random.default_rng(0)
    both = tiled(base, size + LABELLED)
    points, centres = both[:size], both[size:]
    powers = np.exp(points[:, :CLASSES] - points[:, :CLASSES].max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    labels = np.where(draw.random((EPOCHS, size)) < 0.3, draw.integers(CLASSES, size=(EPOCHS, size)), 0).astype(
        np.uint8
    )
    return {
        "k-center greedy": lambda: kcenter(points, centres, CHOSEN),
        "BADGE": lambda: badge(probabilities, points, CHOSEN, np.random.default_rng(0)),
        "clustered dispersion": lambda: clustered_dispersion(labels, points, CHOSEN, np.random.default_rng(0)),
    }


def small_choices(base: Any, size: int) -> dict[str, Stage]:
    """What is worse than linear: 5 % of the pool labelled, 2.5 % chosen; CoreSet on no more than 10,000."""
    both = tiled(base, size + size // 20)
    points, centres = both[:size], both[size:]
    count = size // 40
    stages: dict[str, Stage] = {
        "k-center greedy, shares": lambda: kcenter(points, centres, count),
        "TypiClust": lambda: typiclust(points, centres, count, np.random.default_rng(0)),
    }
    return (
        stages if size > LARGEST_SOLVED else stages | {"CoreSet": lambda: coreset(points, centres, count, seconds=20)}
    )


def slope(sizes: list[int], seconds: list[float]) -> float:
    """The power of the size that fits the times best."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def measured(stages: dict[str, Stage]) -> dict[str, tuple[float, float]]:
    """Seconds and mebibytes of each stage: the first run counts the memory, the quickest of all the time."""
    found = {}
    for name, stage in stages.items():
        first = with_memory(stage, mapped=True)
        more = 0 if first.seconds > 2 else 2 if first.seconds > 0.2 else 10
        seconds = [first.seconds, *(here(stage)(False).seconds for _ in range(more))]
        found[name] = (min(seconds), first.mebibytes or 0.0)
    return found


def grown(data: str, by_size: dict[int, dict[str, tuple[float, float]]]) -> Iterator[Row]:
    """A row for each stage, when every size is there."""
    for name in by_size[min(by_size)]:
        sizes = [size for size, stages in by_size.items() if name in stages]
        seconds = [by_size[size][name][0] for size in sizes]
        row: Row = {
            "work": name,
            "data": data,
            "seconds": {f"{size:,}": second for size, second in zip(sizes, seconds, strict=True)},
            "slope": slope(sizes, seconds),
            "slope_of_the_three_largest": slope(sizes[-3:], seconds[-3:]),
            "mebibytes_over_input": {f"{size:,}": by_size[size][name][1] for size in sizes},
        }
        if name in BY_NATURE:
            row["by_nature"] = BY_NATURE[name]
        else:
            row["no_worse_than_linear"] = row["slope_of_the_three_largest"] <= MOST
        yield row


def rows(quick: bool) -> Iterator[Row]:
    """Stage by stage; what does not depend on the images once."""
    sizes, small = (QUICK, QUICK) if quick else (SIZES, SMALL)
    with tempfile.TemporaryDirectory() as name:
        yield from grown("made", {size: measured(bookkeeping(size, Path(name))) for size in sizes})
    yield from grown("made", {size: measured(scores(size)) for size in sizes})
    for data in ("mnist", "cifar10"):
        title, pixels = real_pixels(data, 200 if quick else 2_000)
        about = f"{title}, {SHARE:.0%} of the pool"
        yield from grown(about, {size: measured(recording(pixels, size)) for size in sizes})
        base = features_of(pixels, WIDTH)
        yield from grown(f"features of {title}", {size: measured(choices(base, size)) for size in sizes})
        yield from grown(f"features of {title}", {size: measured(small_choices(base, size)) for size in small})


if __name__ == "__main__":
    main(
        __doc__,
        "growth",
        "no stage worse than linear in the pool but what is quadratic by nature",
        rows,
        packages=["scipy", "torch"],
        around={"labelled": LABELLED, "chosen": CHOSEN, "epochs": EPOCHS, "width": WIDTH, "passes": PASSES},
    )
