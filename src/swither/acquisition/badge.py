"""BADGE: k-means++ on the loss gradients of the last layer, for samples that are uncertain and unlike each other."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from swither.acquisition.distance_sampling import sample_by_distance
from swither.acquisition.embeddings import as_embeddings
from swither.acquisition.gradient_distances import GradientDistances
from swither.acquisition.probabilities import as_probabilities
from swither.acquisition.selection import Selection, as_count, require_generator
from swither.errors import InputError


def badge(
    probabilities: Any,
    embeddings: Any,
    count: int,
    generator: np.random.Generator,
    *,
    first: Literal["largest", "uniform"] = "largest",
) -> Selection:
    """Draw by k-means++ on the gradients (p - onehot(argmax p)) (x) h of the loss, were the predicted class right.

    A gradient is long where the prediction is uncertain, and far from the others where the sample is unlike them;
    drawing in proportion to the squared distance from the nearest drawn one asks for both. The gradients are never
    made: their distances follow from two small products. The draw is k-means++ exactly, whatever is put off.

    Copies of a drawn gradient come last, in the order of rows; so do samples whose prediction is certain, which all
    have the gradient 0, but for one of them. A smaller count gives the first part of a larger one's choice.

    Args:
        probabilities: (samples, classes) array or tensor, the softmax of the network's output.
        embeddings: (samples, width) of the same samples, what goes into the network's last layer.
        count: how many to take, from 0 to samples.
        generator: the only source of randomness.
        first: begin with the ``"largest"`` gradient, as the authors' code does, or with a ``"uniform"`` draw, as
            k-means++ does.

    Returns:
        The selection. Its diagnostics: ``gradient_norm``, the mean over the pool, and ``gradient_norm_taken``, that
        over the choice.

    Raises:
        InputError: probabilities or embeddings cannot be used or are not of the same samples, `first` is unknown,
            or `count` does not lie between 0 and samples.

    References:
        Ash, Zhang, Krishnamurthy, Langford and Agarwal, "Deep Batch Active Learning by Diverse, Uncertain Gradient
        Lower Bounds", ICLR 2020, algorithm 1.

    Example:
        >>> probabilities = [[0.9, 0.1], [0.5, 0.5], [0.8, 0.2]]
        >>> badge(probabilities, [[1.0], [1.0], [1.0]], 1, np.random.default_rng(0)).positions.tolist()
        [1]
    """
    predicted = as_probabilities(probabilities)
    points = as_embeddings("embeddings", embeddings)
    if len(predicted) != len(points):
        raise InputError(
            f"Expected probabilities and embeddings of the same samples, got {len(predicted)} and {len(points)} rows."
        )
    count = as_count(count, len(points))
    require_generator(generator)
    if first not in ("largest", "uniform"):
        raise InputError(f"Expected first as 'largest' or 'uniform', got {first!r}.")
    if count == 0:
        return Selection(np.empty(0, dtype=np.int64))
    gradients = GradientDistances(predicted, points)
    beginning = int(gradients.norms.argmax()) if first == "largest" else None
    positions = sample_by_distance(gradients, count, generator, first=beginning)
    norms = np.sqrt(gradients.norms) / gradients.scale
    return Selection(
        positions,
        {"gradient_norm": float(norms.mean()), "gradient_norm_taken": float(norms[positions].mean())},
    )
