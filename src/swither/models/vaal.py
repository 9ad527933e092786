"""VAAL's networks: an autoencoder of small images, and a discriminator that guesses who is labelled from its codes."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from swither.errors import InputError
from swither.models.seeded import seeded

LATENTS = 32
"""Numbers in an image's code."""

HIDDEN = 512
"""Neurons in each hidden layer of the discriminator."""

MOST_STAGES = 4
"""Halvings of the resolution at most, those of the authors' encoder."""


@dataclass(frozen=True)
class Plan:
    """The sizes of the autoencoder's maps for one size of images.

    Attributes:
        widths: channels after each convolution of the encoder; the decoder has them in reverse.
        code_map: height and width of the encoder's last map.
        first_map: height and width of the decoder's first map.
    """

    widths: tuple[int, ...]
    code_map: tuple[int, int]
    first_map: tuple[int, int]


def plan_of(image_shape: tuple[int, int, int], width: int) -> Plan:
    """The autoencoder's maps for images of any size from 4 pixels.

    Each convolution of the encoder halves the resolution, rounded down, and doubles the channels. There are as many as
    leave a map of at least 2 x 2, and never more than four. The decoder has one doubling fewer than the encoder has
    halvings, as the authors' has: it begins with a map large enough to reach the image, and what is over is cut off.
    At 32 x 32 this is the published architecture.

    Args:
        image_shape: height, width and channels.
        width: channels of the first convolution.

    Raises:
        InputError: the images are under 4 pixels, or `width` is under 1.

    Example:
        >>> plan_of((32, 32, 3), 128)
        Plan(widths=(128, 256, 512, 1024), code_map=(2, 2), first_map=(4, 4))
        >>> plan_of((28, 28, 1), 16)
        Plan(widths=(16, 32, 64), code_map=(3, 3), first_map=(7, 7))
    """
    height, breadth, _ = image_shape
    if min(height, breadth) < 4:
        raise InputError(f"VAAL needs images of at least 4 pixels a side, got {height} x {breadth}.")
    if width < 1:
        raise InputError(f"Expected a width of at least 1 channel for VAAL, got {width}.")
    stages = max(n for n in range(1, MOST_STAGES + 1) if min(height, breadth) >> n >= 2)
    grown = 2 ** (stages - 1)
    return Plan(
        widths=tuple(width * 2**stage for stage in range(stages)),
        code_map=(height >> stages, breadth >> stages),
        first_map=(-(-height // grown), -(-breadth // grown)),
    )


class Autoencoder(nn.Module):
    """A variational autoencoder of 4x4 convolutions at stride 2.

    Args:
        image_shape: height, width and channels of the images.
        width: channels of the first convolution; the authors' 128.

    Example:
        >>> network = Autoencoder((32, 32, 3), width=16)
        >>> images, noise = torch.zeros(2, 3, 32, 32), torch.zeros(2, LATENTS)
        >>> [tuple(answer.shape) for answer in network(images, noise)]
        [(2, 3, 32, 32), (2, 32), (2, 32)]
    """

    def __init__(self, image_shape: tuple[int, int, int], width: int) -> None:
        super().__init__()
        plan = plan_of(image_shape, width)
        self.image_size, self.first_map = image_shape[:2], plan.first_map
        channels = image_shape[2]
        halvings: list[nn.Module] = []
        for entering, leaving in zip((channels, *plan.widths), plan.widths, strict=False):
            halvings += [
                nn.Conv2d(entering, leaving, 4, 2, 1, bias=False),
                nn.BatchNorm2d(leaving),
                nn.ReLU(inplace=True),
            ]
        self.encoder = nn.Sequential(*halvings, nn.Flatten())
        features = plan.widths[-1] * plan.code_map[0] * plan.code_map[1]
        self.mean, self.log_variance = nn.Linear(features, LATENTS), nn.Linear(features, LATENTS)
        self.spread = nn.Linear(LATENTS, plan.widths[-1] * plan.first_map[0] * plan.first_map[1])
        doublings: list[nn.Module] = []
        for entering, leaving in zip(plan.widths[:0:-1], plan.widths[-2::-1], strict=True):
            convolution = nn.ConvTranspose2d(entering, leaving, 4, 2, 1, bias=False)
            doublings += [convolution, nn.BatchNorm2d(leaving), nn.ReLU(inplace=True)]
        self.decoder = nn.Sequential(*doublings, nn.ConvTranspose2d(plan.widths[0], channels, 1))

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance of each image's code, (batch, LATENTS) each."""
        features = self.encoder(images)
        return self.mean(features), self.log_variance(features)

    def decode(self, codes: Tensor) -> Tensor:
        """Images (batch, channels, height, width) of codes (batch, LATENTS)."""
        maps = self.spread(codes).unflatten(1, (-1, *self.first_map))
        height, breadth = self.image_size
        decoded: Tensor = self.decoder(maps)
        return decoded[:, :, :height, :breadth]

    def forward(self, images: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstructions from codes drawn with standard normal `noise` (batch, LATENTS); then mean, log variance."""
        mean, log_variance = self.encode(images)
        return self.decode(mean + noise * torch.exp(0.5 * log_variance)), mean, log_variance


class Discriminator(nn.Module):
    """Guesses from the mean of an image's code whether the image is labelled: 32-512-512-1.

    Example:
        >>> tuple(Discriminator()(torch.zeros(5, LATENTS)).shape)
        (5,)
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(LATENTS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1)
        )

    def forward(self, means: Tensor) -> Tensor:
        """Log-odds (batch,) that images with codes of mean `means` (batch, LATENTS) are labelled."""
        odds: Tensor = self.layers(means)
        return odds.squeeze(1)


def build_vaal(image_shape: tuple[int, int, int], width: int, seed: int) -> tuple[Autoencoder, Discriminator]:
    """VAAL's networks with initial weights drawn from `seed`; torch's global state stays as it was.

    The encoder's convolutions and the discriminator's hidden layers start from He's normal distribution over incoming
    connections with biases at 0, all others as PyTorch starts them.

    Args:
        image_shape: height, width and channels of the images; at least 4 pixels a side, any channels.
        width: channels of the first convolution; the authors' 128.
        seed: in [0, 2**63); the same seed gives the same weights.

    Returns:
        Autoencoder and discriminator in training mode, on the CPU.

    Raises:
        InputError: the images are under 4 pixels, or `width` is under 1.

    References:
        S. Sinha, S. Ebrahimi, T. Darrell: Variational Adversarial Active Learning. ICCV 2019.

    Example:
        >>> autoencoder, discriminator = build_vaal((32, 32, 3), width=128, seed=0)
        >>> [sum(weight.numel() for weight in network.parameters()) for network in (autoencoder, discriminator)]
        [22835139, 280065]
    """
    with seeded(seed):
        autoencoder, discriminator = Autoencoder(image_shape, width), Discriminator()
        for layer in (*autoencoder.encoder, *list(discriminator.layers)[:-1]):
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
    return autoencoder, discriminator
