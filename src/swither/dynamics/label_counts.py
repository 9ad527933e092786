"""How often each sample received each label, in blocks that fit a processor's cache; what measures count with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from swither.arrays import AnyArray, IntArray, to_numpy
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.rows import not_recorded_code
from swither.errors import InputError

FEW_CLASSES = 24
"""Up to so many classes, comparing a block with each class in turn beats counting with ``numpy.bincount``."""


@dataclass(frozen=True)
class RecordedLabels:
    """The labels that a measure looks at.

    Attributes:
        labels: (epochs, samples).
        classes: labels are below it.
        not_recorded: the code of cells that were not recorded.
    """

    labels: IntArray
    classes: int
    not_recorded: int


def recorded_labels(
    history: LabelHistory | AnyArray | Any, window: int | None = None, stride: int = 1
) -> RecordedLabels:
    """Take a history, or a plain array of labels, and the epochs that count.

    Args:
        history: a `LabelHistory`, or labels (epochs, samples) as whole numbers. In an array of unsigned type the
            type's highest code means *not recorded*, as in a history; in one of signed type -1 does.
        window: only the last so many epochs; None: all.
        stride: every so many epochs, counted back from the last one.

    Raises:
        InputError: there is no epoch, the window is longer than the history, or the array holds no labels.
    """
    if isinstance(history, LabelHistory):
        return RecordedLabels(_epochs(history.labels, window, stride), history.classes, history.not_recorded)
    labels = to_numpy(history)
    if labels.ndim != 2 or labels.dtype.kind not in "iu":
        raise InputError(
            f"Expected a LabelHistory or labels (epochs, samples) as whole numbers, got an array of shape "
            f"{labels.shape} and type {labels.dtype}."
        )
    labels = _epochs(labels, window, stride)
    missing = int(not_recorded_code(labels.dtype))
    recorded = labels[labels != missing]
    if recorded.size and recorded.min() < 0:
        raise InputError(f"Expected labels from 0, or -1 for not recorded; got {recorded.min()}.")
    return RecordedLabels(labels, int(recorded.max()) + 1 if recorded.size else 1, missing)


def recordings(recorded: RecordedLabels) -> IntArray:
    """How many epochs of each sample were recorded: (samples,).

    Raises:
        InputError: some samples were not recorded at all, so that no measure of theirs exists.
    """
    labels = recorded.labels
    counts = np.full(labels.shape[1], len(labels), dtype=np.int64)
    for row in labels:
        missing = row == recorded.not_recorded
        if missing.any():
            counts -= missing
    if labels.shape[1] and counts.min() == 0:
        raise InputError(
            f"{np.count_nonzero(counts == 0)} of {labels.shape[1]} samples were recorded in none of the "
            f"{len(labels)} epochs looked at; nothing is known of them. Leave them out or look at more epochs."
        )
    return counts


def label_counts(recorded: RecordedLabels) -> Iterator[tuple[slice, IntArray]]:
    """Go through the samples in blocks: which samples, and their counts (classes, block)."""
    few = recorded.classes <= FEW_CLASSES
    samples = recorded.labels.shape[1]
    block = max(64, min(4096, 400_000 // max(len(recorded.labels), 1))) if few else 512
    for start in range(0, samples, block):
        part = slice(start, min(start + block, samples))
        labels = recorded.labels[:, part]  # (epochs, block)
        yield part, _compared(labels, recorded.classes) if few else _binned(labels, recorded)


def _compared(labels: IntArray, classes: int) -> IntArray:
    """Counts (classes, block) by comparing with one class after another."""
    small = np.dtype(np.uint8 if len(labels) < 256 else np.uint16 if len(labels) < 65536 else np.int64)
    equal = np.empty(labels.shape, dtype=np.bool_)
    counts = np.empty((classes, labels.shape[1]), dtype=small)
    for label in range(classes):
        np.equal(labels, labels.dtype.type(label), out=equal)
        np.add.reduce(equal.view(np.uint8), axis=0, dtype=small, out=counts[label])
    return counts


def _binned(labels: IntArray, recorded: RecordedLabels) -> IntArray:
    """Counts (classes, block) by numbering every pair of sample and label."""
    width = recorded.classes + 1  # the last bin takes what was not recorded
    bins = labels.astype(np.int64)
    bins[labels == recorded.not_recorded] = recorded.classes
    bins += np.arange(labels.shape[1], dtype=np.int64) * width
    counts = np.bincount(bins.reshape(-1), minlength=labels.shape[1] * width)
    return counts.reshape(labels.shape[1], width)[:, :-1].T


def _epochs(labels: IntArray, window: int | None, stride: int) -> IntArray:
    if len(labels) == 0:
        raise InputError("Expected at least one completed epoch, got none. Record labels and close the epoch.")
    if window is not None and not 1 <= window <= len(labels):
        raise InputError(f"Expected a window of 1 to {len(labels)} recorded epochs, got {window}.")
    if stride < 1:
        raise InputError(f"Expected a stride of at least 1 epoch, got {stride}.")
    first = 0 if window is None else len(labels) - window
    return labels[first + (len(labels) - first - 1) % stride :: stride]
