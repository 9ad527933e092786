"""The recorder: what joins a history to any training loop, given a way to ask the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import Any

from swither.dynamics.label_history import LabelHistory
from swither.errors import InputError

Predictions = Any
"""Labels, logits, or an iterable of batches (ids, labels or logits); see `Recorder`."""


class Recorder:
    """Records the whole history's samples after each epoch, through a callable that answers predictions.

    It never sees a network: whatever `predict` does must leave the training as it was (eval mode, no gradient,
    no augmentation, BatchNorm statistics and random state untouched).

    Args:
        history: what to record into; its ids say what is recorded.
        predict: called without arguments; answers the predictions of every sample. Either one array in the
            order of ``history.ids``, labels (samples,) or logits (samples, classes); or an iterable of batches
            ``(ids, labels_or_logits)`` or ``(ids, labels, confidence)`` in any order. Arrays and tensors of any
            framework will do.

    Example:
        >>> history = LabelHistory.create(["a", "b", "c"], classes=2)
        >>> recorder = Recorder(history, lambda: [(["a", "b"], [0, 1]), (["c"], [1])])
        >>> recorder.after_epoch()
        >>> history.labels.tolist()
        [[0, 1, 1]]
    """

    def __init__(self, history: LabelHistory, predict: Callable[[], Predictions]) -> None:
        self.history = history
        self._predict = predict

    def after_epoch(self) -> None:
        """Ask for predictions, record them and complete the epoch.

        Where anything fails, the epoch is left as if it had not been begun.

        Raises:
            InputError: samples are missing, unknown or contradictory; see `LabelHistory`.
        """
        try:
            for batch in self._batches(self._predict()):
                self.history.record(*batch)
            self.history.close_epoch()
        except BaseException:
            self.history.truncate(self.history.epochs)
            raise

    def _batches(self, predictions: Predictions) -> Iterable[tuple[Any, ...]]:
        if not hasattr(predictions, "shape") and not isinstance(predictions, Iterable):
            raise InputError(
                f"The recorder's function gave {predictions!r}; expected labels or logits of all samples, or batches "
                "of (ids, labels or logits). Does it return what it predicts?"
            )
        if hasattr(predictions, "shape"):
            return [(self.history.ids, predictions)]
        items = iter(predictions)
        first = list(islice(items, 1))
        if first and isinstance(first[0], tuple):
            return chain(first, items)
        return [(self.history.ids, list(chain(first, items)))]
