"""A callback for Keras 3 on PyTorch; on its other backends it is not tested."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from swither.adapters.trainer_recording import TrainerRecording, require_one_process
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.recorder import Predictions
from swither.errors import InputError
from swither.extras import require

try:
    keras: Any = require("keras", "swither.adapters.KerasRecorder", "keras")
except ModuleNotFoundError as error:  # Keras is there, and its backend is not
    raise InputError(
        f"Keras looks for {error.name}, which is not installed. Name the backend that is: KERAS_BACKEND=torch in the "
        "environment, before anything imports Keras."
    ) from error
Callback: Any = keras.callbacks.Callback


class KerasRecorder(Callback):  # type: ignore[misc]
    """Records a pool while ``Model.fit`` trains on one device.

    Keras tells a callback nothing of single samples, so the labelled ones are not recorded. A training that goes
    on from a checkpoint by ``initial_epoch``, or by Keras' ``BackupAndRestore``, goes on with the same history;
    keep it in a folder for that.

    Args:
        pool: what to record the unlabelled samples into.
        predict: from the model to the pool's predictions, as `swither.dynamics.Recorder` takes them. Call the model
            with ``training=False``, which leaves dropout off and BatchNorm's statistics alone.
        every_steps: record after every so many batches; None: after every epoch. Not with ``steps_per_execution`` above
            1, where Keras tells nothing of single batches.
    """

    def __init__(
        self, pool: LabelHistory, predict: Callable[[Any], Predictions], *, every_steps: int | None = None
    ) -> None:
        super().__init__()
        self._recording = TrainerRecording(pool, predict, None, every_steps, lambda _: contextlib.nullcontext())
        self._steps: int | None = None
        self._every_steps = every_steps

    def on_train_begin(self, logs: Any = None) -> None:  # noqa: D102, ARG002
        distribution = keras.distribution.distribution()
        require_one_process(1 if distribution is None else distribution.device_mesh.devices.size)
        together = int(getattr(self.model, "steps_per_execution", 1))
        if self._every_steps is not None and together > 1:
            raise InputError(
                f"Recording by steps needs to see each batch, but this model was compiled with steps_per_execution="
                f"{together}, and Keras then tells of every {together}th only. Compile it with steps_per_execution=1, "
                "or leave out every_steps, which records after each epoch."
            )
        self._steps = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: D102, ARG002
        if self._steps is None:  # only now is it known where a restored training goes on
            self._steps = int(self.model.optimizer.iterations) if epoch else 0
            self._recording.begin(self.model, epoch, self._steps)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: D102, ARG002
        self._steps = (self._steps or 0) + 1
        self._recording.after_step(self.model, self._steps)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: D102, ARG002
        self._recording.after_epoch(self.model)
