"""Which labels are probably wrong, by what networks that were not trained on them say."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from swither.arrays import BoolArray, FloatArray, IntArray, to_numpy
from swither.dynamics.predictions import as_labels
from swither.errors import InputError


class WrongLabels(NamedTuple):
    """What is held against each given label.

    Attributes:
        suspect: (samples,) whether the label is probably wrong.
        suggested: (samples,) the most probable other label, int64.
        doubt: (samples,) its probability less the given label's, -1..1; **higher** is more suspect.
    """

    suspect: BoolArray
    suggested: IntArray
    doubt: FloatArray


def wrong_labels(probabilities: Any, given_labels: Any) -> WrongLabels:
    """Compare each given label with the other labels, class by class on the network's own scale.

    A network is surer of some classes than of others. So a class counts as claimed where its probability reaches the
    mean that it has on the samples given this very label. A label is suspect where another class is claimed and is
    more probable than the given one.

    Args:
        probabilities: (samples, classes) of networks that were **not** trained on the sample: from cross-validation,
            and best the mean over the epochs of a training, so that no single epoch decides.
        given_labels: (samples,) whole numbers.

    Raises:
        InputError: the arrays do not fit, or rows do not add up to 1.

    References:
        Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70, 2021.
        The means over epochs are swither's.

    Example:
        >>> found = wrong_labels([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.9, 0.1]], [0, 0, 1, 1])
        >>> found.suspect.tolist(), found.suggested.tolist()
        ([False, False, False, True], [1, 1, 0, 0])
    """
    values = to_numpy(probabilities)
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind != "f":
        raise InputError(
            f"Expected probabilities (samples, classes) of at least two classes, got {values.dtype} of shape "
            f"{values.shape}."
        )
    given = as_labels(given_labels, values.shape[1])
    if len(given) != len(values):
        raise InputError(f"Expected one row of probabilities per label, got {len(values)} rows, {len(given)} labels.")
    if not np.isfinite(values).all() or (values < 0).any() or (np.abs(values.sum(axis=1) - 1) > 1e-3).any():
        raise InputError("Expected rows of probabilities that add up to 1. Logits go through a softmax first.")
    rows = np.arange(len(values))
    of_given = values[rows, given]  # (samples,)
    others = np.array(values, dtype=np.float64)
    others[rows, given] = -1.0
    suggested = others.argmax(axis=1)  # (samples,)
    claimed = others >= _usual_of_each_class(of_given, given, values.shape[1])  # (samples, classes)
    suspect: BoolArray = np.asarray((claimed & (others > of_given[:, None])).any(axis=1))
    return WrongLabels(suspect, suggested, others[rows, suggested] - of_given)


def _usual_of_each_class(of_given: FloatArray, given: IntArray, classes: int) -> FloatArray:
    """The mean probability of a class on the samples given its label, (classes,); infinity where there are none."""
    count = np.bincount(given, minlength=classes)
    total = np.bincount(given, weights=of_given, minlength=classes)
    usual: FloatArray = np.divide(total, count, out=np.full(classes, np.inf), where=count > 0)
    return usual
