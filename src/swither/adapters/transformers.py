"""A callback for the trainer of Hugging Face's transformers, whatever the model reads: text, images, sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from swither.adapters.trainer_recording import TrainerRecording, require_one_process
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.recorder import Predictions
from swither.dynamics.training_history import TrainingHistory
from swither.errors import InputError
from swither.extras import require

NAME = "swither.adapters.TransformersRecorder"
require("accelerate", NAME, "transformers")  # without which transformers has no trainer
TrainerCallback: Any = require("transformers", NAME, "transformers").TrainerCallback


class TransformersRecorder(TrainerCallback):  # type: ignore[misc]
    """Records a pool, the labelled samples, or both while a Hugging Face ``Trainer`` trains on one device.

    Looking at the pool leaves the training as it was: evaluation mode, no gradient, random state given back. A
    training resumed from a checkpoint goes on with the same histories; keep them in folders for that.

    Args:
        pool: what to record the unlabelled samples into, or None.
        predict: from the model to the pool's predictions, as `swither.dynamics.Recorder` takes them.
        labelled: what to record the labelled samples into as they are trained on, or None. Each item of the
            trainer's data then carries its id, a whole number, which the model is not shown.
        id_column: the name under which it does; ``TrainingArguments(remove_unused_columns=False)`` keeps it.
        every_steps: record the pool after every so many steps (``global_step``); None: after every epoch.
    """

    def __init__(
        self,
        pool: LabelHistory | None = None,
        predict: Callable[[Any], Predictions] | None = None,
        *,
        labelled: TrainingHistory | None = None,
        id_column: str = "id",
        every_steps: int | None = None,
    ) -> None:
        self._recording = TrainerRecording(pool, predict, labelled, every_steps)
        self._column, self._hooks = id_column, list[Any]()
        self._ids: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:  # noqa: D102, ARG002
        require_one_process(max(args.world_size, args.n_gpu))
        if self._recording.labelled is not None:
            if args.remove_unused_columns:
                raise InputError(
                    "The trainer drops the samples' ids: set TrainingArguments(remove_unused_columns=False)."
                )
            self.on_train_end(args, state, control)  # of a training that was interrupted
            before = model.register_forward_pre_hook(self._take_ids, with_kwargs=True)
            self._hooks = [before, model.register_forward_hook(self._take_logits)]
        self._recording.begin(model, int((state.epoch or 0) + 1e-6), state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:  # noqa: D102, ARG002
        self._recording.after_step(model, state.global_step)

    def on_epoch_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:  # noqa: D102, ARG002
        self._recording.after_epoch(model)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: D102, ARG002
        while self._hooks:
            self._hooks.pop().remove()

    def _take_ids(self, model: Any, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:  # noqa: ARG002
        self._ids = kwargs.get(self._column)
        return args, {name: value for name, value in kwargs.items() if name != self._column}

    def _take_logits(self, model: Any, args: Any, output: Any) -> None:  # noqa: ARG002
        if model.training and self._ids is not None:
            self._recording.after_batch(self._ids, output["logits"] if "logits" in output else output[1])
        self._ids = None
