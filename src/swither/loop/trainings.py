"""Trainings as artifacts: each lies in a folder named by a key of its inputs and is made once.

A training's key holds the data, the model, the recipe, the seed, the cycle and the sorted (id, label) pairs, and
neither the acquisition nor the recording, which must not change a training. So methods that start from the same
labels share their first training because the keys are equal. A label history is an artifact of its own (the
training's key, the pool's ids, the recording's settings): a training made without one is made again with it.

In a training's folder: ``weights.safetensors`` and, written last, ``training.json``; in a history's folder the
history's files and, written last, ``recorded.json``. A folder without its last file is unfinished and is gone on
with from its checkpoint; one whose files do not read back is renamed aside, named in a warning, and made again.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.dynamics.label_history import LabelHistory
from swither.errors import DamagedState, InputError
from swither.files import key_of, locked, read_json, set_aside, write_json
from swither.loop.journal import DamageWarning
from swither.loop.settings import Execution, LearnerSettings
from swither.models import build_model
from swither.randomness import derive
from swither.training.device import choose_device, circumstances, use_threads
from swither.training.fit import Observer, fit
from swither.training.recording import PoolRecorder
from swither.training.weights import load_weights, save_weights

TrainingProgress = Callable[[int, int], None]
"""Called after every epoch with how many are done and how many there will be."""


@dataclass(frozen=True)
class TrainingTask:
    """The inputs of one training; equal inputs have equal keys.

    Attributes:
        labelled: the labelled images, in id order, with their labels.
        settings: of the learner; its acquisition and recording do not count.
        cycle: which training of the run this is; generators derive from it.
    """

    labelled: ImageSet
    settings: LearnerSettings
    cycle: int

    @property
    def key(self) -> str:
        """Names the training's folder."""
        images = self.labelled
        pairs = [[str(i), int(label)] for i, label in zip(images.ids, images.labels, strict=True)]
        data = [list(images.image_shape), list(images.class_names)]
        return key_of("training", 1, data, self.settings.training_values(), self.cycle, pairs)

    @property
    def seed(self) -> int:
        """Of everything drawn in this training, from the run's seed and the cycle."""
        return derive(self.settings.seed, "cycle", self.cycle)


@dataclass(frozen=True)
class Trained:
    """A finished training.

    Attributes:
        key: of the training.
        model: in eval mode, on its device.
        normalisation: by the labelled images' own mean and deviation.
        history: the labels of the recorded pool, where it was asked for.
        device: where the model is.
        facts: epochs, steps, batch size, whether epochs grew, seconds of training and recording, circumstances.
    """

    key: str
    model: torch.nn.Module
    normalisation: Normalisation
    history: LabelHistory | None
    device: torch.device
    facts: dict[str, Any]


