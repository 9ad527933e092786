"""How the label history of a training comes about: in full, online, or deferred until the training is over.

Each way watches the training (`observers`) and is asked for the history when it is over (`finished`). A history lies in
a folder of its own from the first epoch on, and an interrupted one is gone on with.
"""

from __future__ import annotations

import copy
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from swither.arrays import StrArray
from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.dynamics.deferred import DeferredSearch
from swither.dynamics.folder import INDEX
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.sure import surely_most_dispersed
from swither.errors import DamagedState, InputError
from swither.files import read_json, set_aside, write_json
from swither.loop.interruption import CHECKPOINT, set_aside_with_warning
from swither.loop.settings import DEFERRED, LearnerSettings, Recording
from swither.randomness import keyed_order
from swither.training.chunk import usual_chunk
from swither.training.observer import Observer
from swither.training.partial_recording import (
    DeferredLooks,
    OnlineRecorder,
    WeightKeeper,
    record_deferred,
    require_room,
)
from swither.training.recording import HEADS_AT_ONCE, Augmentation, LabelsOf, PoolRecorder, labels_through

WEIGHTS = "weights"
"""In the folder of a deferred history: the networks that are still to look at the pool."""

KEPT = f"{WEIGHTS}/kept.json"
"""There: that the training is over, and how it went."""

_KIND = "swither kept weights"


@dataclass(frozen=True)
class Wanted:
    """A history that is to be made.

    Attributes:
        folder: for it alone.
        pool: what is recorded; where that is in part, in the order in which equal scores are taken.
        recording: how.
        recordings: how many there will be.
        normalisation: of the training.
        device: of the training.
        precision: of the training.
        augmentation: of a recording of cropped and flipped images.
        checkpoint_seconds: at most this much is done again after an interruption.
        weights_bytes: of the network, where it is kept after every recording.
    """

    folder: Path
    pool: ImageSet
    recording: Recording
    recordings: int
    normalisation: Normalisation
    device: torch.device
    precision: str
    augmentation: Augmentation | None
    checkpoint_seconds: float
    weights_bytes: int

    @property
    def labels_of(self) -> LabelsOf:
        """What looks at images."""
        return labels_through(self.normalisation, self.device, precision=self.precision, fold=self.recording.folded)

    def begin(self) -> Making:
        """Begin to make it, or go on."""
        if not self.recording.in_part:
            return InFull(self)
        return Deferred(self) if self.recording.mode == DEFERRED else Online(self)


class Making(ABC):
    """A history that is being made.

    Attributes:
        observers: to watch the training.
        seconds: what was spent beside the training.
    """

    observers: Sequence[Observer]
    seconds: float = 0.0

    @abstractmethod
    def finished(self, model: torch.nn.Module) -> LabelHistory:
        """The history, when the training is over and `model` is its network."""

    @property
    def facts(self) -> dict[str, Any]:
        """What there is to say of it besides."""
        return {}

    def keep(self, facts: Mapping[str, Any]) -> None:  # noqa: B027 (most are done by then)
        """The training is over: remember it, where much is still to be done."""


class InFull(Making):
    """Every image after every recorded epoch."""

    def __init__(self, wanted: Wanted) -> None:
        pool = wanted.pool
        self._history = _unfinished_history(wanted.folder, pool, confidence=True)
        recorder = PoolRecorder(
            self._history,
            pool,
            wanted.normalisation,
            device=wanted.device,
            every=wanted.recording.every,
            precision=wanted.precision,
            augmentation=wanted.augmentation,
            at_once=HEADS_AT_ONCE,
            fold=wanted.recording.folded,
        )
        self.observers = [recorder]

    def finished(self, model: torch.nn.Module) -> LabelHistory:  # noqa: ARG002
        """It is there already."""
        return self._history


class Online(Making):
    """After every recorded epoch the images that may still be among the most dispersed."""

    def __init__(self, wanted: Wanted) -> None:
        pool = _near(wanted.pool, wanted.device)
        self._history = _unfinished_history(wanted.folder, pool, confidence=False)
        every, budget = wanted.recording.every, min(wanted.recording.budget, len(pool))
        self._recorder = OnlineRecorder(
            self._history, pool, wanted.labels_of, recordings=wanted.recordings, every=every, budget=budget
        )
        self.observers = [self._recorder]

    def finished(self, model: torch.nn.Module) -> LabelHistory:  # noqa: ARG002
        """It is there already."""
        return self._history

    @property
    def facts(self) -> dict[str, Any]:
        """How many images were looked at, each counted once for every epoch."""
        return {"images_looked_at": self._recorder.looks}


