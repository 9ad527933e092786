"""An epoch in batches: every image once, its id and label with it, the last partial batch too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import torch

from swither.arrays import ByteArray, IntArray, StrArray
from swither.data.image_set import ImageSet
from swither.errors import InputError

Batch: TypeAlias = tuple[StrArray, ByteArray, IntArray]


def batches(
    images: ImageSet,
    batch_size: int,
    *,
    generator: torch.Generator | None = None,
    join_lone: bool = False,
) -> Iterator[Batch]:
    """Go once through all images.

    Args:
        images: the images; their order does not change.
        batch_size: images in a batch, at least 1. Only the last batch may hold fewer; none is dropped.
        generator: where the order is drawn from; None for the order of `images`.
        join_lone: whether a last batch of one image joins the batch before, which then holds ``batch_size + 1``.
            For training with BatchNorm, which has no deviation over one image.

    Yields:
        Ids (batch,), pixels (batch, height, width, channels) uint8 and labels (batch,), copied from `images`.

    Raises:
        InputError: `batch_size` is below 1.

    Example:
        >>> from swither.data import open_images
        >>> for ids, pixels, labels in batches(open_images("digits"), 1000):
        ...     print(len(ids), pixels.shape, labels.shape)
        1000 (1000, 8, 8, 1) (1000,)
        797 (797, 8, 8, 1) (797,)
    """
    for positions in batch_positions(len(images), batch_size, generator=generator, join_lone=join_lone):
        yield images.ids[positions], images.images(positions), images.labels[positions]


def batch_positions(
    count: int,
    batch_size: int,
    *,
    generator: torch.Generator | None = None,
    join_lone: bool = False,
    even: bool = False,
) -> list[IntArray]:
    """The positions 0 to ``count - 1`` in batches, for whoever keeps the pixels elsewhere, such as on a GPU.

    Args:
        count: how many images there are.
        batch_size: see `batches`.
        generator: see `batches`.
        join_lone: see `batches`.
        even: the same number of batches, but of one size, give or take an image; the first are the larger ones.

    Returns:
        The batches' positions, (batch,) int64 each; together every position once. No batch is empty.

    Raises:
        InputError: `batch_size` is below 1.

    Example:
        >>> [b.tolist() for b in batch_positions(5, 2)]
        [[0, 1], [2, 3], [4]]
        >>> [b.tolist() for b in batch_positions(5, 2, join_lone=True)]
        [[0, 1], [2, 3, 4]]
        >>> [b.tolist() for b in batch_positions(7, 3, even=True)]
        [[0, 1, 2], [3, 4], [5, 6]]
    """
    if batch_size < 1:
        raise InputError(f"Expected a batch size of at least 1, got {batch_size}.")
    order = np.arange(count, dtype=np.int64)
    if generator is not None:
        order = torch.randperm(count, generator=generator, device=generator.device).cpu().numpy()
    starts = list(range(0, count, batch_size))
    if join_lone and count > batch_size and count % batch_size == 1:
        starts.pop()
    if even:
        return np.array_split(order, len(starts)) if starts else []
    return [order[start:end] for start, end in zip(starts, [*starts[1:], count], strict=False)]
