"""Margin, entropy and least confidence from logits beside baal, modAL, scikit-activeml and DISTIL.

Logits of a trained network, and made ones of 100 classes; the softmax is part of the time on every side. DISTIL sorts
what it computed, for it gives no scores. The floor reads every logit once.

Run: python benchmarks/uncertainty.py [--quick] [--json FILE]. Threads: set OMP_NUM_THREADS before starting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from _inputs import Predicted, made, softmax, trained
from _measure import Measured, Row, here, interleaved, main, row, same, same_order
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
SMALL_IS_UNCERTAIN = {("baal", "margin"), ("baal", "least confidence"), ("modal", "margin")}
"""Where a peer's numbers are 1 less ours."""


def check(what: str, ours: FloatArray, theirs: Measured, small_is_uncertain: bool) -> None:
    """Hold a peer's answer to ours. One whose own numbers are no numbers has failed."""
    if theirs.answer is None:
        return
    if "order" in theirs.answer:
        same_order(what, ours, theirs.answer["order"], tolerance=1e-5)
    elif not np.isfinite(theirs.answer["scores"]).all():
        theirs.failed = f"{np.count_nonzero(~np.isfinite(theirs.answer['scores']))} scores are no numbers"
    else:
        scores = theirs.answer["scores"]
        same(what, ours, 1 - scores if small_is_uncertain else scores, tolerance=1e-5)


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
        check(f"{measure} by {peer}", timed["swither"].answer, timed[peer], (peer, measure) in SMALL_IS_UNCERTAIN)
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
