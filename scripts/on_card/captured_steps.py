"""Do captured steps train as steps do that are launched one by one? Two steps each, from the same weights.

Training multiplies a difference in the last bit by thousands within a dozen steps, whatever launches them, so that two
right trainings soon have little in common. Over two steps rounding still stays far below what a fault would do: a
dropout mask that is drawn once, a learning rate that is kept, statistics that the warming up has moved.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from on_card.checks import Check, distance, plain_float32
from swither.arrays import FloatArray
from swither.data import ImageSet
from swither.models import ModelSettings, build_model
from swither.training import Recipe, fit
from swither.training.graphs import NO_GRAPHS, GraphWarning
from swither.training.precision import BFLOAT16, FLOAT32

AT_MOST = {FLOAT32: 1e-1, BFLOAT16: 4e-1}
"""Of every distance. Initial weights of a ResNet-18 that differ in the last bit of float32 come to 0.03 and 0.26 after
two steps (measured on a CPU); another dropout mask comes to 1.0, a learning rate that did not fall to 0.7."""

WHAT = ("logits", "moves of weights", "moves of statistics")
BATCH = 64
EPOCHS = 2  # of one step each; the learning rate falls after the first


def check_captured_steps(
    images: ImageSet, model: ModelSettings, device: torch.device, graphs: str, precisions: Sequence[str]
) -> list[Check]:
    """Compare steps launched as `graphs` says with plain ones, dropout and autocast among what is captured.

    Args:
        images: at least 64, all labelled.
        model: the network; with its usual dropout.
        device: where.
        graphs: how steps are launched, see `swither.training.graphs`.
        precisions: of the network.
    """
    images, checks = images.take(np.arange(BATCH)), []
    with plain_float32(), warnings.catch_warnings():
        warnings.simplefilter("error", GraphWarning)  # a step that was not captured is no captured step
        for precision in dict.fromkeys(precisions):
            names = [f"{graphs}, {precision}: relative distance of {what}" for what in WHAT]
            try:
                plain, other = (_steps(images, model, device, how, precision) for how in (NO_GRAPHS, graphs))
            except GraphWarning as warning:
                checks.append(Check(f"{graphs}, {precision}", np.nan, AT_MOST[precision], str(warning)))
                continue
            checks += [
                Check(name, distance(*parts), AT_MOST[precision])
                for name, parts in zip(names, zip(other, plain, strict=True), strict=True)
            ]
    return checks


class _KeepLogits:
    """An observer that copies the logits of each step."""

    def __init__(self) -> None:
        self.steps: list[Tensor] = []

    def after_batch(self, ids: object, labels: object, logits: Tensor) -> None:  # noqa: ARG002
        """Copy to the host."""
        self.steps.append(logits.float().cpu().clone())

    def after_epoch(self, epoch: int, model: nn.Module) -> None:
        """Nothing."""

    def resume(self, epochs: int) -> None:
        """Nothing to forget."""


def _steps(
    images: ImageSet, model: ModelSettings, device: torch.device, graphs: str, precision: str
) -> tuple[FloatArray, ...]:
    """Logits of every step, (steps * images * classes,), and how far weights and BatchNorm's statistics came."""
    network, kept = build_model(model, images.image_shape, images.classes, seed=0), _KeepLogits()
    before = _flat(network.parameters()), _flat(network.buffers())
    recipe = Recipe(EPOCHS, decay_at=(0.5,), batch_size=BATCH, least_batch_size=BATCH, least_steps=0)
    fit(network, images, recipe, seed=0, device=device, observers=[kept], precision=precision, graphs=graphs)
    after = _flat(network.parameters()), _flat(network.buffers())
    return _flat(kept.steps), *(now - was for now, was in zip(after, before, strict=True))


def _flat(tensors: Iterable[Tensor]) -> FloatArray:
    found: FloatArray = torch.cat([tensor.detach().flatten().float().cpu() for tensor in tensors]).numpy()
    return found
