"""Label dispersion: how little of its predicted labels fell on the most frequent one."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import AnyArray, BoolArray, FloatArray, IntArray
from swither.dynamics.label_counts import RecordedLabels, label_counts, recorded_labels, recordings
from swither.dynamics.label_history import LabelHistory


def dispersion(history: LabelHistory | AnyArray | Any, *, window: int | None = None, stride: int = 1) -> FloatArray:
    """The share of a sample's recorded labels that are not its most frequent one.

    ``dispersion(x) = 1 - f_x / T``, where f_x is how often the modal label of x occurs among its T recorded
    labels. 0: the network never changed its mind. Cells that were not recorded count neither in f_x nor in T.
    With T recordings and few classes there are few distinct values, so ties are many; see `warn_if_coarse`.

    Args:
        history: a `LabelHistory`, or labels (epochs, samples) as whole numbers. In an array of unsigned type the
            type's highest code means *not recorded*, as in a history; in one of signed type -1 does.
        window: only the last so many epochs; None: all.
        stride: every so many epochs, counted back from the last one.

    Returns:
        (samples,) float64 in [0, 1 - 1/classes]; higher is less settled, to be labelled sooner.

    Raises:
        InputError: there is no epoch, or a sample was recorded in none of them.

    References:
        Zolfaghari Bengar et al., "When Deep Learners Change Their Mind: Learning Dynamics for Active Learning",
        CAIP 2021, equations 1 and 2.

    Example:
        >>> dispersion([[0, 1], [0, 2], [0, 1], [0, 0]]).tolist()
        [0.0, 0.5]
    """
    recorded = recorded_labels(history, window, stride)
    total = recordings(recorded)
    last, settled = _settled_by_last_label(recorded, total)
    modal = last  # (samples,) how often the modal label occurs
    unsettled = np.flatnonzero(~settled)
    if len(unsettled) > 0.75 * len(settled):
        modal = _modal_counts(recorded)
    elif len(unsettled):
        rest = np.take(recorded.labels, unsettled, axis=1)
        modal[unsettled] = _modal_counts(RecordedLabels(rest, recorded.classes, recorded.not_recorded))
    return 1.0 - modal / total


def _settled_by_last_label(recorded: RecordedLabels, total: IntArray) -> tuple[IntArray, BoolArray]:
    """How often each sample's last label occurs, and where that is half of its labels: then it is modal."""
    last = recorded.labels[-1]
    counts = np.zeros(len(last), dtype=np.int64)
    for start in range(0, len(last), 2048):
        part = slice(start, start + 2048)
        equal = recorded.labels[:, part] == last[part]  # (epochs, block)
        counts[part] = np.add.reduce(equal.view(np.uint8), axis=0, dtype=np.uint32)
    return counts, (2 * counts >= total) & (last != recorded.not_recorded)


def _modal_counts(recorded: RecordedLabels) -> IntArray:
    modal = np.empty(recorded.labels.shape[1], dtype=np.int64)
    for part, counts in label_counts(recorded):
        modal[part] = counts.max(axis=0)
    return modal
