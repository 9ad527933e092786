"""Label entropy: how evenly a sample's predicted labels are spread over the classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import AnyArray, FloatArray
from swither.dynamics.label_counts import label_counts, recorded_labels, recordings
from swither.dynamics.label_history import LabelHistory


def label_entropy(history: LabelHistory | AnyArray | Any, *, window: int | None = None, stride: int = 1) -> FloatArray:
    """The entropy of a sample's recorded labels, in nats.

    A relative of dispersion that also tells apart labels scattered over two classes from labels scattered over
    many. Cells that were not recorded do not count.

    Args:
        history: a `LabelHistory`, or labels (epochs, samples); see `dispersion` for cells not recorded.
        window: only the last so many epochs; None: all.
        stride: every so many epochs, counted back from the last one.

    Returns:
        (samples,) float64 in [0, ln(classes)], right to 1e-9; higher is less settled, to be labelled sooner.

    Raises:
        InputError: there is no epoch, or a sample was recorded in none of them.

    Example:
        >>> label_entropy([[0, 1], [0, 2]]).round(4).tolist()
        [0.0, 0.6931]
    """
    from scipy.special import xlogy  # takes longer to load than all of swither's own files

    recorded = recorded_labels(history, window, stride)
    total = recordings(recorded)  # (samples,)
    count = np.arange(len(recorded.labels) + 1, dtype=np.float64)
    # n ln n for every count n that can occur, as multiples of 2^-32: such sums are exact, so samples whose labels
    # are spread alike over other classes get the very same score, and a settled one gets 0.
    terms = np.rint(xlogy(count, count) * 2.0**32) / 2.0**32
    spread = np.empty(len(total), dtype=np.float64)
    for part, counts in label_counts(recorded, total):
        spread[part] = terms[counts].sum(axis=0)
    entropy: FloatArray = (terms[total] - spread) / total
    return entropy
