"""The recorder: what joins a history to any training loop, given a way to ask the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import Any

from swither.dynamics.epoch_history import EpochHistory
from swither.dynamics.label_history import LabelHistory
from swither.errors import DamagedState, InputError, plural

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
        every_steps: with it, `after_step` records after every so many steps, for trainings that see their data
            only once or twice; None: recording goes by `after_epoch`.

    Example:
        >>> history = LabelHistory.create(["a", "b", "c"], classes=2)
        >>> recorder = Recorder(history, lambda: [(["a", "b"], [0, 1]), (["c"], [1])])
        >>> recorder.after_epoch()
        >>> history.labels.tolist()
        [[0, 1, 1]]
    """

    def __init__(
        self, history: LabelHistory, predict: Callable[[], Predictions], *, every_steps: int | None = None
    ) -> None:
        if every_steps is not None and every_steps < 1:
            raise InputError(f"Expected to record every 1 or more steps, got every_steps={every_steps}.")
        self.history, self.every_steps = history, every_steps
        self._predict = predict

    def after_epoch(self) -> None:
        """Ask for predictions, record them and complete the epoch.

        Where anything fails, the epoch is left as if it had not been begun.

        Raises:
            InputError: samples are missing, unknown or contradictory; see `LabelHistory`. Or recording goes by
                steps.
        """
        if self.every_steps is not None:
            raise InputError(
                f"This recorder was made with every_steps={self.every_steps}: call after_step(step), or leave it out."
            )
        self._record()

    def after_step(self, step: int) -> None:
        """Record as `after_epoch` does, where one more `every_steps` steps are complete; else do nothing.

        Each recording is one row of the history, which calls it an epoch. A step announced twice, as where
        gradients are accumulated over several batches, is recorded once.

        Args:
            step: how many steps the training has taken, this one included.

        Raises:
            InputError: the recorder was made without ``every_steps``; two recordings fell due at once, of which the
                first can no longer be made; or as of `after_epoch`.
        """
        if self.every_steps is None:
            raise InputError("Recording by steps needs to know how often: Recorder(history, predict, every_steps=100).")
        due = step // self.every_steps
        if due > self.history.epochs + 1:
            raise InputError(
                f"After step {step} there should be {due} recordings, one every {plural(self.every_steps, 'step')}, "
                f"but the history holds {self.history.epochs}: {due - self.history.epochs} fell due at once, and the "
                "network of the earlier ones is gone. Announce every step, or give an every_steps that is no smaller "
                "than the steps between two announcements (Lightning's global_step rises by one for each optimiser). "
                "Where recording begins in the middle of a training, count its steps from there."
            )
        if due > self.history.epochs:
            self._record()

    def resume(self, done: int) -> None:
        """Forget what was recorded after a checkpoint: the training goes on, or starts (0), from there.

        Args:
            done: how many epochs, or with ``every_steps`` how many steps, the checkpoint's training had taken.

        Raises:
            DamagedState: the history holds fewer, so that going on would leave a gap.
        """
        go_back(self.history, done // (self.every_steps or 1))

    def _record(self) -> None:
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


def go_back(history: EpochHistory, epochs: int) -> None:
    """Keep the first `epochs` epochs of a history, as a training does that goes on from a checkpoint.

    Raises:
        DamagedState: there are fewer, so that going on would leave a gap.
    """
    if history.epochs < epochs:
        raise DamagedState(
            f"The history holds {history.epochs} of the {epochs} recordings that this training has made so far: it was "
            "kept in memory only, or is another training's. Create it with folder=... and open it from there, or train "
            "anew."
        )
    history.truncate(epochs)
