"""What VAAL's networks minimise, as in the paper and as in the authors' published code."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def autoencoder_loss(images: Tensor, reconstructions: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Squared error summed over pixels, plus the KL divergence of codes summed over latents; mean over images.

    Args:
        images: (batch, channels, height, width).
        reconstructions: the same shape.
        mean: (batch, latents) of the codes.
        log_variance: (batch, latents) of the codes.

    Returns:
        A number, the negative evidence lower bound up to a constant.

    Example:
        >>> images, code = torch.zeros(2, 3, 4, 4), torch.zeros(2, 8)
        >>> autoencoder_loss(images, images + 1, code, code).item()
        48.0
    """
    error = (reconstructions - images).square().flatten(1).sum(dim=1)  # (batch,)
    return (error + divergence(mean, log_variance)).mean()


def released_autoencoder_loss(images: Tensor, reconstructions: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """The published code's: squared error averaged over everything, plus the KL summed over batch and latents.

    So the KL weighs batch x pixels times as much as in `autoencoder_loss`, and codes say next to nothing of the images.
    Arguments and result as there.

    Example:
        >>> images, code = torch.zeros(2, 3, 4, 4), torch.ones(2, 8)
        >>> round(released_autoencoder_loss(images, images + 1, code, 0 * code).item(), 3)
        9.0
    """
    return functional.mse_loss(reconstructions, images) + divergence(mean, log_variance).sum()


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence (batch,) of each image's code from the standard normal, in nats.

    Example:
        >>> divergence(torch.zeros(2, 32), torch.zeros(2, 32)).tolist()
        [0.0, 0.0]
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)


def fooling_loss(labelled: Tensor, unlabelled: Tensor) -> Tensor:
    """The autoencoder's: both sides shall be taken for labelled. Cross-entropy of log-odds, a mean for each side.

    Args:
        labelled: (batch,) the discriminator's log-odds for labelled images.
        unlabelled: (batch,) for unlabelled ones.

    Example:
        >>> round(fooling_loss(torch.zeros(3), torch.zeros(3)).item(), 4)  # twice the logarithm of 2
        1.3863
    """
    return _taken_for(labelled, 1.0) + _taken_for(unlabelled, 1.0)


def discriminator_loss(labelled: Tensor, unlabelled: Tensor) -> Tensor:
    """The discriminator's: each side shall be taken for what it is. Arguments as for `fooling_loss`.

    Example:
        >>> round(discriminator_loss(torch.full((3,), 9.0), torch.full((3,), -9.0)).item(), 3)
        0.0
    """
    return _taken_for(labelled, 1.0) + _taken_for(unlabelled, 0.0)


def _taken_for(log_odds: Tensor, target: float) -> Tensor:
    return functional.binary_cross_entropy_with_logits(log_odds, torch.full_like(log_odds, target))
