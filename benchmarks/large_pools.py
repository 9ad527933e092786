"""Pools that do not fit in memory: k-center on a memory-mapped file of embeddings, dispersion of a mapped history.

Run: python benchmarks/large_pools.py [--quick] [--json FILE]. It writes 1 GB of embeddings in half precision, then a
history of 0.5 GB with 1.3 GB of ids, into a temporary folder, and deletes them. Memory is what a call takes beside
its input, without pages of mapped files (Linux's RssAnon, looked at every 3 ms): the system may drop those at any
time. The files have just been written, so they are read from the system's cache and not from the disk; the floor
reads the same bytes once. The plain loop is timed for a few picks; the rest is arithmetic, and named so.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _exact_kcenter import exact_picks
from _measure import Row, Run, here, interleaved, main, require, row, same

from swither.acquisition import kcenter
from swither.arrays import AnyArray, FloatArray, IntArray
from swither.dynamics import LabelHistory, RunningCounts, dispersion
from swither.dynamics.folder import RowsOnDisk
from swither.dynamics.label_history import KIND

WIDTH, RANK, CLASSES = 512, 40, 10
POINTS, LABELLED, PICKS, CEILING = 1_000_000, 1_000, 1_000, 256 << 20
SAMPLES, EPOCHS = 10_000_000, 50
TIMED_PICKS = 3
HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8).astype(np.uint32)


def write_embeddings(path: Path, points: int, labelled: int) -> FloatArray:
    """Embeddings as a trained ResNet-18 gives them, float16, block by block; answers those of labelled samples.

    Non-negative, low-rank, ten clusters of unequal spread, heavy tails.
    """
    draw = np.random.default_rng(0)
    means = draw.normal(size=(CLASSES, RANK)).astype(np.float32) * 1.5
    basis = draw.normal(size=(RANK, WIDTH)).astype(np.float32) / np.sqrt(RANK, dtype=np.float32)

    def some(count: int) -> FloatArray:
        spread = draw.gamma(4.0, 0.25, size=(count, 1)).astype(np.float32)
        latent = means[draw.integers(CLASSES, size=count)] + spread * draw.standard_normal((count, RANK), np.float32)
        return np.maximum(latent @ basis, 0).astype(np.float16)

    values = np.lib.format.open_memmap(path, "w+", np.float16, (points, WIDTH))
    for start in range(0, points, 50_000):
        values[start : start + 50_000] = some(min(50_000, points - start))
    values.flush()
    return some(labelled)


def read_once(values: AnyArray) -> int:
    """The floor: every byte is looked at once."""
    words = values.reshape(-1).view(np.uint64) if values.size % 8 == 0 else values.reshape(-1).view(np.uint8)
    return max(int(words[start : start + (1 << 20)].max()) for start in range(0, len(words), 1 << 20))


def matvec_picks(points: AnyArray, picks: int) -> Run:
    """A few picks of the plain loop, blockwise from the file in float32; its seconds for `PICKS` by arithmetic."""
    nearest = np.full(len(points), np.inf, dtype=np.float32)
    best, start = 0, time.perf_counter()
    for _ in range(TIMED_PICKS):
        centre = np.asarray(points[best], dtype=np.float32)
        for first in range(0, len(points), 8192):
            some = np.asarray(points[first : first + 8192], dtype=np.float32)
            squared = np.einsum("ij,ij->i", some, some) - 2 * (some @ centre) + centre @ centre
            np.minimum(nearest[first : first + 8192], squared, out=nearest[first : first + 8192])
        best = int(nearest.argmax())
    return Run((time.perf_counter() - start) * picks / TIMED_PICKS, None)


def measure_kcenter(folder: Path, points: int, labelled: int, picks: int) -> Row:
    centres = write_embeddings(folder / "embeddings.npy", points, labelled)
    mapped = np.load(folder / "embeddings.npy", mmap_mode="r")
    calls = {
        "swither": here(lambda: kcenter(mapped, centres, picks, memory=CEILING).positions, mapped=True),
        "swither, 8 GiB allowed": here(lambda: kcenter(mapped, centres, picks, memory=8 << 30).positions, mapped=True),
        "plain loop, by arithmetic": lambda _: matvec_picks(mapped, picks),
        "floor: the file read once": here(lambda: read_once(mapped), mapped=True),
    }
    timed = interleaved(calls, 1, once=calls)  # each runs once: a second round would say little and take as long
    same("the choice with a copy", timed["swither"].answer, timed["swither, 8 GiB allowed"].answer)
    few = mapped[: min(3000, points)]
    part = kcenter(few, centres[:200], 200, memory=CEILING).positions
    same("the choice of the exact loop", part, exact_picks(few, centres[:200], 200))
    taken = timed["swither"].mebibytes or 0.0
    require(taken <= CEILING / 2**20, f"k-center took {taken:.0f} MiB, its ceiling was {CEILING >> 20}.")
    about = {"points": points, "width": WIDTH, "type": "float16", "labelled": labelled, "picks": picks}
    return row("k-center from a mapped file", timed, **about, ceiling_in_mebibytes=CEILING >> 20)


def hex_ids(samples: int) -> AnyArray:
    """Ids as images have them: 32 hexadecimal digits of a hash, in ascending order of their first half."""
    numbers = np.sort(np.random.default_rng(1).integers(0, 2**63, samples, dtype=np.uint64))
    digits = np.empty((samples, 32), dtype=np.uint32)
    for place in range(16):
        digits[:, place] = digits[:, 31 - place] = HEX[(numbers >> np.uint64(60 - 4 * place)) & np.uint64(15)]
    return digits.reshape(-1).view("<U32")


def write_history(folder: Path, samples: int) -> None:
    """A history in which a sample keeps a label once it is learned, most of them early, and slips at times."""
    draw = np.random.default_rng(2)
    rows = RowsOnDisk.create(folder, KIND, CLASSES, {"labels": np.dtype(np.uint8)}, {"ids": hex_ids(samples)})
    learned = draw.exponential(EPOCHS / 5, samples).astype(np.float32)  # (samples,) the epoch from which it is kept
    kept = draw.integers(CLASSES, size=samples, dtype=np.uint8)
    for epoch in range(EPOCHS):
        guessed = (learned > epoch) | (draw.integers(20, size=samples, dtype=np.uint8) == 0)
        rows.append({"labels": np.where(guessed, draw.integers(CLASSES, size=samples, dtype=np.uint8), kept)})


def counted(labels: IntArray) -> FloatArray:
    """Dispersion as it is commonly written, on blocks so that it fits: scipy.stats.mode."""
    from scipy.stats import mode

    scores = [
        1 - mode(labels[:, s : s + 100_000], axis=0).count / len(labels) for s in range(0, labels.shape[1], 100_000)
    ]
    return np.concatenate(scores)


def measure_history(folder: Path, samples: int) -> Iterator[Row]:
    write_history(folder, samples)
    about: dict[str, Any] = {"samples": samples, "epochs": EPOCHS, "classes": CLASSES}
    opened = interleaved({"swither": here(lambda: LabelHistory.open(folder), mapped=True)}, 1)
    history = opened["swither"].answer
    yield row("a history opened and checked", opened, **about)
    calls = {
        "swither": here(lambda: dispersion(history), mapped=True),
        "scipy.stats.mode in blocks": here(lambda: counted(history.labels), mapped=True),
        "floor: the labels read once": here(lambda: read_once(history.labels), mapped=True),
    }
    timed = interleaved(calls, 3, once=["scipy.stats.mode in blocks"])
    same("dispersion", timed["swither"].answer, timed["scipy.stats.mode in blocks"].answer, tolerance=1e-12)
    yield row("dispersion of a mapped history", timed, **about)
    counts = RunningCounts(samples, CLASSES)
    counts.add(history.labels[0])  # so that the memory of the counts themselves is there
    added = interleaved({"swither": here(lambda: counts.add(history.labels[-1]), mapped=True)}, 3)
    yield row(
        "one epoch added to running counts", added, **about, mebibytes_of_counts=samples * (CLASSES + 2) * 2 >> 20
    )
    wanted = np.random.default_rng(3).integers(samples, size=min(samples, 100_000))
    ids = history.ids[wanted]
    found = interleaved({"swither": here(lambda: history.of(ids), mapped=True)}, 3)
    same("the columns looked up", found["swither"].answer, history.labels[:, wanted])
    yield row(f"{len(wanted):,} samples looked up by id", found, **about)


def rows(quick: bool) -> Iterator[Row]:
    """Both files are gone before the next is written."""
    with tempfile.TemporaryDirectory() as name:
        yield measure_kcenter(Path(name), *((20_000, 200, 200) if quick else (POINTS, LABELLED, PICKS)))
    with tempfile.TemporaryDirectory() as name:
        yield from measure_history(Path(name) / "history", 200_000 if quick else SAMPLES)


if __name__ == "__main__":
    main(
        __doc__,
        "large_pools",
        f"k-center of a mapped file within a stated ceiling; {SAMPLES:,} x {EPOCHS} labels in bounded memory",
        rows,
        packages=["scipy"],
    )
