"""The first images, before there are labels of two classes: typical ones by their embeddings."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from swither.acquisition.typiclust import typiclust
from swither.randomness import derive, generator, keyed_order

if TYPE_CHECKING:
    from swither.project.embeddings import PoolFeatures

ENOUGH_TO_CLUSTER = 200
"""With fewer embeddings images are drawn at random: clusters of a handful mean nothing."""

MOST_CLUSTERED = 5000
"""Of more images a seeded part is clustered: what is typical among these is typical among all."""


def typical(
    pool: PoolFeatures, labelled: Collection[str], left_out: Collection[str], count: int, seed: int
) -> tuple[str, ...]:
    """The images that stand best for many others, beginning with the largest groups that have no label yet.

    Args:
        pool: embeddings of what has been embedded so far.
        labelled: images that have a label.
        left_out: images that are not to be asked: those that test, and those that were declined.
        count: how many, at most.
        seed: of the project; the same seed and images give the same choice.

    Returns:
        Ids, the most typical of the largest group first.

    References:
        Hacohen, Dekel and Weinshall, "Active Learning on a Budget: Opposite Strategies Suit High and Low Budgets",
        ICML 2022.
    """
    ids = [str(i) for i in pool.ids]
    known = [p for p, i in enumerate(ids) if i in labelled]
    free = [p for p, i in enumerate(ids) if i not in labelled and i not in left_out]
    if not free:
        return ()
    order = keyed_order([ids[p] for p in free], seed, "typical")[:MOST_CLUSTERED]
    rows = np.array(free)[order]
    draws = generator(derive(seed, "typical", len(known)), "clusters")
    taken = typiclust(
        pool.features.of(rows).astype(np.float32),
        pool.features.of(np.array(known, dtype=np.int64)).astype(np.float32),
        min(count, len(rows)),
        draws,
    )
    return tuple(ids[rows[position]] for position in taken.positions)
