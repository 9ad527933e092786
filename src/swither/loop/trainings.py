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

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from swither._version import __version__
from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.dynamics.label_history import LabelHistory
from swither.errors import DamagedState, InputError
from swither.files import key_of, locked, read_json, remove_temporary, set_aside, write_json
from swither.loop.epoch_watch import EpochWatch, TrainingProgress
from swither.loop.histories import Wanted, forget_kept, kept_facts, recording_of, serves, tidy
from swither.loop.interruption import (
    CHECKPOINT,
    SAME_CIRCUMSTANCES,
    forget_interruption,
    set_aside_with_warning,
    threads_as_begun,
)
from swither.loop.settings import FULL, RECORDING_VERSION, Execution, LearnerSettings, Recording
from swither.models import build_model
from swither.models.feature_head import FeatureHead
from swither.models.settings import ModelSettings
from swither.randomness import derive
from swither.training.device import choose_device, circumstances, use_threads
from swither.training.fit import Observer, fit
from swither.training.graphs import choose_graphs
from swither.training.precision import FLOAT32, PRECISIONS, choose_precision
from swither.training.recording import Augmentation
from swither.training.weights import load_weights, save_weights


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
        data += [] if images.features is None else [images.features.key]
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
        precision: what the model is to compute in.
    """

    key: str
    model: torch.nn.Module
    normalisation: Normalisation
    history: LabelHistory | None
    device: torch.device
    facts: dict[str, Any]
    precision: str = FLOAT32

    @property
    def in_part(self) -> bool:
        """Whether the history holds all labels of the most dispersed images alone."""
        return self.history is not None and self.facts.get("mode", FULL) != FULL


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
            if trained is not None and not self._is_of_this_device(trained):
                self._set_aside_of_another_device(task, folder, trained)
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
            model = self._saved_model(task, folder / "weights.safetensors")
        except (DamagedState, InputError, KeyError, OSError) as error:
            set_aside_with_warning(folder, error)
            return None
        device = choose_device(self.execution.device)
        return Trained(task.key, model, normalisation, None, device, facts, self._precision_of(facts, device))

    def _is_of_this_device(self, trained: Trained) -> bool:
        return _trained_on(trained.facts, trained.device.type) == trained.device.type

    def _set_aside_of_another_device(self, task: TrainingTask, folder: Path, trained: Trained) -> None:
        """Also what was recorded while it was trained: that is evidence of its weights alone."""
        there, here = _trained_on(trained.facts, ""), trained.device.type
        reason = InputError(f"{folder} was trained on {there}, and is asked for on {here}.")
        if self._histories(task).exists():
            set_aside(self._histories(task))
        set_aside_with_warning(folder, reason)

    def _load_recorded(self, task: TrainingTask, pool: ImageSet, wanted: Recording, trained: Trained) -> Trained | None:
        """The training with any finished history that holds the whole pool: images that left it do no harm."""
        for folder in sorted(self._histories(task).glob("*")):
            if ".damaged-" in folder.name or not (folder / "recorded.json").exists():
                continue
            try:
                history = LabelHistory.open(folder)
                facts = read_json(folder / "recorded.json", "swither recording", RECORDING_VERSION)
                if not serves(history, Recording.of_facts(facts), pool.ids, wanted):
                    continue
                if not facts["same_weights"]:
                    model = self._saved_model(task, folder / "weights.safetensors")
                    precision = self._precision_of(trained.facts | facts, trained.device)
                    trained = replace(trained, model=model, precision=precision)
            except (DamagedState, InputError, KeyError, OSError) as error:
                set_aside_with_warning(folder, error)
                continue
            forget_kept(folder)  # whoever was killed between publishing and removing left it
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
        tidy(histories, recording)
        making = self._wanted(task, histories, pool, recording).begin()
        trained = self._kept(task, histories, before)
        if trained is None:
            trained = self._fit(task, histories, progress, *making.observers)
            spent = trained.facts.pop("seconds_observing")
            same = before is None or _same_weights(before.model, trained.model)
            if before is None:
                self._save(trained, folder)
            if not same:  # a history is evidence of the weights that it was recorded from, and no others
                save_weights(histories / "weights.safetensors", trained.model, {"training": trained.key})
            making.keep({**trained.facts, "seconds_observing": spent, "same_weights": same})
        else:
            spent, same = trained.facts.pop("seconds_observing"), trained.facts.pop("same_weights")
        try:
            with use_threads(trained.facts["circumstances"]["threads"]):
                history = making.finished(trained.model)
        except DamagedState as error:  # what was kept to record from: it is made again
            set_aside_with_warning(histories, error)
            return self._train_recorded(task, folder, pool, recording, self._load(task, folder), progress)
        facts = {
            **recording.facts,
            "seconds_recording": spent + making.seconds,
            "recorded_epochs": history.epochs,
            "recorded_images": len(pool),
            "same_weights": same,
            **making.facts,
        }
        if not same:
            facts |= {name: trained.facts[name] for name in ("seconds_training", "circumstances")}
        write_json(histories / "recorded.json", "swither recording", recording.version, facts)
        forget_interruption(histories)
        making.clear()
        known = trained.facts if before is None else before.facts
        return replace(trained, history=history, facts=known | facts)

    def _wanted(self, task: TrainingTask, folder: Path, pool: ImageSet, recording: Recording) -> Wanted:
        device = choose_device(self.execution.device)
        return Wanted(
            folder,
            pool,
            recording,
            task.settings.recipe.schedule(len(task.labelled)).epochs // recording.every,
            Normalisation.of(task.labelled),
            device,
            self._precision_on(device),
            _augmentation(task),
            self.execution.checkpoint_seconds,
        )

    def _kept(self, task: TrainingTask, folder: Path, before: Trained | None) -> Trained | None:
        """A training that is over, and whose networks are kept to look at the pool; None where there is none.

        It goes on only as it was begun, as an interrupted training does.
        """
        facts = kept_facts(folder)
        if facts is None:
            return None
        now = _circumstances(choose_device(self.execution.device), self.execution)
        if before is None or any(facts["circumstances"][name] != now[name] for name in SAME_CIRCUMSTANCES):
            forget_kept(folder)
            return None
        model = before.model if facts["same_weights"] else self._saved_model(task, folder / "weights.safetensors")
        return replace(before, model=model, facts=facts)

    def _fit(
        self, task: TrainingTask, folder: Path, progress: TrainingProgress | None, *observers: Observer
    ) -> Trained:
        device = choose_device(self.execution.device)
        precision = self._precision_on(device)
        schedule = task.settings.recipe.schedule(len(task.labelled))
        watching = [EpochWatch(progress, schedule.epochs)] if progress else []
        remove_temporary(folder)
        now = _circumstances(device, self.execution)
        with use_threads(threads_as_begun(folder, now, self.execution.threads)):
            fitted = fit(
                _new_model(task),
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
                "circumstances": _circumstances(device, self.execution),
            }
        return Trained(task.key, fitted.model.eval(), fitted.normalisation, None, device, facts, precision)

    def _precision_on(self, device: torch.device) -> str:
        return choose_precision(self.execution.precision, device)

    def _precision_of(self, facts: Mapping[str, Any], device: torch.device) -> str:
        """What a stored network was trained in; on another kind of device, what is asked for there."""
        words = str(facts.get("circumstances", {}).get("precision", "")).partition(",")[0]
        known = words in PRECISIONS and _trained_on(facts, device.type) == device.type
        return words if known else self._precision_on(device)

    def _save(self, trained: Trained, folder: Path) -> None:
        save_weights(folder / "weights.safetensors", trained.model, {"training": trained.key})
        write_json(folder / "training.json", "swither training", 1, trained.facts)
        forget_interruption(folder)

    def _histories(self, task: TrainingTask) -> Path:
        return self.folder / "history" / task.key

    def _saved_model(self, task: TrainingTask, path: Path) -> torch.nn.Module:
        """In the memory order in which it was trained: another one computes other last bits."""
        model = _new_model(task)
        load_weights(path, model)
        device = choose_device(self.execution.device)
        model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return model.eval()


def _augmentation(task: TrainingTask) -> Augmentation | None:
    if not task.settings.recording.augmented:
        return None
    if task.labelled.features is not None:
        raise InputError("A recording of cropped and flipped images needs pixels, but these images have embeddings.")
    return Augmentation(task.seed, *task.settings.recipe.augmentation(task.labelled.image_shape))


def _circumstances(device: torch.device, execution: Execution) -> dict[str, Any]:
    how = circumstances(
        device,
        deterministic=execution.deterministic,
        precision=choose_precision(execution.precision, device),
        graphs=choose_graphs(execution.graphs, device),
    )
    return {**how, "swither": __version__}


def _trained_on(facts: Mapping[str, Any], otherwise: str) -> str:
    """The kind of device that made a training."""
    return str(facts.get("circumstances", {}).get("device", otherwise))


def _same_weights(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return all(torch.equal(ours[name].cpu(), theirs[name].cpu()) for name in ours)


def new_model(settings: ModelSettings, images: ImageSet, seed: int) -> torch.nn.Module:
    """A network for `images` with its initial weights; a head is standardised by their features."""
    if images.features is None:
        return build_model(settings, images.image_shape, images.classes, seed)
    head = build_model(settings, images.image_shape, images.classes, seed, images.features.width)
    assert isinstance(head, FeatureHead)
    head.standardise_by(torch.from_numpy(images.inputs(slice(None))))
    return head


def _new_model(task: TrainingTask) -> torch.nn.Module:
    return new_model(task.settings.model, task.labelled, derive(task.seed, "initial weights"))
