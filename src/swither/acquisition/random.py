"""Random: the baseline that every other method has to beat."""

from __future__ import annotations

import numpy as np

from swither.acquisition.selection import Selection, as_count, require_generator


def random(samples: int, count: int, generator: np.random.Generator) -> Selection:
    """Draw `count` of `samples` candidates uniformly, without replacement.

    Equal generators give equal draws, and a smaller count gives the first part of a larger one's.

    Args:
        samples: how many candidates there are.
        count: how many to take, from 0 to samples.
        generator: where the draw comes from.

    Returns:
        The selection, in random order.

    Raises:
        InputError: `count` does not lie between 0 and samples, or `generator` is none.

    References:
        The usual baseline; Settles, "Active Learning Literature Survey", University of Wisconsin-Madison 2009.

    Example:
        >>> sorted(random(3, count=3, generator=np.random.default_rng(0)).positions.tolist())
        [0, 1, 2]
    """
    count = as_count(count, samples)
    require_generator(generator)
    return Selection(generator.permutation(samples)[:count].astype(np.int64))
