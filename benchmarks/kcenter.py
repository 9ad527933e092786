"""k-center greedy beside the plain loop, scikit-activeml and DISTIL, on the embeddings of a trained network.

The plain loop is what is commonly run, at its best: float32, a running minimum, one matrix-vector product for each
pick. DISTIL takes minutes at the full size, so it and the others are also run at a smaller one. With labelled images
and without, on clusters and on Gaussian numbers, where all distances are nearly equal. What comes out must be what the
loop in float64 chooses (at a small size; it takes hours at the full one) and the set that the plain loop chooses, but
for what its float32 confuses. The plain loop and the peers run once, because they are slow, each warmed up on a few
rows before; swither's time is the median of three runs after a first one. The floor is one product of all rows with
128 others.

Run: python benchmarks/kcenter.py [--quick] [--json FILE]. Threads: set OMP_NUM_THREADS before starting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from _exact_kcenter import exact_picks, nearest_to_mean
from _inputs import clustered, gaussian, made, trained
from _measure import CannotRun, Row, here, interleaved, main, require, row, same
from _peers import Peers

from swither.acquisition import kcenter
from swither.arrays import AnyArray, FloatArray

GOAL = "at least 25 times the plain loop and 40 times scikit-activeml (45,000), 20 times the plain loop (200,000)"
CONFUSED = 0.005
"""Share of the picks in which float32's plain loop may differ: on Gaussian numbers it confuses near ties."""


def plain_loop(points: FloatArray, centres: FloatArray, count: int) -> list[int]:
    """What is commonly run, at its best: one running minimum, one matrix-vector product per pick, float32."""
    norms = np.einsum("ij,ij->i", points, points)
    nearest = np.full(len(points), np.inf, dtype=np.float32)
    for start in range(0, len(centres), 500):
        some = centres[start : start + 500]
        squared = norms[:, None] + np.einsum("ij,ij->i", some, some) - 2 * points @ some.T
        np.minimum(nearest, squared.min(axis=1), out=nearest)
    best = int(nearest.argmax()) if len(centres) else nearest_to_mean(points)
    chosen: list[int] = []
    while True:
        chosen.append(best)
        if len(chosen) == count:
            return chosen
        np.minimum(nearest, norms + norms[best] - 2 * (points @ points[best]), out=nearest)
        nearest[best] = -np.inf
        best = int(nearest.argmax())


def in_common(ours: AnyArray, theirs: AnyArray) -> float:
    """The share of picks that both have, in any order."""
    return len(set(ours.tolist()) & set(np.asarray(theirs).tolist())) / len(ours)


def warm_up(points: FloatArray, centres: FloatArray, peers: Peers, asked: tuple[str, ...]) -> None:
    """What runs once does so on a few rows before: modules are loaded and threads started then."""
    few, some = points[:500], centres[:50]
    plain_loop(few, some, 10)
    for peer in asked:
        try:
            peers.call(peer, "kcenter", {"points": few, "centres": some}, count=10)(False)
        except CannotRun:
            continue  # its row will say so


def measured(
    name: str,
    both: FloatArray,
    size: tuple[int, int, int],
    peers: Peers,
    asked: tuple[str, ...] = (),
    goals: dict[str, float] | None = None,
    repeats: int = 3,
) -> Row:
    """One size: the pool are the first rows, the labelled the last."""
    pool, labelled, count = size
    points, centres = both[:pool], both[len(both) - labelled :]
    pivots = np.ascontiguousarray(points[:128].T)
    calls: dict[str, Any] = {
        "swither": here(lambda: kcenter(points, centres, count).positions),
        "plain loop": here(lambda: np.array(plain_loop(points, centres, count))),
        "floor": here(lambda: points @ pivots),
    }
    inputs = {"points": points, "centres": centres}
    calls |= {peer: peers.call(peer, "kcenter", inputs, count=count) for peer in asked}
    warm_up(points, centres, peers, asked)
    timed = interleaved(calls, repeats, once=("plain loop", *asked))
    chosen = timed["swither"].answer
    shares = {"plain loop": in_common(chosen, timed["plain loop"].answer)}
    for peer in asked:
        if timed[peer].answer is not None:
            shares[peer] = in_common(chosen, timed[peer].answer["positions"])
    for other, share in shares.items():
        require(share >= 1 - CONFUSED, f"{name}: {other} has {share:.2%} of the picks in common")
    some, few = points[:3000], centres[:200]
    same(f"{name}, the exact loop", kcenter(some, few, 200).positions, exact_picks(some, few, 200))
    about = {"features": name, "pool": pool, "width": both.shape[1], "labelled": labelled, "picks": count}
    return row("k-center", timed, goals=goals, **about, picks_in_common=shares)


def rows(quick: bool) -> Iterator[Row]:
    """One row after another."""
    with Peers() as peers:
        everyone = ("scikit-activeml", "distil")
        if quick:
            few = made(2_300)
            yield measured(few.name, few.embeddings, (2_000, 300, 100), peers, everyone, repeats=1)
            yield measured("gaussian", gaussian(2_300, np.random.default_rng(0)), (2_000, 0, 50), peers, repeats=1)
            return
        real = trained()
        goals = {"plain loop": 25.0, "scikit-activeml": 40.0}
        yield measured(real.name, real.embeddings, (45_000, 5_000, 2_500), peers, everyone[:1], goals)
        yield measured(real.name, real.embeddings, (10_000, 1_000, 500), peers, everyone)
        yield measured(real.name, real.embeddings, (45_000, 0, 1_000), peers)
        yield measured("gaussian", gaussian(50_000, np.random.default_rng(0)), (45_000, 5_000, 1_000), peers)
        many = clustered(205_000, np.random.default_rng(0))
        large = measured("made, clustered", many, (200_000, 5_000, 1_000), peers, (), {"plain loop": 20.0}, 1)
        large["within_1_GiB"] = large["mebibytes_over_input"]["swither"] < 1024
        yield large


if __name__ == "__main__":
    main(__doc__, "kcenter", GOAL, rows)
