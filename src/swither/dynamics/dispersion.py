"""Label dispersion: how little of its predicted labels fell on the most frequent one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from swither.arrays import AnyArray, BoolArray, FloatArray, IntArray
from swither.dynamics.label_counts import (
    BLOCK,
    RecordedLabels,
    blocks,
    count_equal,
    modal_counts,
    recorded_labels,
    recordings,
)
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
    return 1.0 - _modal_counts(recorded, total) / total


def _modal_counts(recorded: RecordedLabels, total: IntArray) -> IntArray:
    """How often each sample's most frequent label occurs: (samples,).

    A label that makes up half of a sample's labels is a most frequent one. The last label often does, and costs
    one comparison instead of one per class; where it mostly does not, it is not tried again.
    """
    modal = np.empty(len(total), dtype=np.int64)
    promising = True
    for part in blocks(len(total), BLOCK):
        block = replace(recorded, labels=np.ascontiguousarray(recorded.labels[:, part]))
        if promising:
            counts, settled = _settled_by_last_label(block, total[part])
            rest = np.flatnonzero(~settled)
            promising = 3 * len(rest) <= len(settled)
        if not promising:
            modal[part] = modal_counts(block, total[part])
            continue
        if len(rest):
            columns = replace(block, labels=np.take(block.labels, rest, axis=1))
            counts[rest] = modal_counts(columns, total[part][rest])
        modal[part] = counts
    return modal


def _settled_by_last_label(block: RecordedLabels, total: IntArray) -> tuple[IntArray, BoolArray]:
    """How often each sample's last label occurs, and whether that is half of its labels."""
    last = block.labels[-1]
    counts = count_equal(block.labels, last, np.empty(block.labels.shape, dtype=np.bool_)).astype(np.int64)
    return counts, (2 * counts >= total) & (last != block.not_recorded)
