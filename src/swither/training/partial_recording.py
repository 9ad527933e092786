"""The observers that look at no more of a pool than the most dispersed images are found with."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from swither.arrays import AnyArray, IntArray, StrArray, label_type
from swither.data.image_set import ImageSet
from swither.dynamics.deferred import DeferredSearch
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.online import OnlineSearch
from swither.dynamics.rows import not_recorded_code
from swither.errors import DamagedState, NotEnoughSpace
from swither.training.recording import LabelsOf
from swither.training.weights import load_weights, read_tensors, save_weights, write_tensors

_SPARED = 1 << 28
"""Bytes that are left free on a disk on which weights are kept."""

_WRITING = 20
"""Looking takes at least so many times as long as writing what was seen."""


class OnlineRecorder:
    """Records while the network trains, without the images that can no longer be among the most dispersed.

    What is dropped, and when, follows from the recorded labels alone: an interrupted recording goes on from its
    history.

    Args:
        history: of `images`, whose columns stand in the order in which equal scores are taken.
        images: the pool, in that order.
        labels_of: what looks.
        recordings: there will be.
        every: record after each epoch whose number is a multiple of this.
        budget: images that are to be found.
    """

    def __init__(
        self, history: LabelHistory, images: ImageSet, labels_of: LabelsOf, *, recordings: int, every: int, budget: int
    ) -> None:
        self.history, self.images = history, images
        self._labels_of, self._every = labels_of, every
        self._size = recordings, len(images), images.classes, budget
        self._search = OnlineSearch(*self._size)

    @property
    def looks(self) -> int:
        """Images looked at, each counted once for every epoch."""
        return self._search.seen.looks

    def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:
        """Nothing: the pool is looked at between epochs."""

    def after_epoch(self, epoch: int, model: nn.Module) -> None:
        """Look at the images that are not settled, if this epoch is to be recorded."""
        if epoch % self._every:
            return
        rows = self._search.rows
        labels = self._labels_of(model, self.images.take(rows))
        self.history.record(self.images.ids[rows], labels)
        self.history.close_epoch(allow_missing=True)
        self._search.add(labels)

    def resume(self, epochs: int) -> None:
        """Keep what was recorded in the first `epochs` epochs."""
        kept = epochs // self._every
        if self.history.epochs < kept:
            raise DamagedState(f"The history holds {self.history.epochs} of {kept} recorded epochs.")
        self.history.truncate(kept)
        self._search = OnlineSearch(*self._size)
        for row in self.history.labels:
            if not np.array_equal(np.flatnonzero(row != self.history.not_recorded), self._search.rows):
                raise DamagedState("The history holds other images than were looked at.")
            self._search.add(row[self._search.rows])


class WeightKeeper:
    """Keeps a network's weights as they are after every epoch that is to be recorded, for later.

    Args:
        folder: for the files, which are named by the number of the recording.
        recordings: there will be.
        every: keep after each epoch whose number is a multiple of this.
    """

    def __init__(self, folder: Path, *, recordings: int, every: int) -> None:
        self.folder, self._recordings, self._every = folder, recordings, every

    def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:
        """Nothing: weights are kept between epochs."""

    def after_epoch(self, epoch: int, model: nn.Module) -> None:
        """Keep the weights, if this epoch is to be recorded."""
        if epoch % self._every == 0:
            save_weights(weights_after(self.folder, epoch // self._every), model)

    def resume(self, epochs: int) -> None:
        """Keep those of the first `epochs` epochs."""
        kept = epochs // self._every
        missing = [n for n in range(1, kept + 1) if not weights_after(self.folder, n).exists()]
        if missing:
            raise DamagedState(f"{weights_after(self.folder, missing[0])} is missing.")
        for number in range(kept + 1, self._recordings + 1):
            weights_after(self.folder, number).unlink(missing_ok=True)
        seen_through(self.folder).unlink(missing_ok=True)  # other weights may follow


def require_room(folder: Path, recordings: int, each: int) -> None:
    """Raise unless the disk holds the networks that a deferred recording keeps, before anything is trained.

    Args:
        folder: where they will lie; what lies there already is not asked for again.
        recordings: networks that will be kept.
        each: bytes of a network.

    Raises:
        NotEnoughSpace: they would not fit.
    """
    files = sum(not weights_after(folder, number).exists() for number in range(1, recordings + 1))
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    needed, free = files * each, shutil.disk_usage(there).free
    if files and needed + _SPARED > free:
        raise NotEnoughSpace(
            f"--record deferred keeps the network as it is after {files} epochs until the pool is recorded: "
            f"{needed / 1e6:,.0f} MB in {folder}, but only {free / 1e6:,.0f} MB are free there, of which "
            f"{_SPARED / 1e6:,.0f} MB are left alone. Free some space, or choose --record online, which keeps none."
        )


def weights_after(folder: Path, number: int) -> Path:
    """Where the weights of a recording lie; numbers count from 1."""
    return folder / f"{number:05}.safetensors"


def seen_through(folder: Path) -> Path:
    """Where the labels lie that the kept networks have given so far."""
    return folder / "seen.safetensors"


class DeferredLooks:
    """Looks at a pool with the kept networks, and remembers on disk what was seen.

    The search asks the same again when it is begun again, so that an interrupted recording goes on.

    Args:
        folder: with the weights; ``seen.safetensors`` is kept there too.
        model: of the same shape as the networks, on its device, in evaluation mode; it gets their weights.
        images: the pool, in the order in which equal scores are taken.
        labels_of: what looks.
        recordings: networks that were kept.
        checkpoint_seconds: at most this much is looked at again after an interruption, or twenty times what writing
            takes, if that is more: all labels are written each time.

    Attributes:
        seconds: spent on looking, before an interruption too.
    """

    def __init__(
        self,
        folder: Path,
        model: nn.Module,
        images: ImageSet,
        labels_of: LabelsOf,
        *,
        recordings: int,
        checkpoint_seconds: float,
    ) -> None:
        self._folder, self._model, self._images, self._labels_of = folder, model, images, labels_of
        self._seconds_between = checkpoint_seconds
        self._path = seen_through(folder)
        kind = label_type(images.classes)
        self._missing = not_recorded_code(kind)
        self._known: AnyArray = np.full((recordings, len(images)), self._missing, dtype=kind)
        self.seconds = self._read()
        self._written = time.perf_counter()

    def __call__(self, recording: int, rows: IntArray) -> AnyArray:
        """The labels (rows,) after a recording, counted from 0."""
        unknown = rows[self._known[recording, rows] == self._missing]
        if len(unknown):
            begin = time.perf_counter()
            load_weights(weights_after(self._folder, recording + 1), self._model)
            self._known[recording, unknown] = self._labels_of(self._model, self._images.take(unknown))
            self.seconds += time.perf_counter() - begin
            if time.perf_counter() - self._written >= self._seconds_between:
                self._write()
        known: AnyArray = self._known[recording, rows]
        return known

    def _read(self) -> float:
        """Take what was seen before an interruption; the seconds that it took."""
        try:
            tensors, metadata = read_tensors(self._path)
        except DamagedState:  # there is none, or it is made again
            return 0.0
        labels = tensors["labels"].numpy()
        if labels.shape != self._known.shape or labels.dtype != self._known.dtype:
            return 0.0
        self._known = labels.copy()
        return float(metadata["seconds"])

    def _write(self) -> None:
        begin = time.perf_counter()
        write_tensors(self._path, {"labels": torch.from_numpy(self._known)}, {"seconds": str(self.seconds)})
        self._written = time.perf_counter()
        self._seconds_between = max(self._seconds_between, _WRITING * (self._written - begin))


def record_deferred(looks: Callable[[int, IntArray], AnyArray], search: DeferredSearch, history: LabelHistory) -> None:
    """Find the most dispersed images, and put what was seen on the way into an empty history, at once.

    Args:
        looks: gives the labels of rows after a recording.
        search: of the images of `history`, in its order.
        history: in memory or in a folder, without epochs.
    """
    labels = search.run(looks)
    missing = history.not_recorded
    with history.together():
        for row in labels:
            seen = np.flatnonzero(row != missing)
            history.record(history.ids[seen], row[seen])
            history.close_epoch(allow_missing=True)
