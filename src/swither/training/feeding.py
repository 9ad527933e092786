"""Where a training's batches come from: gathered on the host, or on the graphics card, with the same draws.

Both draw crops and flips from one generator in one order, so a training sees the same images wherever it runs. The
host draws while it goes; for the card an epoch's draws are made at once, before its first step, and sent together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from swither.arrays import IntArray
from swither.data.augmentation import Draws, Normalisation, augmented, draw
from swither.data.image_set import ImageSet
from swither.training.images_on_device import lies_on_device, pixels_on_device, rows_on_device


class Feed(Protocol):
    """Gives an epoch's batches one after the other, and a batch's inputs and targets when its step is taken."""

    def epoch(self, parts: Sequence[IntArray], generator: torch.Generator) -> Iterator[Any]:
        """What stands for each batch of positions; draws from `generator`."""

    def inputs(self, batch: Any) -> tuple[Tensor, Tensor]:
        """The augmented images (batch, channels, height, width), or embeddings, and targets (batch,), on the device."""


class HostFeed:
    """Gathers pixels on the host, and sends them batch by batch where the device is another."""

    def __init__(
        self, images: ImageSet, normalisation: Normalisation, crop_padding: int, flip: bool, device: torch.device
    ) -> None:
        self._images, self._normalisation, self._device = images, normalisation, device
        self._crop_padding, self._flip = crop_padding, flip

    def epoch(self, parts: Sequence[IntArray], generator: torch.Generator) -> Iterator[tuple[IntArray, Draws]]:
        """Positions and draws, each drawn when its turn comes."""
        for positions in parts:
            yield positions, draw(len(positions), generator, self._crop_padding, self._flip)

    def inputs(self, batch: tuple[IntArray, Draws]) -> tuple[Tensor, Tensor]:
        """Gather, send, crop, flip and normalise."""
        positions, draws = batch
        pixels = torch.from_numpy(self._images.images(positions)).to(self._device)
        images = augmented(pixels, self._normalisation, draws.to(self._device), self._crop_padding)
        return images, torch.from_numpy(self._images.labels[positions]).to(self._device)


class CardFeed:
    """Gathers pixels where they lie on the device: a batch is a small table of numbers there."""

    def __init__(
        self, images: ImageSet, normalisation: Normalisation, crop_padding: int, flip: bool, device: torch.device
    ) -> None:
        self._images, self._normalisation, self._device = images, normalisation, device
        self._crop_padding, self._flip = crop_padding, flip
        self._pixels = pixels_on_device(images, device)

    def epoch(self, parts: Sequence[IntArray], generator: torch.Generator) -> Iterator[Tensor]:
        """(lines, batch) int64 on the device: rows of pixels, labels, then what is drawn."""
        drawn = [draw(len(part), generator, self._crop_padding, self._flip) for part in parts]
        order = np.concatenate(parts)
        lines = [
            rows_on_device(self._images, order, self._device),
            torch.from_numpy(self._images.labels[order]).to(self._device, non_blocking=True),
        ]
        for name in ("top", "left", "mirrored"):
            one = [getattr(draws, name) for draws in drawn]
            if one[0] is not None:
                lines.append(torch.cat(one).to(self._device, non_blocking=True))
        table = torch.stack(lines)  # (lines, samples)
        start = 0
        for part in parts:
            yield table[:, start : start + len(part)]
            start += len(part)

    def inputs(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """Gather, crop, flip and normalise, with nothing that waits for the host."""
        rows, labels, *drawn = batch.unbind()
        top = left = mirrored = None
        if self._crop_padding:
            top, left, *drawn = drawn
        if self._flip:
            (mirrored,) = drawn
        draws = Draws(top, left, mirrored)
        pixels = self._pixels.index_select(0, rows)  # (batch, height, width, channels)
        return augmented(pixels, self._normalisation, draws, self._crop_padding), labels


class FeatureFeed:
    """Gathers embeddings, from the card where they are kept there; nothing is augmented and nothing drawn."""

    def __init__(self, images: ImageSet, device: torch.device) -> None:
        self._images, self._device = images, device
        self._values = pixels_on_device(images, device) if lies_on_device(images, device) else None
        if self._values is None and images.features is not None:
            self._images = replace(images, features=images.features.gathered())

    def epoch(self, parts: Sequence[IntArray], generator: torch.Generator) -> Iterator[IntArray]:  # noqa: ARG002
        """The positions themselves."""
        yield from parts

    def inputs(self, batch: IntArray) -> tuple[Tensor, Tensor]:
        """Embeddings (batch, width) in float32, and targets."""
        labels = torch.from_numpy(self._images.labels[batch]).to(self._device, non_blocking=True)
        if self._values is not None:
            rows = rows_on_device(self._images, batch, self._device)
            return self._values.index_select(0, rows).float(), labels
        return torch.from_numpy(self._images.inputs(batch)).to(self._device).float(), labels


def feed_for(
    images: ImageSet, normalisation: Normalisation, crop_padding: int, flip: bool, device: torch.device
) -> HostFeed | CardFeed | FeatureFeed:
    """Of features where the images have them; else from the card where the pixels are kept there, or the host."""
    if images.features is not None:
        return FeatureFeed(images, device)
    feed = CardFeed if lies_on_device(images, device) else HostFeed
    return feed(images, normalisation, crop_padding, flip, device)
