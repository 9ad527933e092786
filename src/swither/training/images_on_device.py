"""Pixels that lie on the graphics card: a training gathers its batches there, and nothing waits for the host.

The packed pixels of a data set are one array, shared by all parts of the set; on a card they are one uint8 tensor,
uploaded when a part is first used there and shared by all parts and trainings of the process in the same way.
"""

from __future__ import annotations

import weakref

import numpy as np
import torch
from torch import Tensor

from swither.arrays import AnyArray
from swither.data.image_set import ImageSet

SHARE = 0.4
"""Of the card's free memory, which pixels may fill at most; larger sets are sent batch by batch."""

_UPLOAD_BYTES = 1 << 26  # at once: packed pixels are often memory-mapped, and are never copied whole on the host
_resident: dict[tuple[int, torch.device], tuple[weakref.ref[AnyArray], Tensor]] = {}


def lies_on_device(images: ImageSet, device: torch.device) -> bool:
    """Whether the images' pixels are kept on `device`: on CUDA, where they fit."""
    if device.type != "cuda":
        return False
    _forget_unused()  # a new array may have the number of one that is gone
    if _key(images, device) in _resident:
        return True
    free, _ = torch.cuda.mem_get_info(device)
    return images.stored.nbytes <= SHARE * free


def pixels_on_device(images: ImageSet, device: torch.device) -> Tensor:
    """All pixels that `images` is a part of, on `device`: (stored, height, width, channels) uint8.

    Of a set with features, these: (stored, width). Row ``images.stored_rows[position]`` is the image at ``position``.
    The tensor is everybody's: it is read only.
    """
    _forget_unused()
    key = _key(images, device)
    if key not in _resident:
        pixels = images.stored
        kind = torch.from_numpy(np.empty(0, pixels.dtype)).dtype
        tensor = torch.empty(pixels.shape, dtype=kind, device=device)
        step = max(1, _UPLOAD_BYTES // max(1, pixels[:1].nbytes))
        for start in range(0, len(pixels), step):
            tensor[start : start + step] = torch.from_numpy(np.array(pixels[start : start + step]))
        _resident[key] = weakref.ref(pixels), tensor
    return _resident[key][1]


def rows_on_device(images: ImageSet, positions: AnyArray, device: torch.device) -> Tensor:
    """Where the images at `positions` lie in `pixels_on_device`: (positions,) int64."""
    return torch.from_numpy(np.ascontiguousarray(images.stored_rows[positions], dtype=np.int64)).to(
        device, non_blocking=True
    )


def _key(images: ImageSet, device: torch.device) -> tuple[int, torch.device]:
    if device == torch.device("cuda"):  # the current card, though not equal to the device with its number
        device = torch.device("cuda", torch.cuda.current_device())
    return id(images.stored), device


def _forget_unused() -> None:
    """Give back the memory of pixels that nobody on the host holds any more."""
    for key in [key for key, (pixels, _) in _resident.items() if pixels() is None]:
        del _resident[key]
