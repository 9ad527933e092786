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
    parts,
    recorded_labels,
    recording_counts,
    require_recordings,
)
from swither.dynamics.label_history import LabelHistory


def dispersion(history: LabelHistory | AnyArray | Any, *, window: int | None = None, stride: int = 1) -> FloatArray:
    """The share of a sample's recorded labels that are not its most frequent one.

    ``dispersion(x) = 1 - f_x / T``, where f_x is how often the modal label of x occurs among its T recorded
    labels. 0: the network never changed its mind. Cells that were not recorded count neither in f_x nor in T.
    With T recordings and few classes there are few distinct values, so ties are many; see `warn_if_coarse`.

    A history in a folder is read once, a few tens of megabytes at a time: beside the answer the memory that is taken
    grows neither with the samples nor with the epochs.

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
    scores = np.empty(recorded.labels.shape[1])
    unknown = 0
    for part, some in parts(recorded):
        total = recording_counts(some)
        unknown += int(np.count_nonzero(total == 0))
        if not unknown:
            scores[part] = 1.0 - _modal_counts(some, total) / total
    require_recordings(recorded, unknown)
    return scores


def _modal_counts(recorded: RecordedLabels, total: IntArray) -> IntArray:
    """How often each sample's most frequent label occurs: (samples,).

    A label that makes up half of a sample's labels is a most frequent one. The last label often does, and costs
    one comparison instead of one per class, so only the other samples are counted in full.
    """
    first = slice(0, BLOCK)
    if not _mostly_settled(*_last_label_counts(recorded, first), total[first]):
        return modal_counts(recorded, total)
    modal, known = _last_label_counts(recorded, slice(0, len(total)))
    rest = np.flatnonzero(~(known & (2 * modal >= total)))
    if len(rest):
        columns = replace(recorded, labels=np.take(recorded.labels, rest, axis=1))
        modal[rest] = modal_counts(columns, total[rest])
    return modal


def _mostly_settled(counts: IntArray, known: BoolArray, total: IntArray) -> bool:
    """Whether looking at last labels first pays: copying the columns of the rest costs time as well."""
    return 3 * int(np.count_nonzero(known & (2 * counts >= total))) > 2 * len(total)


def _last_label_counts(recorded: RecordedLabels, part: slice) -> tuple[IntArray, BoolArray]:
    """How often each sample's last label occurs, and whether that label was recorded: each (part,)."""
    labels = recorded.labels[:, part]  # (epochs, part)
    last = labels[-1]
    counts = np.empty(len(last), dtype=np.int64)
    room = np.empty((len(labels), min(BLOCK, len(last))), dtype=np.bool_)
    for block in blocks(len(last), BLOCK):
        counts[block] = count_equal(labels[:, block], last[block], room[:, : block.stop - block.start])
    return counts, last != recorded.not_recorded
