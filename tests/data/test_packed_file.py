from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from swither.data.packed_file import PackedFile


@pytest.mark.parametrize("first_colour", [None, 0, 1, 700])
def test_images_come_back_and_grey_ones_are_widened_when_colour_comes(first_colour: int | None) -> None:
    random = np.random.default_rng(0)
    channels = [1] * 1000
    if first_colour is not None:
        channels[first_colour::50] = [3] * len(channels[first_colour::50])
    images = [random.integers(0, 256, (3, 5, count), dtype=np.uint8) for count in channels]
    packed = PackedFile(BytesIO, 3, 5)
    assert [packed.add(image) for image in images] == list(range(1000))
    file = packed.finish()
    file.seek(0)
    pixels = np.load(file, allow_pickle=False)
    assert pixels.shape == (1000, 3, 5, 1 if first_colour is None else 3)
    for image, stored in zip(images, pixels, strict=True):
        assert np.array_equal(np.broadcast_to(image, (3, 5, pixels.shape[-1])), stored)


def test_a_file_without_images_is_a_valid_array() -> None:
    file = PackedFile(BytesIO, 3, 5).finish()
    file.seek(0)
    assert np.load(file, allow_pickle=False).shape == (0, 3, 5, 1)
