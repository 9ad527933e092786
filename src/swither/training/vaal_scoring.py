"""How likely VAAL's discriminator takes each image for a labelled one."""

from __future__ import annotations

import numpy as np
import torch

from swither.arrays import FloatArray
from swither.data.augmentation import augment
from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.models.vaal import Autoencoder, Discriminator
from swither.randomness import derive
from swither.training.clean_pass import chunks, untouched
from swither.training.vaal import BATCH, FittedVaal, pixel_scale
from swither.training.vaal_settings import VaalSettings


def labelled_likelihood(
    fitted: FittedVaal, images: ImageSet, settings: VaalSettings, *, seed: int, device: torch.device | str = "cpu"
) -> FloatArray:
    """D(mu) of each image.

    ``corrected``: evaluation mode, images as they are. ``released``: training mode, so that an image's likelihood
    depends on those beside it, in chunks drawn at random, and every second image is mirrored. Either way the networks
    are afterwards what they were.

    Args:
        fitted: VAAL's networks.
        images: which to score.
        settings: those of the training.
        seed: of chunks and flips, where there are any.
        device: where the networks are.

    Returns:
        (samples,) float64 in [0, 1].

    Raises:
        InputError: the networks answer NaN.
    """
    where = torch.device(device)
    if settings.quirks == "corrected":
        odds = _clean(fitted.autoencoder, fitted.discriminator, images, where)
    else:
        odds = _released(fitted.autoencoder, fitted.discriminator, images, seed, where)
    if np.isnan(odds).any():
        raise InputError("VAAL's networks answer NaN: their training has diverged. Take another seed or another width.")
    likelihood: FloatArray = 1 / (1 + np.exp(-np.clip(odds, -700, 700)))  # double: single ties far from 0
    return likelihood


def _clean(
    autoencoder: Autoencoder, discriminator: Discriminator, images: ImageSet, device: torch.device
) -> FloatArray:
    odds = np.empty(len(images))
    for taken, prepared in chunks(images, pixel_scale(images), device):
        with untouched(autoencoder, device):
            answered = discriminator(autoencoder.encode(prepared)[0])
        odds[taken] = answered[: taken.stop - taken.start].cpu().numpy()
    return odds


def _released(
    autoencoder: Autoencoder, discriminator: Discriminator, images: ImageSet, seed: int, device: torch.device
) -> FloatArray:
    odds = np.empty(len(images))
    statistics = {name: buffer.clone() for name, buffer in autoencoder.named_buffers()}
    generator = torch.Generator().manual_seed(derive(seed, "released scoring"))
    order = torch.randperm(len(images), generator=generator).numpy()
    was_training = autoencoder.training
    try:
        autoencoder.train()
        with torch.no_grad():
            for start in range(0, len(images), BATCH):
                positions = np.resize(order[start : start + BATCH], BATCH)  # a lone image has no batch statistics
                pixels = torch.from_numpy(images.images(positions)).to(device)
                prepared = augment(pixels, pixel_scale(images), generator, crop_padding=0, flip=True)
                answered = discriminator(autoencoder.encode(prepared)[0]).cpu().numpy()
                kept = min(BATCH, len(images) - start)
                odds[positions[:kept]] = answered[:kept]
    finally:
        autoencoder.train(was_training)
        for name, buffer in autoencoder.named_buffers():
            buffer.copy_(statistics[name])
    return odds
