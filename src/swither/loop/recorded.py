"""A training that is made together with its label history, and the file that says that the history is finished.

Four states are gone on from: nothing is there; the training was interrupted; it is over and its kept networks are yet
to look at the pool; or a training without this history is there, and is made again with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.dynamics.label_history import LabelHistory
from swither.errors import DamagedState, InputError, plural
from swither.files import read_json, write_json
from swither.loop.histories import Making, Wanted, forget_kept, kept_facts, tidy
from swither.loop.interruption import SAME_CIRCUMSTANCES, forget_interruption, set_aside_with_warning
from swither.loop.settings import DEFERRED, RECORDING_VERSION, Execution, Recording
from swither.loop.trained import Trained, TrainingTask, circumstances_of, new_model_of, same_weights, saved_model
from swither.models.folding import check_folding
from swither.training.device import choose_device, use_threads
from swither.training.observer import Observer
from swither.training.precision import choose_precision
from swither.training.recording import Augmentation
from swither.training.surroundings import as_in_training
from swither.training.weights import save_weights

_KIND = "swither recording"

_WEIGHTS = "weights.safetensors"
"""Of a history that was recorded from other weights than its training's."""


def read_recorded(folder: Path) -> dict[str, Any]:
    """What is written beside a finished history.

    Raises:
        DamagedState: it does not read back.
        NewerFormat: a newer swither wrote it.
    """
    return read_json(folder / "recorded.json", _KIND, RECORDING_VERSION)


def clear(folder: Path) -> None:
    """Remove what a finished history was made with."""
    forget_interruption(folder)
    forget_kept(folder)


@dataclass(frozen=True)
class RecordedTraining:
    """A training whose pool is to be recorded.

    Attributes:
        task: the training.
        folder: of the history.
        pool: what is recorded, in the order of `recording_of`.
        recording: how.
        execution: how and where.
    """

    task: TrainingTask
    folder: Path
    pool: ImageSet
    recording: Recording
    execution: Execution

    def make(
        self,
        before: Trained | None,
        train: Callable[[Sequence[Observer]], Trained],
        publish: Callable[[Trained], None],
    ) -> Trained:
        """Train, unless that is over, and record.

        Args:
            before: the training without this history, if it is there.
            train: trains while observers look.
            publish: saves a training.
        """
        try:
            return self._made(before, train, publish)
        except _Lost as lost:  # what was kept to record from: it is made again, once
            self._set_aside(lost.error)
            before = before or lost.trained
        try:
            return self._made(before, train, publish)
        except _Lost as lost:
            raise lost.error from lost

    def _made(
        self,
        before: Trained | None,
        train: Callable[[Sequence[Observer]], Trained],
        publish: Callable[[Trained], None],
    ) -> Trained:
        wanted = self._wanted()
        tidy(self.folder, self.recording)
        making = wanted.begin()
        trained = self._kept(before)
        if trained is None:
            trained = train(making.observers)
            spent = trained.facts.pop("seconds_observing")
            same = before is None or same_weights(before.model, trained.model)
            if before is None:
                publish(trained)
            if not same:  # a history is evidence of the weights that it was recorded from, and no others
                save_weights(self.folder / _WEIGHTS, trained.model, {"training": trained.key})
            making.keep({**trained.facts, "seconds_observing": spent, "same_weights": same})
        else:
            facts = dict(trained.facts)
            spent, same = facts.pop("seconds_observing"), facts.pop("same_weights")
            trained = replace(trained, facts=facts)
        history = self._finished(making, trained)
        facts = self._publish_history(making, trained, history, spent, same=same)
        known = trained.facts if before is None else before.facts
        return replace(trained, history=history, facts=known | facts)

    def _finished(self, making: Making, trained: Trained) -> LabelHistory:
        """The history, computed as it would have been within the training."""
        how = as_in_training(trained.device, deterministic=self.execution.deterministic)
        try:
            with use_threads(trained.facts["circumstances"]["threads"]), how:
                return making.finished(trained.model)
        except DamagedState as error:
            raise _Lost(error, trained) from error

    def _publish_history(
        self, making: Making, trained: Trained, history: LabelHistory, spent: float, *, same: bool
    ) -> dict[str, Any]:
        facts = {
            **self.recording.facts,
            "seconds_recording": spent + making.seconds,
            "recorded_epochs": history.epochs,
            "recorded_images": len(self.pool),
            "same_weights": same,
            **making.facts,
        }
        if not same:
            facts |= {name: trained.facts[name] for name in ("seconds_training", "circumstances")}
        write_json(self.folder / "recorded.json", _KIND, self.recording.version, facts)
        clear(self.folder)
        return facts

    def _wanted(self) -> Wanted:
        """What is to be made.

        Raises:
            InputError: the training records nothing, or its network cannot be folded.
        """
        labelled, device = self.task.labelled, choose_device(self.execution.device)
        epochs = self.task.settings.recipe.schedule(len(labelled)).epochs
        if epochs < self.recording.every:
            raise InputError(
                f"A training of {plural(epochs, 'epoch')} records nothing with --record-every {self.recording.every}. "
                "Record more of them (record_every), or train for more epochs."
            )
        weights_bytes = 0
        if self.recording.folded or self.recording.mode == DEFERRED:
            model = new_model_of(self.task)
            weights_bytes = sum(tensor.nbytes for tensor in model.state_dict().values())
            if self.recording.folded:
                check_folding(model, labelled.image_shape)
        return Wanted(
            self.folder,
            self.pool,
            self.recording,
            epochs // self.recording.every,
            Normalisation.of(labelled),
            device,
            choose_precision(self.execution.precision, device),
            self._augmentation(),
            self.execution.checkpoint_seconds,
            weights_bytes,
        )

    def _augmentation(self) -> Augmentation | None:
        task = self.task
        if not task.settings.recording.augmented:
            return None
        if task.labelled.features is not None:
            raise InputError(
                "A recording of cropped and flipped images needs pixels, but these images have embeddings."
            )
        return Augmentation(task.seed, *task.settings.recipe.augmentation(task.labelled.image_shape))

    def _kept(self, before: Trained | None) -> Trained | None:
        """A training that is over, and whose networks are kept to look at the pool; None where there is none.

        It goes on only as it was begun, as an interrupted training does; what does not read back is made again.
        """
        facts = kept_facts(self.folder)
        if facts is None:
            return None
        try:
            if before is not None and self._as_begun(facts):
                path = self.folder / _WEIGHTS
                model = before.model if facts["same_weights"] else saved_model(self.task, path, before.device)
                return replace(before, model=model, facts=facts)
        except (DamagedState, InputError, KeyError, TypeError, OSError) as error:
            self._set_aside(error)
        forget_kept(self.folder)
        return None

    def _set_aside(self, error: Exception) -> None:
        """Without the networks, which may be large: there must be room for them again."""
        forget_kept(self.folder)
        set_aside_with_warning(self.folder, error)

    def _as_begun(self, facts: Mapping[str, Any]) -> bool:
        now = circumstances_of(choose_device(self.execution.device), self.execution)
        begun = facts["circumstances"]
        _ = begun["threads"], facts["seconds_observing"]  # asked for later: a gap is to be noticed now
        return all(begun[name] == now[name] for name in SAME_CIRCUMSTANCES)


class _Lost(Exception):
    """What was kept of a finished training does not read back."""

    def __init__(self, error: DamagedState, trained: Trained) -> None:
        super().__init__(str(error))
        self.error, self.trained = error, trained
