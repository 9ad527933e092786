"""A callback for Lightning's trainer, that of the package ``lightning`` or of ``pytorch_lightning``."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch

from swither.adapters.trainer_recording import TrainerRecording, require_one_process
from swither.arrays import to_numpy
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.recorder import Predictions
from swither.dynamics.training_history import TrainingHistory
from swither.errors import InputError
from swither.extras import require

PACKAGE = "pytorch_lightning" if find_spec("pytorch_lightning") and not find_spec("lightning") else "lightning.pytorch"
Callback: Any = require(PACKAGE, "swither.adapters.LightningRecorder", "lightning").Callback


class LightningRecorder(Callback):  # type: ignore[misc]
    """Records a pool, the labelled samples, or both while a Lightning trainer trains on one device.

    Looking at the pool leaves the training as it was: evaluation mode, no gradient, random state given back. A
    training resumed from a checkpoint goes on with the same histories; keep them in folders for that.

    Args:
        pool: what to record the unlabelled samples into, or None.
        predict: from the ``LightningModule`` to the pool's predictions, as `swither.dynamics.Recorder` takes them.
        labelled: what to record the labelled samples into as they are trained on, or None. ``training_step`` then
            returns ``{"loss": ..., "ids": ..., "logits": ...}``.
        every_steps: record the pool after every so many steps (``global_step``, which rises by one for each optimiser;
            at least as many as there are optimisers); None: after every epoch.
    """

    def __init__(
        self,
        pool: LabelHistory | None = None,
        predict: Callable[[Any], Predictions] | None = None,
        *,
        labelled: TrainingHistory | None = None,
        every_steps: int | None = None,
    ) -> None:
        self._recording = TrainerRecording(pool, predict, labelled, every_steps)
        self._restored: list[tuple[Any, Any]] = []

    def setup(self, trainer: Any, pl_module: Any, stage: str) -> None:  # noqa: D102, ARG002
        require_one_process(trainer.world_size)

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: D102
        self._recording.begin(pl_module, trainer.current_epoch, trainer.global_step, self._restored)
        self._restored = []

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:  # noqa: D102, ARG002
        if self._recording.labelled is not None:
            if not isinstance(outputs, dict) or not {"ids", "logits"} <= outputs.keys():
                raise InputError(
                    "Recording the labelled samples needs their ids and logits: return "
                    "{'loss': loss, 'ids': ids, 'logits': logits} from training_step."
                )
            self._recording.after_batch(outputs["ids"], outputs["logits"])
        self._recording.after_step(pl_module, trainer.global_step)

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: D102, ARG002
        self._recording.after_epoch(pl_module)

    def state_dict(self) -> dict[str, Any]:
        """The open epoch's presentations, for Lightning's checkpoint; complete epochs are in the history."""
        kept = [
            (to_numpy(ids).tolist(), torch.as_tensor(to_numpy(logits))) for ids, logits in self._recording.presented
        ]
        return {"presented": kept}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self._restored = [(np.asarray(ids), logits) for ids, logits in state_dict["presented"]]
