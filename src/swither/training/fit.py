"""One readable training: whole-batch augmentation, momentum SGD, observers, a checkpoint."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from swither.arrays import IntArray, StrArray
from swither.data.augmentation import Normalisation
from swither.data.batches import batch_positions
from swither.data.image_set import ImageSet
from swither.errors import DamagedState, InputError
from swither.files import key_of
from swither.models.network import logits_and_embeddings
from swither.models.seeded import seeded
from swither.randomness import derive
from swither.training.checkpoint import Checkpoint, Progress
from swither.training.class_weights import class_weights
from swither.training.feeding import CardFeed, feed_for
from swither.training.graphs import COMPILED, NO_GRAPHS, GraphWarning, Step, captured, choose_graphs
from swither.training.observer import Lagging
from swither.training.observer import Observer as Observer
from swither.training.precision import FLOAT32, autocast, choose_precision
from swither.training.recipe import Recipe, Schedule
from swither.training.surroundings import as_in_training
from swither.training.weights import tensors_digest


@dataclass(frozen=True)
class Fitted:
    """A finished training.

    Attributes:
        model: the network that was given, trained, in evaluation mode, on the training's device.
        normalisation: what its images are normalised with.
        epochs: completed, those before an interruption too.
        steps: taken in all.
        seconds_training: spent on steps, those before an interruption too.
        seconds_observing: spent in observers.
    """

    model: nn.Module
    normalisation: Normalisation
    epochs: int
    steps: int
    seconds_training: float
    seconds_observing: float


def fit(
    model: nn.Module,
    images: ImageSet,
    recipe: Recipe,
    *,
    seed: int,
    device: torch.device | str = "cpu",
    normalisation: Normalisation | None = None,
    observers: Sequence[Observer] = (),
    checkpoint: Path | None = None,
    checkpoint_seconds: float = 10.0,
    deterministic: bool = False,
    precision: str = FLOAT32,
    graphs: str | None = None,
) -> Fitted:
    """Train a network on labelled images.

    On a CPU equal inputs give bit-identical weights for one kind of machine, one version of torch and one number of
    threads, whoever observes and however often the training was interrupted; on CUDA only with `deterministic`, else
    sums are taken in any order and last bits differ from one training to the next. The number of threads is the
    caller's (`use_threads`). Each epoch's order, augmentation and dropout derive from the seed and the epoch;
    torch's global random state is the same afterwards.

    Args:
        model: answers (logits, embeddings), see `swither.models.Network`; trained in place. To go on after an
            interruption give it with the same initial weights.
        images: (samples,) at least two, all labelled, in id order.
        recipe: how to train; what it does with so few images is `recipe.schedule(len(images))`.
        seed: in [0, 2**63).
        device: where to train; the network is moved there.
        normalisation: of the images; None takes mean and deviation of `images`.
        observers: told about each batch and each epoch, in this order.
        checkpoint: the file to go on from, and to write while training; it stays when the training is over,
            until the caller has kept the weights and removes it. None for none. One that is damaged, or of
            another training, is renamed aside with a `CheckpointWarning`, and the training starts anew.
        checkpoint_seconds: how long a write has to wait after the one before; 0 writes after every epoch.
        deterministic: let torch refuse algorithms that may give other bits each time. On a CPU none of swither's
            networks needs one; on CUDA this costs speed.
        precision: what the network computes in, see `swither.training.precision`.
        graphs: how steps are launched on CUDA, see `swither.training.graphs`; None: captured, where the network is
            swither's own.

    Raises:
        InputError: an image has no label, there are fewer than two, or the loss is NaN or infinite; the
            message names epoch and learning rate.

    References:
        J. Zolfaghari Bengar, B. Raducanu, J. van de Weijer: When Deep Learners Change Their Mind. CAIP 2021.
    """
    schedule = recipe.schedule(len(images))
    _require_labels(images)
    normalisation = normalisation or Normalisation.of(images)
    device = torch.device(device)
    asked_for = graphs
    precision, graphs = choose_precision(precision, device), choose_graphs(graphs, device, model)
    model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    training = _Training(model, images, recipe, schedule, normalisation, seed, device, observers, precision, graphs)
    if asked_for not in (None, NO_GRAPHS) and not isinstance(training.feed, CardFeed):
        warnings.warn(
            f"Graphs ({asked_for}) were asked for, but need images that lie on the card, and these are sent batch by "
            "batch: training steps are computed as usual, slower.",
            GraphWarning,
            stacklevel=2,
        )
    file = None
    if checkpoint is not None:
        file = Checkpoint(checkpoint, training.key(deterministic), checkpoint_seconds)
    with as_in_training(device, deterministic=deterministic):
        try:
            progress = training.resume(file)
            while progress.epochs < schedule.epochs:
                progress = training.epoch(progress)
                due = file is not None and file.is_due
                if due or progress.epochs == schedule.epochs:
                    progress = training.catch_up(progress)
                if due and file is not None:
                    file.write(model, training.optimiser, progress)
        finally:
            training.release()
    model.eval()
    return Fitted(
        model,
        normalisation,
        epochs=progress.epochs,
        steps=progress.epochs * schedule.steps_per_epoch,
        seconds_training=progress.seconds_training,
        seconds_observing=progress.seconds_observing,
    )


class _Training:
    """What stays the same from epoch to epoch."""

    def __init__(
        self,
        model: nn.Module,
        images: ImageSet,
        recipe: Recipe,
        schedule: Schedule,
        normalisation: Normalisation,
        seed: int,
        device: torch.device,
        observers: Sequence[Observer],
        precision: str,
        graphs: str,
    ) -> None:
        self.model, self.images, self.recipe, self.schedule = model, images, recipe, schedule
        self.normalisation, self.seed, self.device, self.observers = normalisation, seed, device, observers
        self.precision, self.graphs = precision, graphs
        self.feed = feed_for(images, normalisation, *recipe.augmentation(images.image_shape), device)
        self.optimiser = torch.optim.SGD(
            [weight for weight in model.parameters() if weight.requires_grad],
            lr=_on_card(recipe.learning_rate, device),
            momentum=recipe.momentum,
            nesterov=recipe.nesterov,
            weight_decay=recipe.weight_decay,
            fused=device.type in ("cpu", "cuda"),
        )
        if graphs != NO_GRAPHS and recipe.momentum:  # a captured step must find its buffers; zero is no momentum
            for weight in self.optimiser.param_groups[0]["params"]:
                self.optimiser.state[weight]["momentum_buffer"] = torch.zeros_like(weight)
        weights = class_weights(recipe.class_weights, images.labels, images.classes)
        self._class_weights = None if weights is None else torch.from_numpy(weights).float().to(device)
        self._total = torch.zeros((), device=device)  # of the epoch's losses
        self._captured: Step | None = None

    def key(self, deterministic: bool) -> str:
        """Of everything that decides about the weights; a checkpoint of another key is of another training."""
        normalisation = asdict(self.normalisation)
        initial = tensors_digest(self.model.state_dict())
        recipe, data = self.recipe.values, self.images.fingerprint
        other = [] if self.precision == FLOAT32 else [self.precision]
        other += [] if self.images.features is None else [self.images.features.key]
        return key_of(
            "fit", 1, recipe, self.seed, data, normalisation, initial, self.device.type, deterministic, *other
        )

    def resume(self, file: Checkpoint | None) -> Progress:
        """Go back to the checkpoint, the observers too; to the start where there is none, or one has a gap."""
        restored = file.read() if file is not None else None
        if file is not None and restored is not None:
            try:
                for observer in self.observers:
                    observer.resume(restored.progress.epochs)
                restored.load_into(self.model, self.optimiser)
                return restored.progress
            except DamagedState as error:
                file.set_aside(f"The checkpoint cannot be gone on from: {error}")
        for observer in self.observers:
            observer.resume(0)
        return Progress()

    def epoch(self, progress: Progress) -> Progress:
        """Go once through all images, then let the observers look."""
        epoch, started, observing = progress.epochs + 1, time.perf_counter(), 0.0
        for ids, labels, logits in self._steps(epoch):
            looked = time.perf_counter()
            for observer in self.observers:
                observer.after_batch(ids, labels, logits)
            observing += time.perf_counter() - looked
        looked = time.perf_counter()
        for observer in self.observers:
            observer.after_epoch(epoch, self.model)
        done = time.perf_counter()
        return replace(
            progress,
            epochs=epoch,
            seconds_training=progress.seconds_training + looked - started - observing,
            seconds_observing=progress.seconds_observing + observing + done - looked,
        )

    def catch_up(self, progress: Progress) -> Progress:
        """Let the observers do what they left for later."""
        started = time.perf_counter()
        for observer in self.observers:
            if isinstance(observer, Lagging):
                observer.catch_up()
        return replace(progress, seconds_observing=progress.seconds_observing + time.perf_counter() - started)

    def _steps(self, epoch: int) -> Iterator[tuple[StrArray, IntArray, Tensor]]:
        """Take the steps of one epoch; gives each one's ids, labels and logits."""
        self._set_learning_rate(epoch)
        generator = torch.Generator().manual_seed(derive(self.seed, "epoch", epoch))
        parts = batch_positions(
            len(self.images),
            self.schedule.batch_size,
            generator=generator,
            join_lone=True,
            even=self.recipe.even_batches,
        )
        self._total.zero_()
        self.model.train()  # an observer may have left it otherwise
        for step, (positions, batch) in enumerate(zip(parts, self.feed.epoch(parts, generator), strict=True)):
            logits, loss = self._step(batch, len(positions), derive(self.seed, "dropout", epoch, step))
            if self.device.type == "cpu":  # elsewhere to look is to wait, so it is done once an epoch
                self._require_finite(loss, epoch)
            yield self.images.ids[positions], self.images.labels[positions], logits
        self._require_finite(self._total, epoch)

    def _step(self, batch: Any, size: int, dropout_seed: int) -> tuple[Tensor, Tensor]:
        """One step down the gradient; gives logits (batch, classes) and loss from before it, detached."""
        wanted = self.graphs != NO_GRAPHS and size == self.schedule.batch_size and isinstance(self.feed, CardFeed)
        if wanted and self._captured is None:
            self._captured = self._capture(batch)
        with seeded(dropout_seed, self.device):
            if not wanted or self._captured is None:
                return self._compute(batch, self.model)
            logits, loss = self._captured(batch)
        return logits.clone() if self.observers else logits, loss

    def _compute(self, batch: Any, network: Callable[[Tensor], Any]) -> tuple[Tensor, Tensor]:
        inputs, targets = self.feed.inputs(batch)
        with autocast(self.precision, self.device):
            logits, _ = logits_and_embeddings(network, inputs)
        loss = functional.cross_entropy(logits.float(), targets, weight=self._class_weights)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self._total += loss.detach()
        return logits.detach(), loss.detach()

    def _capture(self, batch: Tensor) -> Step:
        """The step of whole batches as a graph; nothing is trained meanwhile."""
        network: Callable[[Tensor], Any] = self.model
        if self.graphs == COMPILED:
            network = torch.compile(self.model, dynamic=False)
        momentum = [state["momentum_buffer"] for state in self.optimiser.state.values() if state]
        changed = [*self.model.parameters(), *self.model.buffers(), *momentum, self._total]
        with seeded(0, self.device):
            step = partial(self._compute, network=network)
            taken = captured(step, batch, changed)
        if taken is step:  # it could not be captured, and the compiler may be why
            return partial(self._compute, network=self.model)
        return taken

    def release(self) -> None:
        """Give back the memory of a captured step, in which the last gradients lie too."""
        if self._captured is not None:
            self._captured = None
            self.optimiser.zero_grad()

    def _set_learning_rate(self, epoch: int) -> None:
        rate = self.recipe.learning_rate_in(epoch, self.schedule)
        for group in self.optimiser.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def _require_finite(self, loss: Tensor, epoch: int) -> None:
        if not torch.isfinite(loss):
            rate = self.recipe.learning_rate_in(epoch, self.schedule)
            raise InputError(
                f"The training diverged: the loss is {loss.item()} in epoch {epoch} at a learning rate of {rate:g}. "
                f"Train with a lower one, such as {self.recipe.learning_rate / 10:g} (Recipe.learning_rate)."
            )


def _on_card(rate: float, device: torch.device) -> float | Tensor:
    """The learning rate as the optimiser wants it: on CUDA in a tensor, which captured steps read anew."""
    return torch.tensor(rate, dtype=torch.float32, device=device) if device.type == "cuda" else rate


def _require_labels(images: ImageSet) -> None:
    outside = (images.labels < 0) | (images.labels >= images.classes)
    if outside.any():
        raise InputError(
            f"Expected every image to have a label in 0 .. {images.classes - 1}, but {int(outside.sum())} of "
            f"{len(images)} have none of these, first {images.ids[outside][0]}. Train on the labelled images only."
        )
