"""Residual networks for images of 8 to 64 pixels: no max-pool, and a 3x3 stem at full resolution.

References:
    K. He, X. Zhang, S. Ren, J. Sun: Deep Residual Learning for Image Recognition. CVPR 2016.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn


def resnet_trunk(channels: int, width: int, blocks: Sequence[int]) -> tuple[nn.Module, int]:
    """The stem and the stages of a residual network.

    Each stage after the first halves the resolution and doubles the channels: ``blocks=(2, 2, 2, 2)`` is
    ResNet-18, ``(1, 1, 1)`` ResNet-8 (the stem, six convolutions and the last layer).

    Args:
        channels: of the images, 1 or 3.
        width: channels of the first stage.
        blocks: residual blocks in each stage.

    Returns:
        The trunk, and how many channels its maps have.
    """
    layers: list[nn.Module] = [convolution(channels, width), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
    entering = width
    for stage, depth in enumerate(blocks):
        leaving = width * 2**stage
        for block in range(depth):
            layers.append(ResidualBlock(entering, leaving, stride=2 if stage > 0 and block == 0 else 1))
            entering = leaving
    return nn.Sequential(*layers), entering


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut; the shortcut is a 1x1 convolution where shapes change."""

    def __init__(self, entering: int, leaving: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(
            convolution(entering, leaving, stride), nn.BatchNorm2d(leaving), nn.ReLU(inplace=True)
        )
        self.second = nn.Sequential(convolution(leaving, leaving), nn.BatchNorm2d(leaving))
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or entering != leaving:
            self.shortcut = nn.Sequential(
                nn.Conv2d(entering, leaving, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(leaving)
            )
        self.activation = nn.ReLU(inplace=True)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (batch, entering, h, w) to (batch, leaving, h / stride, w / stride)."""
        return self.activation(self.second(self.first(maps)) + self.shortcut(maps))  # type: ignore[no-any-return]


def convolution(entering: int, leaving: int, stride: int = 1) -> nn.Conv2d:
    """A 3x3 convolution that keeps the resolution, or halves it at stride 2; BatchNorm brings the bias."""
    return nn.Conv2d(entering, leaving, kernel_size=3, stride=stride, padding=1, bias=False)
