"""Images become a network's input: crop, flip and normalisation of whole batches, on whatever device they lie."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from swither.arrays import ByteArray
from swither.data.image_set import ImageSet
from swither.errors import InputError

_BLOCK = 1 << 24  # bytes of pixels that are looked at together


@dataclass(frozen=True)
class Normalisation:
    """Mean and deviation of each channel, of pixel values from 0 to 1; the input is (value - mean) / deviation.

    Attributes:
        mean: (channels,) means, in [0, 1].
        deviation: (channels,) standard deviations, greater than 0.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.mean) != len(self.deviation) or not all(d > 0 for d in self.deviation):
            raise InputError(
                "Expected one mean and one deviation above 0 for each channel, "
                f"got means {self.mean} and deviations {self.deviation}."
            )

    @classmethod
    def of(cls, images: ImageSet) -> Normalisation:
        """The mean and the deviation over all pixels of `images`.

        The sums are whole numbers, so the result is exact to the last rounding and depends on no order. A channel
        of one value everywhere gets the deviation 1: it becomes 0 everywhere. Memory: one block of 16 MiB of
        pixels and its squares, however many images there are.

        Embeddings are standardised by the head that is trained on them, so for a set that has them this is empty.

        Raises:
            InputError: there are no images.

        Example:
            >>> from swither.data import open_images
            >>> [round(mean, 3) for mean in Normalisation.of(open_images("digits")).mean]
            [0.305]
        """
        height, width, channels = images.image_shape
        if len(images) == 0:
            raise InputError("Expected images to take mean and deviation of, got none.")
        if images.features is not None:
            return cls((), ())
        sums = np.zeros((2, width * channels), dtype=np.int64)
        step = max(1, _BLOCK // (height * width * channels))
        for start in range(0, len(images), step):
            rows = images.images(slice(start, start + step)).reshape(-1, width * channels)
            sums[0] += rows.sum(axis=0, dtype=np.int64)
            sums[1] += np.square(rows, dtype=np.uint16).sum(axis=0, dtype=np.int64)  # 255 squared fits 16 bits
        totals, squares = sums.reshape(2, width, channels).sum(axis=1).tolist()
        count = len(images) * height * width
        spreads = [count * square - total**2 for total, square in zip(totals, squares, strict=True)]
        return cls(
            mean=tuple(total / (255 * count) for total in totals),
            deviation=tuple(math.sqrt(s) / (255 * count) if s else 1.0 for s in spreads),
        )


def to_tensor(images: ByteArray | Tensor, normalisation: Normalisation) -> Tensor:
    """Normalise pixels into a network's input.

    Args:
        images: (batch, height, width, channels) uint8, an array or a tensor on any device.
        normalisation: mean and deviation of each channel.

    Returns:
        (batch, channels, height, width) float32 in ``channels_last`` memory, on the device of `images`; it
        shares no memory with `images`.

    Raises:
        InputError: `images` are not uint8 of four axes, or have other channels than `normalisation`.

    Example:
        >>> images = np.full((2, 4, 4, 1), 255, dtype=np.uint8)
        >>> to_tensor(images, Normalisation(mean=(0.5,), deviation=(0.25,)))[0, 0, 0, 0].item()
        2.0
    """
    pixels = _as_tensor(images)
    batch, height, width, channels = pixels.shape
    if channels != len(normalisation.mean):
        raise InputError(
            f"Expected images of {len(normalisation.mean)} channels, as the normalisation has, got {channels}."
        )
    scale, shift = _scale_and_shift(normalisation, width, pixels.device)
    # One new buffer, changed in place: a second one of this size costs more in page faults than all arithmetic.
    rows = pixels.reshape(batch * height, width * channels).float()
    return rows.mul_(scale).add_(shift).view(batch, height, width, channels).permute(0, 3, 1, 2)


def augment(
    images: ByteArray | Tensor,
    normalisation: Normalisation,
    generator: torch.Generator,
    crop_padding: int,
    flip: bool,
) -> Tensor:
    """Crop and flip a batch at random, then normalise it.

    Args:
        images: (batch, height, width, channels) uint8, an array or a tensor on any device.
        normalisation: mean and deviation of each channel.
        generator: where crops and flips are drawn from. On the device of `images` nothing waits for the host; on
            the CPU the draws are the same for every device, at the price of copying three numbers an image.
        crop_padding: see `random_crop`; 0 for no crop.
        flip: whether to mirror half of the images; see `random_flip`.

    Returns:
        (batch, channels, height, width) float32 in ``channels_last`` memory, on the device of `images`.

    Raises:
        InputError: see `to_tensor` and `random_crop`.

    Example:
        >>> images = np.zeros((2, 8, 8, 3), dtype=np.uint8)
        >>> normalisation = Normalisation(mean=(0.5,) * 3, deviation=(0.2,) * 3)
        >>> augment(images, normalisation, torch.Generator(), crop_padding=1, flip=True).shape
        torch.Size([2, 3, 8, 8])
    """
    pixels = _as_tensor(images)
    draws = draw(len(pixels), generator, crop_padding, flip).to(pixels.device)
    return augmented(pixels, normalisation, draws, crop_padding)


@dataclass(frozen=True)
class Draws:
    """What chance decides about a batch, apart from its pixels, so that it can be drawn long before.

    Attributes:
        top: (batch,) pixels above each window, int64; None where nothing is cropped.
        left: (batch,) pixels left of each window; None where nothing is cropped.
        mirrored: (batch,) 1 for an image to mirror, else 0; None where none is.
    """

    top: Tensor | None
    left: Tensor | None
    mirrored: Tensor | None

    def to(self, device: torch.device) -> Draws:
        """The same on another device."""
        here = (self.top, self.left, self.mirrored)
        return Draws(*(None if part is None else part.to(device, non_blocking=True) for part in here))


def draw(count: int, generator: torch.Generator, crop_padding: int, flip: bool) -> Draws:
    """Draw for a batch what `augment` would draw: first all tops, then all lefts, then what is mirrored.

    Args:
        count: images in the batch.
        generator: where it is drawn from; the draws lie on its device.
        crop_padding: see `random_crop`.
        flip: see `random_flip`.

    Raises:
        InputError: `crop_padding` is negative.

    Example:
        >>> draw(3, torch.Generator().manual_seed(0), crop_padding=0, flip=True).mirrored.shape
        torch.Size([3])
    """
    if crop_padding < 0:
        raise InputError(f"Expected a crop padding of at least 0 pixels, got {crop_padding}.")
    top = left = mirrored = None
    if crop_padding:
        top = _draw(2 * crop_padding + 1, count, generator)
        left = _draw(2 * crop_padding + 1, count, generator)
    if flip:
        mirrored = _draw(2, count, generator)
    return Draws(top, left, mirrored)


def augmented(images: Tensor, normalisation: Normalisation, draws: Draws, crop_padding: int) -> Tensor:
    """Crop, flip and normalise a batch as it was drawn; the same bits on every device.

    Args:
        images: (batch, height, width, channels) uint8.
        normalisation: mean and deviation of each channel.
        draws: for these images, on their device.
        crop_padding: what it was drawn with.

    Returns:
        (batch, channels, height, width) float32 in ``channels_last`` memory, on the device of `images`.
    """
    if draws.top is not None and draws.left is not None:
        images = _cropped(images, draws.top, draws.left, crop_padding)
    if draws.mirrored is not None:
        images = _flipped(images, draws.mirrored)
    return to_tensor(images, normalisation)


def random_crop(images: Tensor, generator: torch.Generator, padding: int) -> Tensor:
    """Pad each image with zeros on all sides and cut a window of its own size out of it, anywhere.

    The zeros are raw pixels: black, before any normalisation. The window's top and left edge are drawn uniformly
    from 0 to twice the padding, first all tops, then all lefts.

    Args:
        images: (batch, height, width, channels) uint8.
        generator: where the windows are drawn from.
        padding: pixels on each side, at least 0; 0 draws nothing.

    Returns:
        (batch, height, width, channels) uint8.

    Raises:
        InputError: `padding` is negative.

    Example:
        >>> images = torch.full((64, 4, 4, 1), 9, dtype=torch.uint8)
        >>> crops = random_crop(images, torch.Generator().manual_seed(0), padding=1)
        >>> crops.shape, crops.unique().tolist()
        (torch.Size([64, 4, 4, 1]), [0, 9])
    """
    draws = draw(len(images), generator, padding, flip=False).to(images.device)
    if draws.top is None or draws.left is None:
        return images
    return _cropped(images, draws.top, draws.left, padding)


def _cropped(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    if len(images) == 0:
        return images
    batch, height, width, channels = images.shape
    padded = images.new_zeros(batch, height + 2 * padding, width + 2 * padding, channels)
    padded[:, padding : padding + height, padding : padding + width] = images
    # Every window of one row's length, at every pixel of the batch: views, of which the right ones are copied.
    windows = padded.view(-1).unfold(0, width * channels, channels)
    line = torch.arange(height, device=images.device)
    image = torch.arange(batch, device=images.device)
    starts = (image * padded.shape[1] + top)[:, None] + line  # (batch, height) lines of `padded`
    starts = starts * padded.shape[2] + left[:, None]  # (batch, height) pixels of `padded`
    return windows.index_select(0, starts.view(-1)).view(images.shape)


def random_flip(images: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror each image left to right with probability one half.

    Args:
        images: (batch, height, width, channels) uint8.
        generator: where the images to mirror are drawn from.

    Returns:
        (batch, height, width, channels) uint8.

    Example:
        >>> images = torch.tensor([1, 2], dtype=torch.uint8).view(1, 1, 2, 1).expand(64, 1, 2, 1)
        >>> random_flip(images, torch.Generator().manual_seed(0))[:, 0, :, 0].unique(dim=0).tolist()
        [[1, 2], [2, 1]]
    """
    return _flipped(images, _draw(2, len(images), generator).to(images.device, non_blocking=True))


def _flipped(images: Tensor, mirrored: Tensor) -> Tensor:
    # Both versions side by side and whole images picked: twice as quick as a choice pixel by pixel.
    either = torch.cat([images, images.flip(2)])
    return either.index_select(0, torch.arange(len(images), device=images.device) + len(images) * mirrored)


def _draw(below: int, count: int, generator: torch.Generator) -> Tensor:
    return torch.randint(below, (count,), generator=generator, device=generator.device)


def _as_tensor(images: ByteArray | Tensor) -> Tensor:
    if isinstance(images, np.ndarray):
        ours = images.flags.writeable and all(stride >= 0 for stride in images.strides)
        images = torch.from_numpy(images if ours else images.copy())
    if images.ndim != 4 or images.dtype != torch.uint8:
        raise InputError(
            "Expected images of shape (batch, height, width, channels) as uint8, "
            f"got {tuple(images.shape)} as {images.dtype}."
        )
    return images


@lru_cache(maxsize=64)  # many more than are used at a time: a captured step keeps reading them where they lie
def _scale_and_shift(normalisation: Normalisation, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """What a row of pixels is multiplied by and what is added: (width * channels,) each.

    Kept, so that nothing is sent to a GPU for each batch; as long as a row, so that the arithmetic runs along it.
    """
    scale = [1 / (255 * deviation) for deviation in normalisation.deviation]
    shift = [-m / deviation for m, deviation in zip(normalisation.mean, normalisation.deviation, strict=True)]
    return (
        torch.tensor(scale * width, dtype=torch.float32, device=device),
        torch.tensor(shift * width, dtype=torch.float32, device=device),
    )
