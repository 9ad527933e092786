"""The observers that keep what a network did while it learned."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from swither.arrays import IntArray, StrArray
from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.training_history import TrainingHistory
from swither.errors import DamagedState, InputError
from swither.training.chunk import CHUNK
from swither.training.clean_pass import predict_logits


class PoolRecorder:
    """Records the predicted label of every image of a pool after an epoch, through the clean pass.

    A history that keeps confidences gets them too. Recording changes nothing in the training.

    Args:
        history: what to record into; it may hold other ids only if it is closed by someone else.
        images: the pool; its ids are those of the history.
        normalisation: the one that the network is trained with.
        device: where the network is trained; None looks at its first weight.
        every: record after each epoch whose number is a multiple of this; 1 records each, as the paper does.
            Recording every second epoch selects noticeably other samples.
        chunk: images computed at once.
    """

    def __init__(
        self,
        history: LabelHistory,
        images: ImageSet,
        normalisation: Normalisation,
        device: torch.device | str | None = None,
        *,
        every: int = 1,
        chunk: int = CHUNK,
    ) -> None:
        if every < 1:
            raise InputError(f"Expected to record every 1 or more epochs, got {every}.")
        self.history, self.images, self.normalisation = history, images, normalisation
        self.device, self.every, self.chunk = device, every, chunk

    def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:
        """Nothing: the pool is looked at between epochs."""

    def after_epoch(self, epoch: int, model: nn.Module) -> None:
        """Record the pool, if this epoch is to be recorded."""
        if epoch % self.every == 0:
            logits = predict_logits(model, self.images, self.normalisation, device=self.device, chunk=self.chunk)
            self.history.record(self.images.ids, logits)
            self.history.close_epoch()

    def resume(self, epochs: int) -> None:
        """Keep what was recorded in the first `epochs` epochs."""
        _truncate(self.history, epochs // self.every)


class TrainingRecorder:
    """Records what the network answered for each labelled image when it was trained on it.

    The answers come from the training itself: augmented images, training mode, before the step. They cost
    nothing, and stay on the device until the epoch is over.
    """

    def __init__(self, history: TrainingHistory) -> None:
        self.history = history
        self._epoch: list[tuple[StrArray, Tensor]] = []

    def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:  # noqa: ARG002
        """Keep one batch's answers."""
        self._epoch.append((ids, logits))

    def after_epoch(self, epoch: int, model: nn.Module) -> None:  # noqa: ARG002
        """Record the epoch's answers."""
        for ids, logits in self._epoch:
            self.history.record(ids, logits)
        self.history.close_epoch()
        self._epoch = []

    def resume(self, epochs: int) -> None:
        """Keep what was recorded in the first `epochs` epochs."""
        self._epoch = []
        _truncate(self.history, epochs)


def _truncate(history: LabelHistory | TrainingHistory, epochs: int) -> None:
    if history.epochs < epochs:
        raise DamagedState(
            f"The history holds {history.epochs} recorded epochs of {epochs}: it was not kept in a folder, or is "
            "another one."
        )
    history.truncate(epochs)
