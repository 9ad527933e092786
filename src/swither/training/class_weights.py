"""How much an image of each class counts in the loss, where labels are imbalanced. No torch here."""

from __future__ import annotations

import numpy as np

from swither.arrays import FloatArray, IntArray
from swither.training.recipe import NO_WEIGHTS


def class_weights(kind: str, labels: IntArray, classes: int) -> FloatArray | None:
    """The weight of each class for a labelled set; None where all count the same.

    Balanced weights are n / (k x count), where n images of k classes are labelled: every class that has a label counts
    the same in a batch that holds all images. The loss of a batch is the weighted mean over its images, as torch's
    cross-entropy computes it: the sum of weight times loss, over the sum of the weights. So a single image of a rare
    class moves a step no further than a whole batch without weights could; in small batches, of which few hold it, the
    class has a smaller share of the loss (a ninth, with four images in 250 and batches of eight).

    Args:
        kind: one of `swither.training.recipe.CLASS_WEIGHTS`.
        labels: (samples,) of the labelled images, in 0 .. classes - 1.
        classes: number of classes.

    Returns:
        (classes,) weights; 0 for a class without a label, which no image of the training has.

    Example:
        >>> class_weights("balanced", np.array([0, 0, 0, 2]), 3)
        array([0.66666667, 0.        , 2.        ])
        >>> class_weights("none", np.array([0, 0, 0, 2]), 3) is None
        True
    """
    if kind == NO_WEIGHTS:
        return None
    counts = np.bincount(labels, minlength=classes)
    there = counts > 0
    weights = np.zeros(classes)
    weights[there] = len(labels) / (there.sum() * counts[there])
    return weights
