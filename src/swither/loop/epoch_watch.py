"""An observer that only says how far a training is."""

from __future__ import annotations

from collections.abc import Callable

TrainingProgress = Callable[[int, int], None]
"""Called after every epoch with how many are done and how many there will be."""


class EpochWatch:
    """Tells of every epoch.

    Args:
        progress: told.
        epochs: there will be.
    """

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
