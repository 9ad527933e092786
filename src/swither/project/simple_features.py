"""What stands in for a pretrained network where none is installed: edges and colours, counted cell by cell."""

from __future__ import annotations

import numpy as np

from swither.arrays import ByteArray, FloatArray

DESCRIPTION = "simple features: edges and colours"
VERSION = 1  # goes up with every change of the numbers

SIDE = 64
"""Pixels of the square that is described."""

_CELL, _DIRECTIONS, _COLOUR_CELL = 8, 9, 8
_CELLS = SIDE // _CELL
WIDTH = _CELLS * _CELLS * _DIRECTIONS + 3 * (SIDE // _COLOUR_CELL) ** 2


def simple_features(pixels: ByteArray) -> FloatArray:
    """Describe images by the directions of their edges and by their colours.

    In each of 8 x 8 cells, edges vote for one of nine directions, weighted by their strength, and every cell is
    measured against its neighbourhood, so that neither brightness nor contrast matters (histograms of oriented
    gradients, simplified); beside that, each cell's mean colour. It knows nothing of what things are: it tells a
    beach from a forest, and hardly a cat from a dog.

    Args:
        pixels: (images, 64, 64, 3) uint8.

    Returns:
        (images, 768) float16.

    References:
        N. Dalal, B. Triggs: Histograms of Oriented Gradients for Human Detection. CVPR 2005.

    Example:
        >>> simple_features(np.zeros((2, 64, 64, 3), np.uint8)).shape
        (2, 768)
    """
    images = pixels.astype(np.float32) / 255  # (images, 64, 64, 3)
    grey = np.sqrt(images @ np.array([0.299, 0.587, 0.114], np.float32))  # (images, 64, 64)
    down, across = np.gradient(grey, axis=(1, 2))
    strength = np.hypot(down, across)
    position = np.mod(np.arctan2(down, across), np.pi) / np.pi * _DIRECTIONS  # 0 to 9, where 9 is 0 again
    lower = np.floor(position)
    share = position - lower
    cells = np.zeros((len(pixels), _CELLS, _CELLS, _DIRECTIONS), np.float32)
    for direction in range(_DIRECTIONS):  # an edge between two directions votes for both
        here = strength * ((lower % _DIRECTIONS == direction) * (1 - share))
        here += strength * (((lower + 1) % _DIRECTIONS == direction) * share)
        cells[..., direction] = _cell_means(here, _CELL)
    padded = np.pad(np.square(cells).sum(axis=-1), ((0, 0), (1, 1), (1, 1)), mode="edge")
    around = sum(padded[:, y : y + _CELLS, x : x + _CELLS] for y in range(3) for x in range(3))
    edges = np.minimum(cells / np.sqrt(around + 1e-4)[..., None] * 3, 1.0)  # (images, 8, 8, 9)
    colours = np.stack([_cell_means(images[..., channel], _COLOUR_CELL) for channel in range(3)], axis=-1)
    parts = [part.reshape(len(pixels), -1) for part in (edges, colours)]
    return np.concatenate(parts, axis=1).astype(np.float16)


def _cell_means(values: FloatArray, cell: int) -> FloatArray:
    """Means over square cells: (images, height, width) to (images, height / cell, width / cell)."""
    images, height, width = values.shape
    means: FloatArray = values.reshape(images, height // cell, cell, width // cell, cell).mean(axis=(2, 4))
    return means
