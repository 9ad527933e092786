"""What may watch a training without changing it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from swither.arrays import IntArray, StrArray


class Observer(Protocol):
    """Is told about every batch and every epoch, and can be taken back to an earlier epoch.

    An observer may predict with the network through `clean_pass`, and must leave weights, BatchNorm's
    statistics and gradients alone: a training gives the same weights with observers and without.
    Random numbers that it draws from torch's global state do not reach the training.
    """

    def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:
        """A step was taken; these are the answers from before it, on augmented images, in training mode.

        Args:
            ids: (batch,) of the images.
            labels: (batch,) the labels that they were trained with.
            logits: (batch, classes), detached, on the training's device.
        """

    def after_epoch(self, epoch: int, model: nn.Module) -> None:
        """All labelled images were seen `epoch` times (counted from 1)."""

    def resume(self, epochs: int) -> None:
        """Forget whatever came after so many epochs: training goes on, or starts (0), from there.

        Raises:
            DamagedState: this observer no longer holds all that it saw in those epochs; training then starts
                anew, because a record with a gap would be worth less.
        """


@runtime_checkable
class Lagging(Protocol):
    """An observer that may leave work of the last epochs for later, when more of it is done at once."""

    def catch_up(self) -> None:
        """Do it now: a checkpoint is about to be written, or the training is over."""
