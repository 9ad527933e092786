from __future__ import annotations

import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression

from swither.data import open_dataset
from swither.project.simple_features import SIDE, WIDTH, simple_features


def plain(level: int) -> np.ndarray:
    return np.full((1, SIDE, SIDE, 3), level, np.uint8)


def stripes(turned: bool, strength: int = 100) -> np.ndarray:
    values = (128 + strength * np.sin(np.arange(SIDE) / 3)).astype(np.uint8)
    grey = np.tile(values, (SIDE, 1))
    return np.repeat((grey.T if turned else grey)[None, :, :, None], 3, axis=3)


def edges(values: np.ndarray) -> np.ndarray:
    return values[:, : 8 * 8 * 9].reshape(-1, 8, 8, 9).astype(float)


def test_a_plain_image_has_colour_and_no_edges() -> None:
    for level in (0, 100, 255):
        values = simple_features(plain(level))
        assert values.shape == (1, WIDTH)
        assert np.isfinite(values).all()
        assert edges(values).max() == 0
        assert np.allclose(values[:, 576:], level / 255, atol=0.001)


def test_edges_vote_for_their_direction() -> None:
    across, down = (edges(simple_features(stripes(turned))).mean(axis=(0, 1, 2)) for turned in (False, True))
    assert across.argmax() == 0  # brightness changes from left to right
    assert down.argmax() in (4, 5)  # the right angle lies between two directions
    assert across[4] < across[0] / 10


def test_contrast_hardly_matters_to_edges() -> None:
    strong, weak = (edges(simple_features(stripes(False, strength))) for strength in (100, 50))
    assert np.abs(strong - weak).mean() < 0.05


def test_an_image_is_described_the_same_alone_and_among_others() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), dtype=np.uint8)
    assert np.array_equal(simple_features(images)[3:4], simple_features(images[3:4]))


def test_they_are_worth_labels_on_digits() -> None:
    images = open_dataset("digits").train
    pixels = np.asarray(images.images(slice(None)))
    large = np.stack([np.asarray(Image.fromarray(p[..., 0]).resize((SIDE, SIDE)).convert("RGB")) for p in pixels[:700]])
    values, labels = simple_features(large).astype(np.float32), images.labels[:700]
    model = LogisticRegression(max_iter=300).fit(values[:200], labels[:200])
    assert model.score(values[200:], labels[200:]) > 0.9