class Trainings:
    """The folder of all trainings and histories, shared by every learner whose results may be equal."""

    def __init__(self, folder: Path, execution: Execution | None = None) -> None:
        self.folder = folder
        self.execution = execution or Execution()

    def get(
        self, task: TrainingTask, pool: ImageSet | None = None, progress: TrainingProgress | None = None
    ) -> Trained:
        """The training of `task`, from disk where it is finished, else trained now.

        Args:
            task: what to train.
            pool: record the labels of these images after every recorded epoch; None: no history is needed.
            progress: called after every epoch.

        Returns:
            The training, with the history of `pool` where one was asked for.
        """
        folder = self.folder / "training" / task.key
        with locked(folder.with_suffix(".lock"), wait=True):
            trained = self._load(task, folder)
            if pool is None:
                return trained or self._train(task, folder, progress)
            histories = self.folder / "history" / _history_key(task, pool)
            recorded = _load_history(histories)
            if trained is None or recorded is None:
                return self._train_recorded(task, folder, histories, pool, trained, progress)
            history, facts = recorded
            return replace(trained, history=history, facts=trained.facts | facts)

    def _load(self, task: TrainingTask, folder: Path) -> Trained | None:
        if not (folder / "training.json").exists():
            return None
        device = choose_device(self.execution.device)
        model = self._new_model(task)
        try:
            facts = read_json(folder / "training.json", "swither training", 1)
            load_weights(folder / "weights.safetensors", model)
            normalisation = Normalisation(tuple(facts["mean"]), tuple(facts["deviation"]))
        except (DamagedState, InputError, KeyError, OSError) as error:
            _set_aside(folder, error)
            return None
        return Trained(task.key, model.to(device).eval(), normalisation, None, device, facts)

    def _train(self, task: TrainingTask, folder: Path, progress: TrainingProgress | None) -> Trained:
        trained = self._fit(task, folder, progress)
        self._save(trained, folder)
        return trained

    def _train_recorded(
        self,
        task: TrainingTask,
        folder: Path,
        histories: Path,
        pool: ImageSet,
        before: Trained | None,
        progress: TrainingProgress | None,
    ) -> Trained:
        history = _unfinished_history(histories, pool)
        device = choose_device(self.execution.device)
        recorder = PoolRecorder(
            history, pool, Normalisation.of(task.labelled), device=device, every=task.settings.record_every
        )
        trained = self._fit(task, histories, progress, recorder)
        facts = {
            "seconds_recording": trained.facts.pop("seconds_observing"),
            "recorded_epochs": history.epochs,
            "recorded_images": len(pool),
            "same_weights": before is None or _same_weights(before.model, trained.model),
        }
        if before is None:
            self._save(trained, folder)
        write_json(histories / "recorded.json", "swither recording", 1, facts)
        (histories / "checkpoint.safetensors").unlink(missing_ok=True)
        return replace(before or trained, history=history, facts=(before or trained).facts | facts)

    def _fit(
        self, task: TrainingTask, folder: Path, progress: TrainingProgress | None, *observers: Observer
    ) -> Trained:
        device = choose_device(self.execution.device)
        threads = _go_on_as_begun(folder, device, self.execution.threads)
        schedule = task.settings.recipe.schedule(len(task.labelled))
        watching = [_Watch(progress, schedule.epochs)] if progress else []
        with use_threads(threads):
            fitted = fit(
                self._new_model(task),
                task.labelled,
                task.settings.recipe,
                seed=task.seed,
                device=device,
                observers=[*observers, *watching],
                checkpoint=folder / "checkpoint.safetensors",
                checkpoint_seconds=self.execution.checkpoint_seconds,
            )
            facts = {
                **asdict(schedule),
                "seconds_training": fitted.seconds_training,
                "seconds_observing": fitted.seconds_observing,
                "mean": fitted.normalisation.mean,
                "deviation": fitted.normalisation.deviation,
                "circumstances": circumstances(device) | {"swither": version("swither")},
            }
        return Trained(task.key, fitted.model.eval(), fitted.normalisation, None, device, facts)

    def _save(self, trained: Trained, folder: Path) -> None:
        save_weights(folder / "weights.safetensors", trained.model, {"training": trained.key})
        write_json(folder / "training.json", "swither training", 1, trained.facts)
        (folder / "checkpoint.safetensors").unlink(missing_ok=True)

    def _new_model(self, task: TrainingTask) -> torch.nn.Module:
        images = task.labelled
        seed = derive(task.seed, "initial weights")
        return build_model(task.settings.model, images.image_shape, images.classes, seed)


class _Watch:
    """An observer that only says how far the training is."""

    def __init__(self, progress: TrainingProgress, epochs: int) -> None:
        self._progress = progress
        self._epochs = epochs

    def after_batch(self, ids: object, labels: object, logits: object) -> None:
        """Nothing is said between epochs."""

    def after_epoch(self, epoch: int, model: object) -> None:  # noqa: ARG002
        """Say how many epochs are done."""
        self._progress(epoch, self._epochs)

    def resume(self, epochs: int) -> None:
        """Say where the training goes on."""
        self._progress(epochs, self._epochs)


def _history_key(task: TrainingTask, pool: ImageSet) -> str:
    return key_of("history", 1, task.key, sorted(map(str, pool.ids)), task.settings.record_every)


def _load_history(folder: Path) -> tuple[LabelHistory, dict[str, Any]] | None:
    if not (folder / "recorded.json").exists():
        return None
    try:
        return LabelHistory.open(folder), read_json(folder / "recorded.json", "swither recording", 1)
    except DamagedState as error:
        _set_aside(folder, error)
        return None


def _unfinished_history(folder: Path, pool: ImageSet) -> LabelHistory:
    """The history that an interrupted recording left, to go on with, or a new one."""
    if (folder / "checkpoint.safetensors").exists():
        try:
            return LabelHistory.open(folder)
        except DamagedState as error:
            _set_aside(folder, error)
    shutil.rmtree(folder, ignore_errors=True)
    return LabelHistory.create(pool.ids, pool.classes, folder=folder, confidence=True)


def _go_on_as_begun(folder: Path, device: torch.device, threads: int) -> int:
    """The number of threads to train with: the one that an interrupted training began with.

    A training that was begun on another kind of device is begun anew, because it would be neither one's result.
    """
    begun, checkpoint = folder / "begun.json", folder / "checkpoint.safetensors"
    if checkpoint.exists() and begun.exists():
        before = read_json(begun, "swither circumstances", 1)
        if before["device"] == device.type:
            return int(before["threads"])
        checkpoint.unlink()
    write_json(begun, "swither circumstances", 1, {"device": device.type, "threads": threads})
    return threads


def _same_weights(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return all(torch.equal(ours[name].cpu(), theirs[name].cpu()) for name in ours)


def _set_aside(folder: Path, error: Exception) -> None:
    aside = set_aside(folder)
    warnings.warn(f"{error} It is made again; what was there is now {aside.name}.", DamageWarning, stacklevel=4)
