"""A fixed part of the training images, for comparisons that have to be small."""

from __future__ import annotations

import numpy as np

from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.randomness import keyed_order

SEED = 0
"""Of every sample: another one would be another data set."""


def sample(images: ImageSet, count: int, *, after: int = 0) -> ImageSet:
    """Draw `count` images by a keyed hash of their ids: the same ones for every order and every seed of a run.

    Args:
        images: to draw from.
        count: how many to draw, at least 1.
        after: how many to pass over first, so that two samples of the same images share none.

    Returns:
        The drawn images, in the order of `images`.

    Raises:
        InputError: there are not so many.

    Example:
        >>> from swither.data import open_images
        >>> digits = open_images("digits")
        >>> small, other = sample(digits, 100), sample(digits, 50, after=100)
        >>> len(small), len(set(small.ids) & set(other.ids))
        (100, 0)
    """
    if isinstance(count, bool) or not 1 <= count <= len(images) - after:
        raise InputError(
            f"Expected to draw 1 to {len(images) - after} of {len(images)} training images, got {count}. "
            "Lower --train-images, or leave it away to train on all."
        )
    drawn = keyed_order(images.ids, SEED, "sample")[after : after + count]
    return images.take(np.sort(drawn))