class Deferred(Making):
    """The networks of all recorded epochs first; they look at the pool when the training is over."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._weights = wanted.folder / WEIGHTS
        require_room(self._weights, wanted.recordings, wanted.weights_bytes)
        keeper = WeightKeeper(self._weights, recordings=wanted.recordings, every=wanted.recording.every)
        self.observers = [keeper]
        self._looks = 0

    def finished(self, model: torch.nn.Module) -> LabelHistory:
        """Look at the pool, and remove the networks."""
        wanted, begin = self._wanted, time.perf_counter()
        pool = _near(wanted.pool, wanted.device)
        looks = DeferredLooks(
            self._weights,
            copy.deepcopy(model),
            pool,
            wanted.labels_of,
            recordings=wanted.recordings,
            checkpoint_seconds=wanted.checkpoint_seconds,
        )
        before = looks.seconds
        search = DeferredSearch(
            wanted.recordings,
            len(pool),
            pool.classes,
            min(wanted.recording.budget, len(pool)),
            chunk=usual_chunk(wanted.device.type, features=pool.features is not None),
        )
        (wanted.folder / INDEX).unlink(missing_ok=True)  # of a recording that was killed while it was written
        history = LabelHistory.create(pool.ids, pool.classes, folder=wanted.folder)
        record_deferred(looks, search, history)
        self._looks = search.seen.looks
        self.seconds = before + time.perf_counter() - begin
        return history

    @property
    def facts(self) -> dict[str, Any]:
        """How many images were looked at, each counted once for every epoch."""
        return {"images_looked_at": self._looks}

    def keep(self, facts: Mapping[str, Any]) -> None:
        """The training need not be made again."""
        write_json(self._wanted.folder / KEPT, _KIND, 1, facts)


def kept_facts(folder: Path) -> dict[str, Any] | None:
    """What is known of a training that is over, while its networks are yet to look at the pool."""
    if not (folder / KEPT).exists():
        return None
    try:
        return read_json(folder / KEPT, _KIND, 1)
    except DamagedState:
        forget_kept(folder)
        return None


def forget_kept(folder: Path) -> None:
    """Remove the networks that were kept; a training that is not recorded yet is then made again."""
    shutil.rmtree(folder / WEIGHTS, ignore_errors=True)


def in_order_of_choice(pool: ImageSet, seed: int, cycle: int) -> ImageSet:
    """Images as candidates stand, which no source, annotator or worker can change: equal scores go in this order."""
    return pool.take(keyed_order(pool.ids, seed, "candidates", cycle))


def recording_of(
    settings: LearnerSettings, cycle: int, pool: ImageSet, count: int | None
) -> tuple[ImageSet, Recording]:
    """What is to be recorded, in which order, and how.

    Args:
        settings: of the learner.
        cycle: which training of the run it is.
        pool: what is recorded.
        count: of a recording in part, how many images are to be chosen.

    Raises:
        InputError: a recording in part is not told for how many images.
    """
    recording = settings.recording
    if not recording.in_part:
        return pool, recording
    if count is None:
        raise InputError(
            f"A pool that is recorded {recording.mode} is recorded for a number of images to choose. Give it "
            "(count=...), or record in full."
        )
    return in_order_of_choice(pool, settings.seed, cycle), replace(recording, budget=count)


def tidy(folder: Path, recording: Recording) -> None:
    """Make a history's folder ready to begin in or to go on in."""
    if (folder / "recorded.json").exists():  # finished, but its training's weights are gone
        set_aside(folder)
    going_on = [folder / CHECKPOINT, *([folder / KEPT] if recording.mode == DEFERRED else [])]
    if not any(path.exists() for path in going_on):
        shutil.rmtree(folder, ignore_errors=True)


def serves(history: LabelHistory, recording: Recording, pool: StrArray, wanted: Recording) -> bool:
    """Whether a finished history does for what is wanted: images that left the pool since do no harm.

    Args:
        history: finished.
        recording: how it was made.
        pool: (pool,) ids of the images that may be chosen now.
        wanted: how it should have been made; of one in part, as many images of the pool as its budget must be sure.
    """
    if replace(recording, budget=0) != replace(wanted, budget=0) or not {*pool} <= {*history.ids}:
        return False
    if not wanted.in_part:
        return True
    sure = surely_most_dispersed(history, min(recording.budget, len(history.ids)))
    return int(np.isin(sure, pool).sum()) >= min(wanted.budget, len(pool))


def _unfinished_history(folder: Path, pool: ImageSet, *, confidence: bool) -> LabelHistory:
    """The history that an interrupted recording left, to go on with, or a new one."""
    if (folder / CHECKPOINT).exists():
        try:
            return LabelHistory.open(folder)
        except (DamagedState, InputError, OSError) as error:
            set_aside_with_warning(folder, error)
    return LabelHistory.create(pool.ids, pool.classes, folder=folder, confidence=confidence)


def _near(pool: ImageSet, device: torch.device) -> ImageSet:
    """The pool with its embeddings, if it has any, where parts of it are taken from quickly."""
    if pool.features is None or device.type != "cpu":
        return pool
    return replace(pool, features=pool.features.gathered())
