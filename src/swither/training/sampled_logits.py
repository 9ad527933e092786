"""Logits of several stochastic passes, for BALD: dropout draws, everything else is in evaluation mode."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import overload

import torch
from torch import nn

from swither.arrays import FloatArray
from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.models.network import logits_and_embeddings
from swither.randomness import derive
from swither.training.chunk import usual_chunk
from swither.training.clean_pass import chunks, clean_pass, device_of, require_finite, together, untouched
from swither.training.precision import FLOAT32, autocast


class SampledLogits(Sequence[FloatArray]):
    """One (samples, classes) array a pass, computed when it is read, the same values at every reading.

    Never more than one pass is in memory. The network is copied when this is made, so training it further
    changes nothing here.
    """

    def __init__(
        self,
        model: nn.Module,
        images: ImageSet,
        normalisation: Normalisation,
        passes: int,
        seed: int,
        device: torch.device,
        chunk: int,
        precision: str = FLOAT32,
    ) -> None:
        self._model = copy.deepcopy(model)
        self._images, self._normalisation = images, normalisation
        self._passes, self._seed, self._device, self._chunk = passes, seed, device, chunk
        self._precision = precision
        self._embeddings = self._embed_once() if head_has_all_dropout(self._model) else None

    def __len__(self) -> int:
        return self._passes

    @overload
    def __getitem__(self, index: int) -> FloatArray: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[FloatArray]: ...
    def __getitem__(self, index: int | slice) -> FloatArray | Sequence[FloatArray]:
        """One pass's logits (samples, classes), float32."""
        if isinstance(index, slice):
            return [self[number] for number in range(len(self))[index]]
        number = range(len(self))[index]  # raises IndexError past the end
        parts = list(self._one_pass(number))
        return require_finite(together(parts, self._images.classes))

    def _one_pass(self, number: int) -> Iterator[torch.Tensor]:
        stochastic = dropouts(self._model)
        if self._embeddings is not None:
            for taken, embeddings in self._embeddings:
                with untouched(self._model, self._device, stochastic, derive(self._seed, "pass", number, taken.start)):
                    logits = self._model.head(embeddings)  # type: ignore[operator]
                yield logits[: taken.stop - taken.start].float()
            return
        for taken, images in chunks(self._images, self._normalisation, self._device, self._chunk):
            draws = derive(self._seed, "pass", number, taken.start)
            computing = autocast(self._precision, self._device)
            with untouched(self._model, self._device, stochastic, draws), computing:
                logits, _ = logits_and_embeddings(self._model, images)
            yield logits[: taken.stop - taken.start].float()

    def _embed_once(self) -> list[tuple[slice, torch.Tensor]] | None:
        """Embeddings in whole chunks; None where the head on them does not give the network's own logits."""
        embedded = []
        passed = clean_pass(
            self._model,
            self._images,
            self._normalisation,
            device=self._device,
            chunk=self._chunk,
            precision=self._precision,
        )
        for taken, logits, embeddings in passed:
            with untouched(self._model, self._device):
                again = self._model.head(embeddings)  # type: ignore[operator]
            if again.shape != logits.shape or not torch.allclose(again.float(), logits, rtol=1e-3, atol=1e-4):
                return None
            filled_up = embeddings[-1:].expand(self._chunk - len(embeddings), -1)
            embedded.append((taken, torch.cat([embeddings, filled_up])))
        return embedded


def sampled_logits(
    model: nn.Module,
    images: ImageSet,
    normalisation: Normalisation,
    passes: int,
    seed: int,
    *,
    device: torch.device | str | None = None,
    chunk: int | None = None,
    precision: str = FLOAT32,
) -> SampledLogits:
    """Logits of `passes` stochastic passes: only dropout draws, BatchNorm keeps its running statistics.

    Where the network has a ``head`` that holds all of its dropout, and ``head(embeddings)`` are its logits, the
    trunk runs once and only the head is repeated: the same distribution for one forward pass in cost.

    Args:
        model: answers (logits, embeddings) and has dropout.
        images: (samples,) in the order in which they are to be answered.
        normalisation: the one that the network was trained with.
        passes: how many, at least 1; BALD's authors take 10.
        seed: in [0, 2**63); the same seed gives the same masks.
        device: where the network is; None looks at its first weight.
        chunk: images computed at once; None: the device's usual number.
        precision: what the trunk computes in; the repeated head is always float32.

    Returns:
        A sequence of (samples, classes) float32 arrays, one a pass.

    Raises:
        InputError: the network has no dropout, so that every pass would be the same.
    """
    if passes < 1:
        raise InputError(f"Expected at least 1 stochastic pass, got {passes}.")
    if not dropouts(model):
        raise InputError(
            "Stochastic passes need dropout, and this network has none: every pass would give the same logits. "
            "Train it with dropout before the last layer (ModelSettings(dropout=0.5), --dropout 0.5), or choose "
            "an acquisition other than BALD."
        )
    device = device_of(model) if device is None else torch.device(device)
    chunk = usual_chunk(device.type, features=images.features is not None) if chunk is None else chunk
    return SampledLogits(model, images, normalisation, passes, seed, device, chunk, precision)


def dropouts(model: nn.Module) -> set[nn.Module]:
    """The modules that leave values out at random."""
    return {module for module in model.modules() if isinstance(module, nn.modules.dropout._DropoutNd) and module.p > 0}


def head_has_all_dropout(model: nn.Module) -> bool:
    """Whether the trunk in front of ``head`` draws nothing, so that it needs to run only once."""
    head = getattr(model, "head", None)
    return isinstance(head, nn.Module) and dropouts(head) == dropouts(model)
