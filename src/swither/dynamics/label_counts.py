"""How often each sample received each label, in blocks that fit a processor's cache; what measures count with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np

from swither.arrays import AnyArray, BoolArray, IntArray, label_type, to_numpy
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.rows import not_recorded_code
from swither.errors import InputError

FEW_CLASSES = 24
"""Up to so many classes, comparing a block with each class in turn beats counting with ``numpy.bincount``."""

BLOCK = 4096
"""Samples at a time: with 100 epochs of one byte, a block and its comparison stay close to a core, and are long enough
that calling NumPy costs little beside them."""

BLOCK_OF_MANY_CLASSES = 512
"""Samples at a time with ``numpy.bincount``, whose numbers take eight bytes."""

PART_BYTES = 1 << 24
"""Bytes of a history on disk that are in memory at a time: long runs of each epoch's row are read quickest."""


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
    return RecordedLabels(labels, _count_classes(labels), int(not_recorded_code(labels.dtype)))


def recordings(recorded: RecordedLabels) -> IntArray:
    """How many epochs of each sample were recorded: (samples,).

    Raises:
        InputError: some samples were not recorded at all, so that no measure of theirs exists.
    """
    counts = recording_counts(recorded)
    require_recordings(recorded, int(np.count_nonzero(counts == 0)))
    return counts


def recording_counts(recorded: RecordedLabels) -> IntArray:
    """How many epochs of each sample were recorded, maybe none: (samples,)."""
    labels = recorded.labels
    counts = np.full(labels.shape[1], len(labels), dtype=np.int64)
    if _any_missing(recorded):
        for row in labels:
            counts -= row == recorded.not_recorded
    return counts


def require_recordings(recorded: RecordedLabels, unknown: int) -> None:
    """Raise where `unknown` samples, more than none, were recorded in no epoch."""
    epochs, samples = recorded.labels.shape
    if unknown:
        raise InputError(
            f"{unknown} of {samples} samples were recorded in none of the {epochs} epochs looked at; nothing is known "
            "of them. Leave them out or look at more epochs."
        )


