"""A network small and strided enough to train at thousands of images a second on one CPU core."""

from __future__ import annotations

from torch import nn

from swither.models.resnet import convolution


def tiny_trunk(image_shape: tuple[int, int, int], width: int) -> tuple[nn.Module, int]:
    """Convolution, BatchNorm, ReLU; the resolution is halved early and down to 2 pixels.

    Args:
        image_shape: height, width and channels of the images.
        width: channels of the first layer; the layers have 1, 2, 4 and 6 times as many.

    Returns:
        The trunk, and how many channels its maps have.
    """
    height, breadth, entering = image_shape
    side = min(height, breadth)
    layers: list[nn.Module] = []
    for leaving in (width, 2 * width, 4 * width, 6 * width):
        stride = 2 if side > 2 else 1
        layers += [convolution(entering, leaving, stride), nn.BatchNorm2d(leaving), nn.ReLU(inplace=True)]
        entering, side = leaving, -(-side // stride)
    return nn.Sequential(*layers), entering
