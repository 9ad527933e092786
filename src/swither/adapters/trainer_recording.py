"""What every adapter shares: when to record, what to record, and where to go on after a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from swither.arrays import to_numpy
from swither.dynamics.label_history import LabelHistory
from swither.dynamics.recorder import Predictions, Recorder, go_back
from swither.dynamics.training_history import TrainingHistory
from swither.errors import InputError


class TrainerRecording:
    """A pool's predictions and the labelled samples' presentations, in the order in which a trainer tells of them.

    It knows no framework: an adapter tells it of each batch, step and epoch, and hands it the network.

    Args:
        pool: what to record the pool into, or None.
        predict: from the network to predictions of all of the pool, as `Recorder` takes them; asked in
            `evaluation` only.
        labelled: what to record the labelled samples into, or None.
        every_steps: record the pool after every so many steps; None: after every epoch.
        evaluation: from the network to a context in which looking at it changes nothing: by default PyTorch's.
    """

    def __init__(
        self,
        pool: LabelHistory | None,
        predict: Callable[[Any], Predictions] | None,
        labelled: TrainingHistory | None,
        every_steps: int | None,
        evaluation: Callable[[Any], AbstractContextManager[None]] | None = None,
    ) -> None:
        if (pool is None) != (predict is None) or (pool is None and labelled is None):
            raise InputError(
                "Expected a pool's history and a function that predicts it, a labelled part's history, or all three; "
                f"got pool={pool!r}, predict={predict!r}, labelled={labelled!r}."
            )
        self.labelled = labelled
        self.presented: list[tuple[Any, Any]] = []  # of the open epoch: ids (batch,) and logits (batch, classes)
        self._network: Any = None
        self._evaluation = evaluation or torch_evaluation
        self._resumed = False
        self._pool: Recorder | None = None
        if pool is not None and predict is not None:
            self._pool = Recorder(pool, lambda: predict(self._network), every_steps=every_steps)

    def begin(self, network: Any, epochs: int, steps: int, presented: Iterable[tuple[Any, Any]] = ()) -> None:
        """The training starts (0, 0), or goes on after so many complete epochs and steps.

        A trainer may save its checkpoint between the end of an epoch and the recording. Its network is then the
        very one that was to be recorded, so one missing recording is made now.

        Args:
            network: as it goes on.
            epochs: how many are complete.
            steps: how many were taken.
            presented: the open epoch's ids and logits so far, where the checkpoint kept them.

        Raises:
            InputError: the training starts anew, and a history is not empty.
            DamagedState: a history lacks more than one recording.
        """
        self._resumed, self.presented = steps > 0 or epochs > 0, list(presented)
        held = (self._pool.history.epochs if self._pool else 0) + (self.labelled.epochs if self.labelled else 0)
        if held and not self._resumed:
            raise InputError(
                "This training starts at its first step, but a history holds recordings of an earlier one. Resume "
                "the trainer from its checkpoint, or begin anew: history.truncate(0), or another folder."
            )
        if self._pool is not None:
            done, every = (epochs, 1) if self._pool.every_steps is None else (steps, self._pool.every_steps)
            if done % every == 0 and self._pool.history.epochs == done // every - 1:
                self._record_pool(network, done)
            self._pool.resume(done)
        if self.labelled is not None:
            if self.labelled.epochs == epochs - 1:
                self._close_labelled()
            go_back(self.labelled, epochs)

    def after_batch(self, ids: Any, logits: Any) -> None:
        """A batch was trained on: keep what the network answered, on its device until the epoch is over."""
        self.presented.append((ids, logits.detach() if hasattr(logits, "detach") else logits))

    def after_step(self, network: Any, steps: int) -> None:
        """So many steps were taken."""
        if self._pool is not None and self._pool.every_steps is not None:
            self._record_pool(network, steps)

    def after_epoch(self, network: Any) -> None:
        """All labelled samples were presented; a sample presented twice counts the first time.

        Raises:
            InputError: no batch of a whole epoch brought its ids.
        """
        if self.labelled is not None:
            if not self.presented and not self._resumed:
                raise InputError("No batch of this epoch brought ids and logits, so nothing of it can be recorded.")
            self._close_labelled()
        self._resumed = False
        if self._pool is not None and self._pool.every_steps is None:
            self._record_pool(network)

    def _record_pool(self, network: Any, steps: int | None = None) -> None:
        assert self._pool is not None
        self._network = network
        with self._evaluation(network):
            if self._pool.every_steps is None:
                self._pool.after_epoch()
            else:
                self._pool.after_step(steps or 0)
        self._network = None

    def _close_labelled(self) -> None:
        assert self.labelled is not None
        if self.presented:
            ids = np.concatenate([to_numpy(some) for some, _ in self.presented])  # (presentations,)
            logits = np.concatenate([to_numpy(some) for _, some in self.presented])  # (presentations, classes)
            first = np.sort(np.unique(ids, return_index=True)[1])  # (samples,)
            self.labelled.record(ids[first], logits[first])
        self.labelled.close_epoch(allow_missing=True)
        self.presented = []


def torch_evaluation(network: Any) -> AbstractContextManager[None]:
    """Every module in evaluation mode, no gradient, random state given back; for networks of PyTorch."""
    from swither.training.clean_pass import device_of, untouched

    return untouched(network, device_of(network))


def require_one_process(processes: int) -> None:
    """Raise where a training is shared among processes or cards.

    Each of them sees only a part of the labelled samples, and some keep only a part of the network.
    """
    if processes > 1:
        raise InputError(
            f"Recording goes with one process on one device, got a training on {processes}. Train on one "
            "(Lightning: Trainer(devices=1); Hugging Face: start it without torchrun or accelerate launch, with one "
            "card in CUDA_VISIBLE_DEVICES), or record in a loop of your own, one history a process, and join them "
            "with LabelHistory.merge or TrainingHistory.merge."
        )
