"""Small sets of images that a tiny network learns in a second, on one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from swither.data.image_set import ImageSet
from swither.training import use_threads

MakeImages = Callable[..., ImageSet]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    with use_threads(1):
        yield


@pytest.fixture(scope="session")
def make_images() -> MakeImages:
    """Makes a set of `squares`."""
    return squares


def squares(count: int = 40, side: int = 8, channels: int = 1, classes: int = 3, seed: int = 0) -> ImageSet:
    """Images of a bright square whose place is the class, in noise; ids sort as positions do."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(classes, size=count)
    labels[:classes] = np.arange(classes)
    pixels = draw.integers(120, size=(count, side, side, channels), dtype=np.uint8)
    half = side // 2
    for image, label in zip(pixels, labels, strict=True):
        top, left = half * (label % 2), half * (label // 2 % 2)
        image[top : top + half, left : left + half] += np.uint8(110)
    ids = np.array([f"{seed:02}-{i:05}" for i in range(count)])
    names = tuple(f"class {number}" for number in range(classes))
    return ImageSet(pixels, np.arange(count), ids, labels.astype(np.int64), names, ids)
