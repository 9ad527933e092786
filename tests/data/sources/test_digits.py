from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from swither.data import open_dataset, open_images


def test_ink_from_0_to_16_is_scaled_to_255() -> None:
    digits = load_digits()
    images = open_images("digits")
    assert images.image_shape == (8, 8, 1)
    wanted = np.rint(digits.images * 255 / 16).astype(np.uint8)
    for path, label, pixels in zip(images.paths, images.labels, images.images(slice(None)), strict=True):
        row = int(str(path).removeprefix("digits#"))
        assert label == digits.target[row]
        assert np.array_equal(pixels[..., 0], wanted[row])
    assert (images.pixels.min(), images.pixels.max()) == (0, 255)


def test_a_fifth_of_each_class_tests() -> None:
    data = open_dataset("digits")
    assert len(data.train) + len(data.test) == 1797
    for label in range(10):
        tested, trained = (data.test.labels == label).sum(), (data.train.labels == label).sum()
        assert abs(tested / (tested + trained) - 0.2) < 0.01
