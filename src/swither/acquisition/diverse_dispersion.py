"""Diverse dispersion: dispersed samples that are unlike each other, by k-means++ with dispersion as weight."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.acquisition.dispersion import dispersion
from swither.acquisition.distance_sampling import sample_by_distance
from swither.acquisition.embedding_distances import EmbeddingDistances
from swither.acquisition.embeddings import as_embeddings
from swither.acquisition.selection import Selection, as_count, require_generator
from swither.arrays import AnyArray, FloatArray, IntArray
from swither.errors import InputError


def diverse_dispersion(
    label_history: Any, embeddings: Any, count: int, generator: np.random.Generator, *, power: float = 2.0
) -> Selection:
    """Draw each sample in proportion to dispersion ** power x squared distance to the nearest one drawn before.

    The most dispersed samples lie close together: one region about which the network is in two minds fills a whole
    batch. Here a sample drawn makes those beside it unlikely, and a sample that never changed its label is not
    drawn while a dispersed one is left that is no copy of a drawn one.

    Equal dispersions, which are the rule, need no order: equal weights leave it to distance and chance. Where no
    sample is dispersed, it is plain k-means++ on the embeddings; copies of drawn samples come last, in the order of
    rows. A smaller count gives the first part of a larger one's choice.

    Args:
        label_history: predicted labels of the candidates after each epoch: a history, or an (epochs, samples) array
            or tensor of class numbers.
        embeddings: (samples, width) of the candidates, array or tensor.
        count: how many to take, from 0 to samples.
        generator: the only source of randomness.
        power: how much dispersion weighs against distance; 0: not at all.

    Returns:
        The selection. Its diagnostics: the mean ``dispersion`` of the pool, ``dispersion_taken``, and
        ``never_changed``, how many were taken that have none.

    Raises:
        InputError: history or embeddings cannot be used or are not of the same samples, `power` is no number of 0 or
            more, or `count` does not lie between 0 and samples.

    References:
        swither, docs/decisions/0018-dispersion-with-diversity.md (2026); the draw is that of Arthur and
        Vassilvitskii, "k-means++: The Advantages of Careful Seeding", SODA 2007.

    Example:
        >>> history = [[0, 1, 1, 2], [0, 0, 0, 2]]  # (epochs, samples); the second and the third changed
        >>> places = [[0.0], [4.0], [7.0], [9.0]]
        >>> chosen = diverse_dispersion(history, places, 2, np.random.default_rng(0))
        >>> sorted(chosen.positions.tolist())
        [1, 2]
    """
    points = as_embeddings("embeddings", embeddings)
    scores = dispersion_of(label_history, points)
    count = as_count(count, len(points))
    require_generator(generator)
    if isinstance(power, bool) or not isinstance(power, int | float) or not 0 <= power < np.inf:
        raise InputError(f"Expected power as a number, 0 or more, got {power!r}.")
    if count == 0:
        return Selection(np.empty(0, dtype=np.int64))
    weights = (scores / (scores.max() or 1.0)) ** power  # the largest is 1: no power makes all of them 0
    positions = sample_by_distance(EmbeddingDistances(points), count, generator, weights=weights)
    return Selection(positions, dispersion_taken(scores, positions))


def dispersion_of(label_history: Any, points: AnyArray) -> FloatArray:
    """The dispersion of the samples that have these embeddings: (samples,) float64.

    Raises:
        InputError: history and embeddings are of different numbers of samples.
    """
    scores = dispersion(label_history)
    if len(scores) != len(points):
        raise InputError(
            f"Expected label_history and embeddings of the same samples, got {len(scores)} and {len(points)} of them."
        )
    return scores


def dispersion_taken(scores: FloatArray, positions: IntArray) -> dict[str, Any]:
    """How dispersed the pool and what was taken from it are, for the diagnostics."""
    return {
        "dispersion": float(scores.mean()),
        "dispersion_taken": float(scores[positions].mean()),
        "never_changed": int((scores[positions] == 0).sum()),
    }
