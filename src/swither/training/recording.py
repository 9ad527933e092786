"""The observers that keep what a network did while it learned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from swither.arrays import AnyArray, IntArray, StrArray
from swither.data.augmentation import Normalisation, augment
from swither.data.image_set import ImageSet
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.training_history import TrainingHistory
from swither.errors import DamagedState, InputError
from swither.models.feature_head import FeatureHead
from swither.models.folding import folded
from swither.randomness import derive
from swither.training.clean_pass import (
    Prepare,
    device_of,
    logits_of_heads,
    predict_labels,
    predict_logits,
    predict_top,
)
from swither.training.precision import FLOAT32

LabelsOf = Callable[[nn.Module, ImageSet], AnyArray]
"""A network and images to the labels (images,) that a recording of them would hold."""

HEADS_AT_ONCE = 10
"""Epochs of a head that a learner records together: more spare little, and are lost with a crash."""

_HELD_BYTES = 1 << 26


@dataclass(frozen=True)
class Augmentation:
    """Crops and flips of a pool, drawn anew for every recorded epoch.

    Attributes:
        seed: of the training; draws derive from it and the epoch, so a resumed recording draws the same.
        crop_padding: pixels around an image before the crop.
        flip: whether to mirror every second image.
    """

    seed: int
    crop_padding: int
    flip: bool

    def of(self, epoch: int, normalisation: Normalisation) -> Prepare:
        """What makes the input of each chunk in turn."""
        generator = torch.Generator().manual_seed(derive(self.seed, "augmented recording", epoch))
        return lambda pixels: augment(pixels, normalisation, generator, self.crop_padding, self.flip)


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
        chunk: images computed at once; None: the device's usual number.
        precision: what the network computes in, see `swither.training.precision`.
        augmentation: look at the images cropped and flipped anew for every recording; None: as they are.
        at_once: epochs of a head on features that are recorded together, on the CPU: each block of embeddings is
            fetched once for all of them, and the history is flushed once. Until then, or until `catch_up`, the
            history is behind.
        fold: look with BatchNorm folded into the convolutions, see `swither.models.folding`; some labels are others.
    """

    def __init__(
        self,
        history: LabelHistory,
        images: ImageSet,
        normalisation: Normalisation,
        device: torch.device | str | None = None,
        *,
        every: int = 1,
        chunk: int | None = None,
        precision: str = FLOAT32,
        augmentation: Augmentation | None = None,
        at_once: int = 1,
        fold: bool = False,
    ) -> None:
        if every < 1:
            raise InputError(f"Expected to record every 1 or more epochs, got {every}.")
        if images.features is not None and (device is None or torch.device(device).type == "cpu"):
            images = replace(images, features=images.features.gathered())  # looked at after every epoch
        self.history, self.images, self.normalisation = history, images, normalisation
        self.device, self.every, self.chunk, self.precision = device, every, chunk, precision
        self.augmentation, self.fold = augmentation, fold
        self._keeps_confidence = history.confidence is not None
        most = _HELD_BYTES // max(1, 4 * len(images) * images.classes)
        self._at_once = max(1, min(at_once, most))
        self._waiting: list[Callable[[Tensor], Tensor]] = []  # a head as it was after each epoch

    def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:
        """Nothing: the pool is looked at between epochs."""

    def after_epoch(self, epoch: int, model: nn.Module) -> None:
        """Record the pool, if this epoch is to be recorded."""
        if epoch % self.every:
            return
        device = device_of(model) if self.device is None else torch.device(self.device)
        if self._at_once > 1 and isinstance(model, FeatureHead) and device.type == "cpu":
            with torch.inference_mode():
                self._waiting.append(model.folded())
            if len(self._waiting) >= self._at_once:
                self.catch_up()
            return
        model = folded(model) if self.fold else model
        self._record(model, device, self.augmentation.of(epoch, self.normalisation) if self.augmentation else None)
        self.history.close_epoch()

    def catch_up(self) -> None:
        """Record the epochs that wait."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        recorded = logits_of_heads(waiting, self.images, self.normalisation, chunk=self.chunk)
        with self.history.together():
            for logits in recorded:
                self.history.record(self.images.ids, logits)
                self.history.close_epoch()

    def _record(self, model: nn.Module, device: torch.device, prepare: Prepare | None) -> None:
        how = {"device": device, "chunk": self.chunk, "precision": self.precision, "prepare": prepare}
        if gathers_on(device):
            top = predict_top(model, self.images, self.normalisation, **how)  # type: ignore[arg-type]
            self.history.record(self.images.ids, top.labels, top.confidence if self._keeps_confidence else None)
        else:
            logits = predict_logits(model, self.images, self.normalisation, **how)  # type: ignore[arg-type]
            self.history.record(self.images.ids, logits)

    def resume(self, epochs: int) -> None:
        """Keep what was recorded in the first `epochs` epochs."""
        self._waiting = []
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


def labels_through(
    normalisation: Normalisation, device: torch.device, *, precision: str = FLOAT32, fold: bool = False
) -> LabelsOf:
    """What answers the labels that a `PoolRecorder` with the same arguments would record."""

    def labels_of(model: nn.Module, images: ImageSet) -> AnyArray:
        model = folded(model) if fold else model
        if gathers_on(device):
            return predict_top(model, images, normalisation, device=device, precision=precision).labels
        return predict_labels(model, images, normalisation, device=device, precision=precision)

    return labels_of


def gathers_on(device: torch.device) -> bool:
    """Whether labels and confidences are made where the network is: on CUDA, instead of sending all logits."""
    return device.type == "cuda"


def _truncate(history: LabelHistory | TrainingHistory, epochs: int) -> None:
    if history.epochs < epochs:
        raise DamagedState(
            f"The history holds {history.epochs} recorded epochs of {epochs}: it was not kept in a folder, or is "
            "another one."
        )
    history.truncate(epochs)
