"""Margin, entropy and least confidence from logits beside baal, modAL, scikit-activeml and DISTIL.

Logits of a trained network, and made ones of 100 classes; the softmax is part of the time on every side. DISTIL reads
through a network that hands the logits out. The floor reads every logit once.

Run: python benchmarks/uncertainty.py [--quick] [--json FILE]. Threads: set OMP_NUM_THREADS before starting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from _inputs import Predicted, made, softmax, trained
from _measure import Row, here, interleaved, main, row, same
from _peers import Peers

from swither.acquisition import entropy, least_confidence, margin
from swither.arrays import FloatArray

GOAL = "none was set; the ratios are for information"
PEERS = ("baal", "modal", "scikit-activeml", "distil")
MEASURES: dict[str, Callable[[Any], FloatArray]] = {
    "margin": margin,
    "entropy": entropy,
    "least confidence": least_confidence,
}
Convention = Callable[[Any], Any]
SMALL_IS_UNCERTAIN: dict[tuple[str, str], Convention] = {
    ("baal", "margin"): lambda scores: 1 - scores,
    ("baal", "least confidence"): lambda scores: 1 - scores,
    ("modal", "margin"): lambda scores: 1 - scores,
}
"""How a peer's numbers become ours, where it counts the other way."""


def measured(measure: str, predicted: Predicted, peers: Peers, repeats: int) -> Row:
    """One measure on one set of logits."""
    logits = predicted.logits
    score = MEASURES[measure]
    calls: dict[str, Any] = {
        "swither": here(lambda: score(softmax(logits))),
        "floor": here(lambda: logits.max()),
    }
    calls |= {peer: peers.call(peer, "uncertainty", {"logits": logits}, measure=measure) for peer in PEERS}
    timed = interleaved(calls, repeats)
    for peer in PEERS:
        if timed[peer].answer is not None:
            theirs = SMALL_IS_UNCERTAIN.get((peer, measure), lambda scores: scores)(timed[peer].answer["scores"])
            same(f"{measure} by {peer}", timed["swither"].answer, theirs, tolerance=1e-5)
    return row(measure, timed, logits=predicted.name, samples=len(logits), classes=logits.shape[1])


def rows(quick: bool) -> Iterator[Row]:
    """One row after another."""
    draw = np.random.default_rng(0)
    samples = 1_500 if quick else 45_000
    hundred = 3 * draw.standard_normal((samples, 100), dtype=np.float32)
    both = [made(samples) if quick else trained(), Predicted("drawn at random", np.empty((0, 0)), hundred)]
    with Peers() as peers:
        for predicted in both:
            for measure in MEASURES:
                yield measured(measure, predicted, peers, 1 if quick else 7)


if __name__ == "__main__":
    main(__doc__, "uncertainty", GOAL, rows, packages=("torch",))
