"""VAAL's losses equal their formulas, written out number by number."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from swither.training.vaal_losses import (
    autoencoder_loss,
    discriminator_loss,
    divergence,
    fooling_loss,
    released_autoencoder_loss,
)

Made = tuple[Tensor, Tensor, Tensor, Tensor]


@pytest.fixture(params=range(3))
def made(request: pytest.FixtureRequest) -> Made:
    draw = np.random.default_rng(request.param)
    shapes = ((5, 3, 4, 6), (5, 3, 4, 6), (5, 7), (5, 7))
    images, reconstructions, mean, log_variance = (torch.from_numpy(draw.normal(size=shape)) for shape in shapes)
    return images, reconstructions, mean, log_variance


def squared_errors(images: Tensor, reconstructions: Tensor) -> list[float]:
    pairs = zip(images.tolist(), reconstructions.tolist(), strict=True)
    return [float(((np.array(one) - np.array(other)) ** 2).sum()) for one, other in pairs]


def divergences(mean: Tensor, log_variance: Tensor) -> list[float]:
    """KL(N(m, s^2) || N(0, 1)) = (m^2 + s^2 - 1 - log s^2) / 2, latent by latent."""
    rows = zip(mean.tolist(), log_variance.tolist(), strict=True)
    return [sum((m**2 + math.exp(v) - 1 - v) / 2 for m, v in zip(*row, strict=True)) for row in rows]


def cross_entropy(log_odds: Tensor, target: int) -> float:
    likelihoods = [1 / (1 + math.exp(-odds)) for odds in log_odds.tolist()]
    return -sum(math.log(p if target else 1 - p) for p in likelihoods) / len(likelihoods)


def test_the_divergence_is_that_of_the_normal_distributions(made: Made) -> None:
    *_, mean, log_variance = made
    assert divergence(mean, log_variance).tolist() == pytest.approx(divergences(mean, log_variance))
    normal = torch.distributions.Normal(mean, log_variance.exp().sqrt())
    exact = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0)).sum(dim=1)
    assert torch.allclose(divergence(mean, log_variance), exact)


def test_the_autoencoder_sums_over_pixels_and_latents_and_averages_over_images(made: Made) -> None:
    images, reconstructions, mean, log_variance = made
    expected = (sum(squared_errors(images, reconstructions)) + sum(divergences(mean, log_variance))) / len(images)
    assert autoencoder_loss(*made).item() == pytest.approx(expected)


def test_the_released_loss_averages_over_all_pixels_and_sums_over_batch_and_latents(made: Made) -> None:
    images, reconstructions, mean, log_variance = made
    expected = sum(squared_errors(images, reconstructions)) / images.numel() + sum(divergences(mean, log_variance))
    assert released_autoencoder_loss(*made).item() == pytest.approx(expected)


def test_the_autoencoder_wants_both_sides_taken_for_labelled_and_the_discriminator_for_what_they_are() -> None:
    draw = np.random.default_rng(0)
    labelled, unlabelled = (torch.from_numpy(draw.normal(size=n)) for n in (6, 9))
    fooling = cross_entropy(labelled, 1) + cross_entropy(unlabelled, 1)
    telling = cross_entropy(labelled, 1) + cross_entropy(unlabelled, 0)
    assert fooling_loss(labelled, unlabelled).item() == pytest.approx(fooling)
    assert discriminator_loss(labelled, unlabelled).item() == pytest.approx(telling)
