"""BALD from logits beside baal, scikit-activeml and DISTIL, and the usual way, which holds all passes at once.

Peers are given the logits as each reads them: baal with the passes as the last axis; DISTIL gets their softmax where it
would go through a network, and sorts what it computed. The floor takes every logit's exponential once.

Run: python benchmarks/bald.py [--quick] [--json FILE]. Threads: set OMP_NUM_THREADS before starting.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from _measure import Row, here, interleaved, main, require, row, same, same_order
from _peers import Peers
from scipy.special import softmax

from swither.acquisition import bald
from swither.arrays import FloatArray

GOAL = "at least 7 times baal and 4 times DISTIL (45,000 samples, 25 passes, 100 classes); no array of all passes"
SIZES = [(45_000, 25, 100), (45_000, 10, 10)]  # samples, passes, classes
QUICK = [(1_500, 4, 10)]
PEERS = ("baal", "scikit-activeml", "distil")
TOLERANCE = 2e-4
"""Peers clip probabilities at 1e-7 or add as much inside the logarithm."""


def all_at_once(logits: FloatArray) -> FloatArray:
    """As it is commonly written: a stack of softmaxes, a small constant inside the logarithm."""
    p = softmax(logits, axis=2)  # (passes, samples, classes)
    mean = p.mean(axis=0)
    of_mean = -(mean * np.log(mean + 1e-10)).sum(axis=1)
    return np.asarray(of_mean + (p * np.log(p + 1e-10)).sum(axis=2).mean(axis=0))


def exponentials(logits: FloatArray) -> None:
    """The least that must be done: every exponential once, in blocks that stay in a core's cache."""
    flat = logits.reshape(-1)
    room = np.empty(1 << 16, dtype=np.float32)
    for start in range(0, len(flat), len(room)):
        some = flat[start : start + len(room)]
        np.exp(some, out=room[: len(some)])


def measured(size: tuple[int, int, int], peers: Peers, repeats: int) -> Row:
    """One size."""
    samples, passes, classes = size
    draw = np.random.default_rng(0)
    logits = 3 * draw.standard_normal((passes, samples, classes), dtype=np.float32)
    calls = {
        "swither": here(lambda: bald(list(logits), passes=passes)),
        "all at once": here(lambda: all_at_once(logits)),
        "floor": here(lambda: exponentials(logits)),
    }
    calls |= {peer: peers.call(peer, "bald", {"logits": logits}) for peer in PEERS}
    timed = interleaved(calls, repeats)
    ours = timed["swither"].answer
    same("BALD all at once", ours, timed["all at once"].answer, tolerance=TOLERANCE)
    for peer in ("baal", "scikit-activeml"):
        if timed[peer].answer is not None:
            same(f"BALD by {peer}", ours, timed[peer].answer["scores"], tolerance=TOLERANCE)
    if timed["distil"].answer is not None:
        same_order("BALD by distil", ours, timed["distil"].answer["order"], tolerance=TOLERANCE)
    kept = row(
        "BALD",
        timed,
        goals={"baal": 7.0, "distil": 4.0} if size == SIZES[0] else None,
        samples=samples,
        passes=passes,
        classes=classes,
        mebibytes_of_logits=logits.nbytes / 2**20,
    )
    if size == SIZES[0]:
        little = kept["mebibytes_over_input"]["swither"] < 0.5 * kept["mebibytes_of_logits"]
        require(little, "BALD took memory as if it held all passes")
    return kept


def rows(quick: bool) -> Iterator[Row]:
    """One row after another."""
    with Peers() as peers:
        for size in QUICK if quick else SIZES:
            yield measured(size, peers, 1 if quick else 3)


if __name__ == "__main__":
    main(__doc__, "bald", GOAL, rows)
