"""Does the card compute what the CPU computes? Each answer is a number with what it may be at most."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from swither.arrays import IntArray
from swither.data import ImageSet, Normalisation
from swither.data.augmentation import augmented, draw
from swither.dynamics import LabelHistory, dispersion
from swither.models import ModelSettings, Network, build_model
from swither.training import Recipe, fit, predict, use_threads
from swither.training.clean_pass import predict_top
from swither.training.graphs import NO_GRAPHS
from swither.training.precision import BFLOAT16, FLOAT32, autocast

TOLERANCES = {
    "augmentation: pixels that differ": 0.0,
    "logits, float32: relative distance": 1e-3,
    "logits, bfloat16: relative distance": 5e-2,
    "gradients, float32: relative distance": 3e-2,
    "gradients, bfloat16: relative distance": 2.5e-1,
    "pool labels that differ, float32": 2e-3,
    "pool labels that differ, bfloat16": 5e-2,
    "dispersion, float32: mean difference": 2e-3,
    "dispersion, bfloat16: mean difference": 4e-2,
}
"""What may differ at most. A distance is that of two vectors over the length of the CPU's. float32 sums in another
order; bfloat16 rounds to 8 bits in every layer, so that decisions near a class border fall otherwise: of a network that
is still undecided, some in a hundred."""


@dataclass(frozen=True)
class Check:
    """One comparison of the card with the CPU."""

    name: str
    value: float
    at_most: float
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether it is within its tolerance; NaN is not."""
        return self.value <= self.at_most

    def line(self) -> str:
        """For the screen."""
        return f"{'ok  ' if self.passed else 'FAIL'} {self.name}: {self.value:.2e} (at most {self.at_most:.0e})" + (
            f": {self.note}" if self.note else ""
        )

    def facts(self) -> dict[str, Any]:
        """For the file."""
        return {**asdict(self), "value": self.value if isfinite(self.value) else None, "passed": self.passed}


class KeepWeights:
    """An observer that copies the network after each epoch."""

    def __init__(self) -> None:
        self.epochs: list[dict[str, Tensor]] = []

    def after_batch(self, ids: object, labels: object, logits: object) -> None:
        """Nothing."""

    def after_epoch(self, epoch: int, model: nn.Module) -> None:  # noqa: ARG002
        """Copy to the host."""
        self.epochs.append({name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()})

    def resume(self, epochs: int) -> None:
        """Keep the first ones."""
        del self.epochs[epochs:]


def check_card(
    labelled: ImageSet,
    pool: ImageSet,
    model: ModelSettings,
    device: torch.device,
    *,
    epochs: int,
    threads: int,
) -> list[Check]:
    """Train a little on the card, and ask the same networks on the card and on the CPU."""
    normalisation, recipe = Normalisation.of(labelled), Recipe(epochs=epochs, least_steps=0)
    values: dict[str, float] = {"augmentation: pixels that differ": _augmentation(labelled, normalisation, device)}
    with plain_float32(), use_threads(threads):
        kept = KeepWeights()
        network = _network(model, labelled)
        fit(network, labelled, recipe, seed=0, device=device, observers=[kept], graphs=NO_GRAPHS)
        values |= _logits(network, kept.epochs[-1], model, labelled, pool, normalisation, device)
        values |= _gradients(kept.epochs[-1], model, labelled, normalisation, device)
        values |= _labels(kept.epochs, model, labelled, pool, normalisation, device)
    return [Check(name, values[name], at_most) for name, at_most in TOLERANCES.items() if name in values]


@contextlib.contextmanager
def plain_float32() -> Iterator[None]:
    """float32 without TF32 inside, so that the card can be held to the CPU."""
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = before


def _network(model: ModelSettings, images: ImageSet) -> Network:
    return build_model(ModelSettings(model.name, model.width, dropout=0.0), images.image_shape, images.classes, seed=0)


def _with(weights: dict[str, Tensor], model: ModelSettings, images: ImageSet, device: torch.device | str) -> Network:
    network = _network(model, images)
    network.load_state_dict(weights)
    network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval()


def _augmentation(images: ImageSet, normalisation: Normalisation, device: torch.device) -> float:
    pixels = torch.from_numpy(images.images(slice(0, 128)))
    draws = draw(len(pixels), torch.Generator().manual_seed(0), 4, flip=True)
    here = augmented(pixels, normalisation, draws, 4)
    there = augmented(pixels.to(device), normalisation, draws.to(device), 4).cpu()
    return float((here != there).float().mean())


def _logits(
    network: Network,
    weights: dict[str, Tensor],
    model: ModelSettings,
    images: ImageSet,
    pool: ImageSet,
    normalisation: Normalisation,
    device: torch.device,
) -> dict[str, float]:
    expected = predict(_with(weights, model, images, "cpu"), pool, normalisation).logits
    found = {}
    for precision in (FLOAT32, BFLOAT16):
        logits = predict(network, pool, normalisation, device=device, precision=precision).logits
        found[f"logits, {precision}: relative distance"] = distance(logits, expected)
    return found


def _gradients(
    weights: dict[str, Tensor],
    model: ModelSettings,
    images: ImageSet,
    normalisation: Normalisation,
    device: torch.device,
) -> dict[str, float]:
    pixels, labels = torch.from_numpy(images.images(slice(0, 128))), torch.from_numpy(images.labels[:128])
    draws = draw(len(pixels), torch.Generator().manual_seed(1), 4, flip=True)

    def gradients(where: torch.device | str, precision: str) -> Any:
        network = _with(weights, model, images, where).train()
        inputs = augmented(pixels.to(where), normalisation, draws.to(torch.device(where)), 4)
        with autocast(precision, where):
            logits, _ = network(inputs)
        functional.cross_entropy(logits, labels.to(where)).backward()
        found = [weight.grad for weight in network.parameters() if weight.grad is not None]
        return torch.cat([gradient.flatten().float().cpu() for gradient in found]).numpy()

    expected = gradients("cpu", FLOAT32)
    return {
        f"gradients, {precision}: relative distance": distance(gradients(device, precision), expected)
        for precision in (FLOAT32, BFLOAT16)
    }


def _labels(
    epochs: list[dict[str, Tensor]],
    model: ModelSettings,
    images: ImageSet,
    pool: ImageSet,
    normalisation: Normalisation,
    device: torch.device,
) -> dict[str, float]:
    """The same networks, epoch by epoch, on the CPU and twice on the card: whose labels and dispersion differ."""

    def history(where: torch.device | str, precision: str) -> IntArray:
        rows = [
            predict_top(
                _with(weights, model, images, where), pool, normalisation, device=where, precision=precision
            ).labels
            for weights in epochs
        ]
        return np.stack(rows).astype(np.int64)  # (epochs, pool)

    expected, found = history("cpu", FLOAT32), {}
    for precision in (FLOAT32, BFLOAT16):
        labels = history(device, precision)
        ours, theirs = (dispersion(LabelHistory.from_labels(pool.ids, pool.classes, h)) for h in (labels, expected))
        found[f"pool labels that differ, {precision}"] = float((labels != expected).mean())
        found[f"dispersion, {precision}: mean difference"] = float(np.abs(ours - theirs).mean())
    return found


def distance(found: Any, expected: Any) -> float:
    """How far apart two vectors are, over the length of the second."""
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
