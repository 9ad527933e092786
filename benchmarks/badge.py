"""BADGE beside the loop of its authors' code, scikit-activeml and DISTIL, on a trained network's probabilities.

The authors' loop, written here as they run it: factorised distances to the last draw, a discrete distribution of SciPy
for each draw. The plain loop is the same at its best: float32, a cumulative sum. scikit-activeml and DISTIL hold all
gradients, 10 times the embeddings, and take an hour at the full size: they are run at a smaller one, all others too.
Draws are random, so what is compared is the distance that they leave. The floor is the products with every tenth pick.

Run: python benchmarks/badge.py [--quick] [--json FILE]. Threads: set OMP_NUM_THREADS before starting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from _inputs import Predicted, gaussian, made, softmax, trained
from _measure import Row, here, interleaved, main, require, row
from _peers import Peers
from scipy.stats import rv_discrete

from swither.acquisition import badge
from swither.arrays import FloatArray, IntArray

GOAL = "at least 7 times the authors' loop (45,000 samples, 2,500 picks, 10 classes)"


class Gradients:
    """Factorised squared distances in float32, as the loops compute them."""

    def __init__(self, probabilities: FloatArray, embeddings: FloatArray) -> None:
        one_hot = np.eye(probabilities.shape[1], dtype=np.float32)
        self.residuals = probabilities - one_hot[probabilities.argmax(axis=1)]
        self.embeddings = embeddings
        self.norms = np.square(self.residuals).sum(axis=1) * np.square(embeddings).sum(axis=1)

    def to(self, other: int) -> FloatArray:
        """(samples,) squared distances to one of them."""
        products = (self.residuals @ self.residuals[other]) * (self.embeddings @ self.embeddings[other])
        return np.asarray(np.maximum(self.norms + self.norms[other] - 2 * products, 0))

    def left(self, chosen: IntArray) -> float:
        """The sum of squared distances from every gradient to its nearest chosen one: what k-means++ keeps small."""
        total = 0.0
        for start in range(0, len(self.norms), 1000):
            some = slice(start, start + 1000)
            products = self.residuals[some] @ self.residuals[chosen].T
            products *= self.embeddings[some] @ self.embeddings[chosen].T
            squared = self.norms[some, None] + self.norms[chosen] - 2 * products
            total += float(np.maximum(squared.min(axis=1), 0).sum())
        return total


def authors_loop(probabilities: FloatArray, embeddings: FloatArray, count: int, seed: int) -> IntArray:
    """The authors' way: roots of squared distances, Python's sum, a distribution made for every draw."""
    generator = np.random.default_rng(seed)
    gradients = Gradients(probabilities, embeddings)
    chosen = [int(gradients.norms.argmax())]
    nearest = np.sqrt(gradients.to(chosen[0])).astype(float)
    while len(chosen) < count:
        nearest[chosen] = 0
        shares = nearest**2 / sum(nearest**2)
        drawn = int(rv_discrete(values=(np.arange(len(shares)), shares)).rvs(size=1, random_state=generator)[0])
        if drawn in chosen:
            continue
        chosen.append(drawn)
        nearest = np.minimum(nearest, np.sqrt(gradients.to(drawn)).astype(float))
    return np.array(chosen)


def plain_loop(probabilities: FloatArray, embeddings: FloatArray, count: int, seed: int) -> IntArray:
    """The same at its best."""
    generator = np.random.default_rng(seed)
    gradients = Gradients(probabilities, embeddings)
    chosen = [int(gradients.norms.argmax())]
    nearest = gradients.to(chosen[0])
    while len(chosen) < count:
        nearest[chosen[-1]] = 0
        cumulative = np.cumsum(nearest, dtype=np.float64)
        chosen.append(int(np.searchsorted(cumulative, generator.random() * cumulative[-1], side="right")))
        np.minimum(nearest, gradients.to(chosen[-1]), out=nearest)
    return np.array(chosen)


def products(probabilities: FloatArray, embeddings: FloatArray, count: int) -> None:
    """A tenth of all distances to picks, in large matrix products: less than any way seen so far needs."""
    some = slice(0, max(1, count // 10))
    for start in range(0, len(embeddings), 4096):
        rows_here = slice(start, start + 4096)
        np.multiply(embeddings[rows_here] @ embeddings[some].T, probabilities[rows_here] @ probabilities[some].T)


def measured(
    predicted: Predicted, pool: int, count: int, peers: Peers, *, everyone: bool, repeats: int, goal: bool = False
) -> Row:
    """One size."""
    embeddings, logits = predicted.embeddings[:pool], predicted.logits[:pool]
    probabilities = softmax(logits)
    given = (probabilities, embeddings, count)
    calls: dict[str, Any] = {
        "swither": here(lambda: badge(*given, np.random.default_rng(0)).positions),
        "authors' loop": here(lambda: authors_loop(*given, seed=0)),
        "plain loop": here(lambda: plain_loop(*given, seed=0)),
        "floor": here(lambda: products(*given)),
    }
    if everyone:
        inputs = {"probabilities": probabilities, "logits": logits, "embeddings": embeddings}
        for peer in ("scikit-activeml", "distil"):
            calls[peer] = peers.call(peer, "badge", inputs, count=count, seed=0)
    timed = interleaved(calls, repeats, once=[name for name in calls if name not in ("swither", "floor")])
    gradients = Gradients(probabilities, embeddings)
    ours = gradients.left(timed["swither"].answer)
    leaves = {}
    for name, taken in timed.items():
        if name not in ("swither", "floor") and taken.answer is not None:
            theirs = taken.answer["positions"] if isinstance(taken.answer, dict) else taken.answer
            leaves[name] = ours / gradients.left(theirs)
            allowed = 1.05 + 1 / np.sqrt(count)  # k-means++ is random; and a peer may be worse
            require(leaves[name] <= allowed, f"BADGE leaves {leaves[name]:.3f} of the distance that {name} leaves")
    return row(
        "BADGE",
        timed,
        goals={"authors' loop": 7.0} if goal else None,
        inputs=predicted.name,
        pool=pool,
        width=embeddings.shape[1],
        classes=logits.shape[1],
        picks=count,
        mean_confidence=float(probabilities.max(axis=1).mean()),
        distance_left_beside=leaves,
    )


def without_structure(samples: int) -> Predicted:
    """Gaussian embeddings: all distances are nearly equal."""
    draw = np.random.default_rng(0)
    embeddings = gaussian(samples, draw)
    weights = np.float32(0.05) * draw.standard_normal((embeddings.shape[1], 10), dtype=np.float32)
    return Predicted("gaussian", embeddings, embeddings @ weights)


def rows(quick: bool) -> Iterator[Row]:
    """One row after another."""
    with Peers() as peers:
        if quick:
            yield measured(made(1_200), 1_000, 60, peers, everyone=True, repeats=1)
            return
        yield measured(trained(), 45_000, 2_500, peers, everyone=False, repeats=3, goal=True)
        yield measured(trained(), 5_000, 150, peers, everyone=True, repeats=3)
        yield measured(without_structure(45_000), 45_000, 500, peers, everyone=False, repeats=3)


if __name__ == "__main__":
    main(__doc__, "badge", GOAL, rows, packages=("scipy",))
