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

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.dynamics.label_history import LabelHistory
from swither.errors import DamagedState, InputError
from swither.files import key_of, locked, read_json, remove_temporary, set_aside, write_json
from swither.loop.epoch_watch import EpochWatch, TrainingProgress
from swither.loop.histories import recording_of, serves
from swither.loop.interruption import (
    CHECKPOINT,
    forget_interruption,
    of_another_device,
    set_aside_with_warning,
    threads_as_begun,
    trained_on,
)
from swither.loop.recorded import RecordedTraining, clear, read_recorded
from swither.loop.settings import Execution, Recording
from swither.loop.trained import Trained as Trained
from swither.loop.trained import TrainingTask as TrainingTask
from swither.loop.trained import circumstances_of, new_model_of, saved_model
from swither.loop.trained import new_model as new_model
from swither.training.device import choose_device, use_threads
from swither.training.fit import Observer, fit
from swither.training.precision import PRECISIONS, choose_precision
from swither.training.weights import save_weights


class Trainings:
    """The folder of all trainings and histories, shared by every learner whose results may be equal."""

    def __init__(self, folder: Path, execution: Execution | None = None) -> None:
        self.folder = folder
        self.execution = execution or Execution()

    def get(
        self,
        task: TrainingTask,
        pool: ImageSet | None = None,
        progress: TrainingProgress | None = None,
        *,
        count: int | None = None,
    ) -> Trained:
        """The training of `task`, from disk where it is finished, else trained now.

        One from disk computes in the precision that it was trained in, whatever is asked for now. One that another
        kind of device made is renamed aside with its histories, and made again: figures computed here would stand
        beside circumstances that they do not have.

        Args:
            task: what to train.
            pool: record the labels of these images after every recorded epoch; None: no history is needed.
            progress: called after every epoch.
            count: of a recording in part, how many images of the pool must surely be known to be the most dispersed.

        Returns:
            The training, with a history that holds `pool` (and maybe more images) where one was asked for.

        Raises:
            InputError: the pool is to be recorded in part, and nobody says for how many images.
        """
        folder = self.folder / "training" / task.key
        with locked(folder.with_suffix(".lock"), wait=True):
            remove_temporary(folder)
            trained = self._load(task, folder)
            if trained and (elsewhere := of_another_device(folder, trained.facts, trained.device.type)):
                self._set_aside(task, folder, elsewhere)
                trained = None
            if pool is None:
                return trained or self._train(task, folder, progress)
            pool, recording = recording_of(task.settings, task.cycle, pool, count)
            recorded = self._load_recorded(task, pool, recording, trained) if trained else None
            return recorded or self._train_recorded(task, folder, pool, recording, trained, progress)

    def find(self, task: TrainingTask, pool: ImageSet | None = None, *, count: int | None = None) -> Trained | None:
        """The training of `task` as it lies on disk, with a history that holds `pool` where one is asked for.

        Returns:
            The training, in the precision that it was trained in on this kind of device, else in what is asked for;
            None where it, or such a history, is missing. Nothing is trained.
        """
        folder = self.folder / "training" / task.key
        if not folder.exists():
            return None
        with locked(folder.with_suffix(".lock"), wait=True):
            trained = self._load(task, folder)
            if trained is None or pool is None:
                return trained
            return self._load_recorded(task, *recording_of(task.settings, task.cycle, pool, count), trained)

    def _load(self, task: TrainingTask, folder: Path) -> Trained | None:
        if not (folder / "training.json").exists():
            return None
        try:
            facts = read_json(folder / "training.json", "swither training", 1)
            normalisation = Normalisation(tuple(facts["mean"]), tuple(facts["deviation"]))
            model = saved_model(task, folder / "weights.safetensors", choose_device(self.execution.device))
        except (DamagedState, InputError, KeyError, OSError) as error:
            set_aside_with_warning(folder, error)
            return None
        device = choose_device(self.execution.device)
        return Trained(task.key, model, normalisation, None, device, facts, self._precision_of(facts, device))

    def _set_aside(self, task: TrainingTask, folder: Path, reason: Exception) -> None:
        """Also what was recorded while it was trained: that is evidence of its weights alone."""
        if self._histories(task).exists():
            set_aside(self._histories(task))
        set_aside_with_warning(folder, reason)

    def _load_recorded(self, task: TrainingTask, pool: ImageSet, wanted: Recording, trained: Trained) -> Trained | None:
        """The training with any finished history that holds the whole pool: images that left it do no harm."""
        for folder in sorted(self._histories(task).glob("*")):
            if ".damaged-" in folder.name or not (folder / "recorded.json").exists():
                continue
            clear(folder)  # whoever was killed between publishing and removing left what it was made with
            try:
                history = LabelHistory.open(folder)
                facts = read_recorded(folder)
                if not serves(history, Recording.of_facts(facts), pool.ids, wanted):
                    continue
                if not facts["same_weights"]:
                    model = saved_model(task, folder / "weights.safetensors", trained.device)
                    precision = self._precision_of(trained.facts | facts, trained.device)
                    trained = replace(trained, model=model, precision=precision)
            except (DamagedState, InputError, KeyError, OSError) as error:
                set_aside_with_warning(folder, error)
                continue
            return replace(trained, history=history, facts=trained.facts | facts)
        return None

    def _train(self, task: TrainingTask, folder: Path, progress: TrainingProgress | None) -> Trained:
        trained = self._fit(task, folder, progress)
        self._save(trained, folder)
        return trained

    def _train_recorded(
        self,
        task: TrainingTask,
        folder: Path,
        pool: ImageSet,
        recording: Recording,
        before: Trained | None,
        progress: TrainingProgress | None,
    ) -> Trained:
        histories = self._histories(task) / key_of(sorted(map(str, pool.ids)), *recording.values)

        def train(observers: Sequence[Observer]) -> Trained:
            return self._fit(task, histories, progress, *observers)

        making = RecordedTraining(task, histories, pool, recording, self.execution)
        return making.make(before, train, lambda trained: self._save(trained, folder))

    def _fit(
        self, task: TrainingTask, folder: Path, progress: TrainingProgress | None, *observers: Observer
    ) -> Trained:
        device = choose_device(self.execution.device)
        precision = self._precision_on(device)
        schedule = task.settings.recipe.schedule(len(task.labelled))
        watching = [EpochWatch(progress, schedule.epochs)] if progress else []
        remove_temporary(folder)
        now = circumstances_of(device, self.execution)
        with use_threads(threads_as_begun(folder, now, self.execution.threads)):
            fitted = fit(
                new_model_of(task),
                task.labelled,
                task.settings.recipe,
                seed=task.seed,
                device=device,
                observers=[*observers, *watching],
                checkpoint=folder / CHECKPOINT,
                checkpoint_seconds=self.execution.checkpoint_seconds,
                deterministic=self.execution.deterministic,
                precision=precision,
                graphs=self.execution.graphs,
            )
            facts = {
                **asdict(schedule),
                "seconds_training": fitted.seconds_training,
                "seconds_observing": fitted.seconds_observing,
                "mean": fitted.normalisation.mean,
                "deviation": fitted.normalisation.deviation,
                "circumstances": circumstances_of(device, self.execution),
            }
        return Trained(task.key, fitted.model.eval(), fitted.normalisation, None, device, facts, precision)

    def _precision_on(self, device: torch.device) -> str:
        return choose_precision(self.execution.precision, device)

    def _precision_of(self, facts: Mapping[str, Any], device: torch.device) -> str:
        """What a stored network was trained in; on another kind of device, what is asked for there."""
        words = str(facts.get("circumstances", {}).get("precision", "")).partition(",")[0]
        known = words in PRECISIONS and trained_on(facts, device.type) == device.type
        return words if known else self._precision_on(device)

    def _save(self, trained: Trained, folder: Path) -> None:
        save_weights(folder / "weights.safetensors", trained.model, {"training": trained.key})
        write_json(folder / "training.json", "swither training", 1, trained.facts)
        forget_interruption(folder)

    def _histories(self, task: TrainingTask) -> Path:
        return self.folder / "history" / task.key