def parts(recorded: RecordedLabels) -> Iterator[tuple[slice, RecordedLabels]]:
    """Go through the samples of a memory-mapped history in long parts, each read into memory once; of others, views.

    Yields:
        Which samples, and what was recorded of them.
    """
    labels = recorded.labels
    length = max(1, PART_BYTES // (max(1, len(labels)) * labels.itemsize) // BLOCK) * BLOCK
    for part in blocks(labels.shape[1], length):
        some = labels[:, part]
        yield part, replace(recorded, labels=np.array(some) if isinstance(labels, np.memmap) else some)


def _any_missing(recorded: RecordedLabels) -> bool:
    """Whether any cell was not recorded: an extreme value of the type, so one pass tells."""
    extreme = recorded.labels.max(initial=0) if recorded.not_recorded > 0 else recorded.labels.min(initial=0)
    return bool(extreme == recorded.not_recorded)


def label_counts(recorded: RecordedLabels, total: IntArray) -> Iterator[tuple[slice, IntArray]]:
    """Go through the samples in blocks: which samples, and their counts (classes, block).

    Args:
        recorded: what to count.
        total: (samples,) the number of recorded labels of each sample, from `recordings`.
    """
    few = recorded.classes <= FEW_CLASSES
    room = Room(recorded.labels, BLOCK if few else 0)
    for part in blocks(recorded.labels.shape[1], BLOCK if few else BLOCK_OF_MANY_CLASSES):
        labels = recorded.labels[:, part]  # (epochs, block)
        if few:
            yield part, np.stack(list(_compared(labels, recorded.classes, total[part], room)))
        else:
            yield part, _binned(labels, recorded)


def modal_counts(recorded: RecordedLabels, total: IntArray) -> IntArray:
    """How often each sample's most frequent label occurs: (samples,); arguments as in `label_counts`."""
    few = recorded.classes <= FEW_CLASSES
    room = Room(recorded.labels, BLOCK if few else 0)
    modal = np.empty(len(total), dtype=np.int64)
    for part in blocks(len(total), BLOCK if few else BLOCK_OF_MANY_CLASSES):
        labels = recorded.labels[:, part]  # (epochs, block)
        if few:
            modal[part] = reduce(np.maximum, _compared(labels, recorded.classes, total[part], room))
        else:
            modal[part] = _binned(labels, recorded).max(axis=0)
    return modal


class Room:
    """Memory that one block after another is worked on in: to ask for new memory takes longer than to compare in it.

    Args:
        labels: (epochs, samples) whose blocks come.
        length: samples in a block at most.
    """

    def __init__(self, labels: IntArray, length: int) -> None:
        cells = len(labels) * min(length, labels.shape[1])
        self._labels = np.empty(cells, dtype=labels.dtype)
        self._equal = np.empty(cells, dtype=np.bool_)

    def copy(self, labels: IntArray) -> IntArray:
        """The labels of a block, (epochs, block), close together: they are read once per class."""
        copied: IntArray = self._labels[: labels.size].reshape(labels.shape)
        np.copyto(copied, labels)
        return copied

    def equal(self, labels: IntArray) -> BoolArray:
        """Room for one comparison of a block: (epochs, block)."""
        return self._equal[: labels.size].reshape(labels.shape)


def blocks(samples: int, length: int) -> Iterator[slice]:
    """Slices of at most `length` samples that cover them all."""
    for start in range(0, samples, length):
        yield slice(start, min(start + length, samples))


def count_equal(labels: IntArray, to: AnyArray | np.integer[Any], room: BoolArray) -> IntArray:
    """How many of each sample's labels equal `to`: (block,), in the smallest type that holds the counts.

    Args:
        labels: (epochs, block).
        to: one label, or (block,) one for each sample.
        room: (epochs, block) to be overwritten, so that nothing is allocated per class.
    """
    np.equal(labels, to, out=room)
    counts: IntArray = np.add.reduce(room[:255].view(np.uint8), axis=0, dtype=np.uint8)
    if len(labels) <= 255:
        return counts
    counts = counts.astype(_count_type(len(labels)))
    for start in range(255, len(labels), 255):  # adding up bytes in bytes is several times quicker than in more
        counts += np.add.reduce(room[start : start + 255].view(np.uint8), axis=0, dtype=np.uint8)
    return counts


def _count_type(epochs: int) -> np.dtype[np.unsignedinteger[Any]]:
    return label_type(epochs + 1)


def _compared(labels: IntArray, classes: int, total: IntArray, room: Room) -> Iterator[IntArray]:
    """Counts (block,) of one class after another; the last class has what the others leave."""
    labels, equal = room.copy(labels), room.equal(labels)
    rest = total.astype(_count_type(len(labels)))  # (block,)
    for label in range(classes - 1):
        counts = count_equal(labels, labels.dtype.type(label), equal)
        rest -= counts
        yield counts
    yield rest


def _binned(labels: IntArray, recorded: RecordedLabels) -> IntArray:
    """Counts (classes, block) by numbering every pair of sample and label."""
    samples, classes = labels.shape[1], recorded.classes
    bins = np.add(labels, np.arange(samples, dtype=np.int64) * classes, dtype=np.int64)
    missing = labels == recorded.not_recorded
    if missing.any():
        bins[missing] = samples * classes  # one bin beyond, cut off again
    counts = np.bincount(bins.reshape(-1), minlength=samples * classes)[: samples * classes]
    return counts.reshape(samples, classes).T


def _count_classes(labels: IntArray) -> int:
    """One more than the highest recorded label of a plain array, at least 1."""
    if labels.dtype.kind == "u":  # the code for not recorded wraps round to 0
        one = labels.dtype.type(1)
        return max(1, *(int((row + one).max(initial=0)) for row in labels))
    lowest = int(labels.min(initial=0))
    if lowest < -1:
        raise InputError(f"Expected labels from 0, or -1 for not recorded; got {lowest}.")
    return max(1, int(labels.max(initial=0)) + 1)


def _epochs(labels: IntArray, window: int | None, stride: int) -> IntArray:
    if len(labels) == 0:
        raise InputError("Expected at least one completed epoch, got none. Record labels and close the epoch.")
    if window is not None and not 1 <= window <= len(labels):
        raise InputError(f"Expected a window of 1 to {len(labels)} recorded epochs, got {window}.")
    if stride < 1:
        raise InputError(f"Expected a stride of at least 1 epoch, got {stride}.")
    first = 0 if window is None else len(labels) - window
    return labels[first + (len(labels) - first - 1) % stride :: stride]
