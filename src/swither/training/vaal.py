"""VAAL's training: an autoencoder that hides who is labelled, and a discriminator that learns to tell it.

It looks at images only, never at labels or at the classifier. Each iteration takes two steps of the autoencoder and one
of the discriminator, each on as many labelled as unlabelled images.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from swither.data.augmentation import Normalisation, augment
from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.files import key_of
from swither.models.vaal import LATENTS, Autoencoder, Discriminator, build_vaal
from swither.randomness import derive
from swither.training.checkpoint import CheckpointFile, part
from swither.training.device import deterministic_algorithms, quick_convolutions
from swither.training.endless import EndlessOrder
from swither.training.vaal_losses import (
    autoencoder_loss,
    discriminator_loss,
    divergence,
    fooling_loss,
    released_autoencoder_loss,
)
from swither.training.vaal_settings import VAAL_VERSION, VaalSettings

BATCH = 128
"""Labelled images in a step, and unlabelled ones."""

LEARNING_RATE = 5e-4
AUTOENCODER_STEPS = 2
LOG_POINTS = 50

VaalProgress = Callable[[int, int], None]
"""Called now and then with how many iterations are done and how many there will be."""

LogPoint = Mapping[str, float]
"""Means since the point before, by name; see `FittedVaal.log`."""

_SUMS = ("discriminator_accuracy", "reconstruction_error", "error_of_the_mean", "divergence")


@dataclass(frozen=True)
class FittedVaal:
    """A finished training of VAAL.

    Attributes:
        autoencoder: on the training's device.
        discriminator: on the training's device.
        log: about `LOG_POINTS` points: ``iteration``, and the means of all iterations since the point before of
            ``discriminator_accuracy`` (share of labelled and unlabelled images that it took for what they are, half
            of each, before its own step), ``reconstruction_error`` (squared, of a pixel's value between -1 and 1),
            ``error_of_the_mean`` (the same for an autoencoder that gives the batch's mean image for every image) and
            ``divergence`` (nats of an image's code).
        seconds: of training, those before an interruption too.
    """

    autoencoder: Autoencoder
    discriminator: Discriminator
    log: tuple[LogPoint, ...]
    seconds: float


def fit_vaal(
    labelled: ImageSet,
    unlabelled: ImageSet,
    settings: VaalSettings,
    *,
    seed: int,
    device: torch.device | str = "cpu",
    checkpoint: Path | None = None,
    checkpoint_seconds: float = 10.0,
    deterministic: bool = False,
    progress: VaalProgress | None = None,
) -> FittedVaal:
    """Train VAAL's networks anew on labelled and unlabelled images.

    Batches go endlessly through shuffled passes over each side, so every image counts as often as any other; a side of
    fewer images than a batch stands in it several times. Pixels are scaled to -1 .. 1. Order, flips and the noise of
    codes derive from the seed and the number of the step, so to go on needs nothing but weights and Adam's moments.
    Equal inputs give bit-identical weights for one kind of machine, one version of torch and one number of threads.

    ``corrected`` sends labelled and unlabelled images through the autoencoder together, so that BatchNorm measures both
    by the same mean, as it will at scoring. ``released`` sends each side through alone, mirrors every second image and
    weighs the parts of the loss as the published code does.

    Args:
        labelled: at least one image.
        unlabelled: at least one image.
        settings: scale and form.
        seed: in [0, 2**63).
        device: where to train.
        checkpoint: as for `fit`.
        checkpoint_seconds: as for `fit`; 0 writes after every iteration.
        deterministic: as for `fit`.
        progress: told how far it is, about `LOG_POINTS` times.

    Raises:
        InputError: a side has no image, images are under 4 pixels, or a loss is NaN or infinite.

    References:
        S. Sinha, S. Ebrahimi, T. Darrell: Variational Adversarial Active Learning. ICCV 2019.
    """
    for side, images in (("labelled", labelled), ("unlabelled", unlabelled)):
        if len(images) == 0:
            raise InputError(f"VAAL needs labelled and unlabelled images to tell apart, got no {side} ones.")
    training = _Training(labelled, unlabelled, settings, seed, torch.device(device))
    file = None
    if checkpoint is not None:
        file = CheckpointFile(checkpoint, training.key(deterministic), checkpoint_seconds)
        if (content := file.read()) is not None:
            training.restore(*content)
    if progress:
        progress(training.done, settings.iterations)
    with quick_convolutions(device, deterministic), deterministic_algorithms(deterministic):
        while training.done < settings.iterations:
            training.iterate()
            if progress and training.has_just_logged:
                progress(training.done, settings.iterations)
            if file is not None and file.is_due:
                file.write(*training.content())
    return FittedVaal(training.autoencoder, training.discriminator, tuple(training.log), training.seconds)


def pixel_scale(images: ImageSet) -> Normalisation:
    """What VAAL's images are normalised with: pixels from -1 to 1, whatever the set."""
    channels = images.image_shape[2]
    return Normalisation((0.5,) * channels, (0.5,) * channels)


class _Training:
    """Networks, optimisers and log, and how far they are."""

    def __init__(
        self, labelled: ImageSet, unlabelled: ImageSet, settings: VaalSettings, seed: int, device: torch.device
    ) -> None:
        self.sides, self.settings, self.seed, self.device = (labelled, unlabelled), settings, seed, device
        self.scale = pixel_scale(labelled)
        self.orders = [EndlessOrder(len(images), derive(seed, "order", side)) for side, images in enumerate(self.sides)]
        networks = build_vaal(labelled.image_shape, settings.width, derive(seed, "initial weights"))
        self.autoencoder, self.discriminator = networks
        for network in networks:
            network.to(device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
        fused = device.type in ("cpu", "cuda")
        self.optimisers = {
            name: torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=fused)
            for name, network in self._networks.items()
        }
        self.done, self.seconds = 0, 0.0
        self.log: list[LogPoint] = []
        self.sums = torch.zeros(len(_SUMS), device=device)
        self.every = -(-settings.iterations // LOG_POINTS)

    @property
    def _networks(self) -> dict[str, torch.nn.Module]:
        return {"autoencoder": self.autoencoder, "discriminator": self.discriminator}

    @property
    def has_just_logged(self) -> bool:
        return bool(self.log) and self.log[-1]["iteration"] == self.done

    def key(self, deterministic: bool) -> str:
        """Of everything that decides about the weights."""
        ids = [[str(i) for i in images.ids] for images in self.sides]
        shape = list(self.sides[0].image_shape)
        return key_of(
            "vaal", VAAL_VERSION, asdict(self.settings), self.seed, shape, ids, self.device.type, deterministic
        )

    def iterate(self) -> None:
        """Two steps of the autoencoder, one of the discriminator, and a point of the log where one is due."""
        began = time.perf_counter()
        for step in range(AUTOENCODER_STEPS):
            batch = _Batch(self, AUTOENCODER_STEPS * self.done + step)
            self._autoencoder_step(batch)
        self._discriminator_step(batch)
        self.done += 1
        if self.done % self.every == 0 or self.done == self.settings.iterations:
            self._note()
        self.seconds += time.perf_counter() - began

    def _autoencoder_step(self, batch: _Batch) -> None:
        loss_of = autoencoder_loss if self.settings.quirks == "corrected" else released_autoencoder_loss
        answers = batch.through(self.autoencoder)
        self.discriminator.requires_grad_(False)  # the gradient goes through it and is not wanted of it
        labelled, unlabelled = self.discriminator(torch.cat([mean for _, _, mean, _ in answers])).chunk(2)
        loss = fooling_loss(labelled, unlabelled)
        for answer in answers:
            loss = loss + loss_of(*answer)
        self._descend("autoencoder", loss)
        self.discriminator.requires_grad_(True)
        with torch.no_grad():
            self.sums[1:] += torch.stack([_measured(*answer) for answer in answers]).mean(dim=0) / AUTOENCODER_STEPS

    def _discriminator_step(self, batch: _Batch) -> None:
        with torch.no_grad():
            means = batch.encoded(self.autoencoder)
        labelled, unlabelled = self.discriminator(torch.cat(means)).chunk(2)
        self._descend("discriminator", discriminator_loss(labelled, unlabelled))
        with torch.no_grad():
            self.sums[0] += ((labelled > 0).float().mean() + (unlabelled < 0).float().mean()) / 2

    def _descend(self, name: str, loss: Tensor) -> None:
        self.optimisers[name].zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimisers[name].step()

    def _note(self) -> None:
        """Add a point to the log; the only moment at which a graphics card is waited for."""
        since = self.done - (int(self.log[-1]["iteration"]) if self.log else 0)
        means = [value / since for value in self.sums.tolist()]
        if not all(abs(value) < float("inf") for value in means):
            raise InputError(
                f"VAAL's training diverged before iteration {self.done}: its losses are no numbers any more. Take "
                "another seed or another width."
            )
        self.log.append({"iteration": self.done, **dict(zip(_SUMS, means, strict=True))})
        self.sums.zero_()

    def content(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Tensors and progress from which the training can go on."""
        tensors = {"sums": self.sums}
        for name, network in self._networks.items():
            tensors |= {f"{name}/weights/{key}": tensor for key, tensor in network.state_dict().items()}
            for key, weight in network.named_parameters():
                state = self.optimisers[name].state[weight]
                tensors |= {f"{name}/adam/{key}/{moment}": tensor for moment, tensor in state.items()}
        return tensors, {"done": self.done, "seconds": self.seconds, "log": self.log}

    def restore(self, tensors: dict[str, Tensor], progress: dict[str, Any]) -> None:
        """Go back to what `content` gave."""
        self.sums.copy_(tensors["sums"])
        for name, network in self._networks.items():
            network.load_state_dict(part(tensors, f"{name}/weights/"))
            for key, weight in network.named_parameters():
                moments = part(tensors, f"{name}/adam/{key}/")
                like = {"step": torch.zeros((), device=self.device)}
                self.optimisers[name].state[weight] = {
                    moment: like.get(moment, torch.empty_like(weight, requires_grad=False)).copy_(tensor)
                    for moment, tensor in moments.items()
                }
        self.done, self.seconds, self.log = progress["done"], progress["seconds"], progress["log"]


class _Batch:
    """Labelled and unlabelled images of one step, with the noise of their codes."""

    def __init__(self, training: _Training, number: int) -> None:
        generator = torch.Generator().manual_seed(derive(training.seed, "step", number))
        released = training.settings.quirks == "released"
        self.together = not released
        self.images = []
        for images, order in zip(training.sides, training.orders, strict=True):
            pixels = torch.from_numpy(images.images(order.batch(number, BATCH))).to(training.device)
            self.images.append(augment(pixels, training.scale, generator, crop_padding=0, flip=released))
        self.noise = [torch.randn(BATCH, LATENTS, generator=generator).to(training.device) for _ in self.images]

    def through(self, autoencoder: Autoencoder) -> list[tuple[Tensor, Tensor, Tensor, Tensor]]:
        """For each side: images, reconstructions, means and log variances."""
        if self.together:
            answers = autoencoder(torch.cat(self.images), torch.cat(self.noise))
            sides = list(zip(*(answer.chunk(2) for answer in answers), strict=True))
        else:
            sides = [autoencoder(images, noise) for images, noise in zip(self.images, self.noise, strict=True)]
        return [(images, *side) for images, side in zip(self.images, sides, strict=True)]

    def encoded(self, autoencoder: Autoencoder) -> list[Tensor]:
        """For each side: the means of its codes."""
        if self.together:
            return list(autoencoder.encode(torch.cat(self.images))[0].chunk(2))
        return [autoencoder.encode(images)[0] for images in self.images]


def _measured(images: Tensor, reconstructions: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """(3,) squared error of a pixel, that of the mean image, and nats of a code."""
    error = (reconstructions - images).square().mean()
    error_of_the_mean = (images - images.mean(dim=0)).square().mean()
    return torch.stack([error, error_of_the_mean, divergence(mean, log_variance).mean()])
