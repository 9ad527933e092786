from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from swither.data.augmentation import Normalisation, augment
from swither.data.batches import batch_positions, batches
from swither.data.image_set import ImageSet
from swither.models import ModelSettings, build_model
from swither.training import Recipe, feeding, fit
from swither.training.feeding import CardFeed, HostFeed, feed_for
from swither.training.weights import tensors_digest

CPU = torch.device("cpu")
MakeImages = Callable[..., ImageSet]


@pytest.mark.parametrize("feed", [HostFeed, CardFeed])
@pytest.mark.parametrize(("padding", "flip"), [(0, False), (0, True), (2, False), (2, True)])
def test_a_feed_gives_what_drawing_batch_by_batch_gives(
    make_images: MakeImages, feed, padding: int, flip: bool
) -> None:
    images = make_images(41, channels=3)
    normalisation, seed = Normalisation.of(images), int(np.random.default_rng().integers(2**40))
    plain = torch.Generator().manual_seed(seed)
    expected = [
        (augment(pixels, normalisation, plain, padding, flip), labels)
        for _, pixels, labels in batches(images, 8, generator=plain, join_lone=True)
    ]
    drawn = torch.Generator().manual_seed(seed)
    parts = batch_positions(len(images), 8, generator=drawn, join_lone=True)
    fed = feed(images, normalisation, padding, flip, CPU)
    for batch, (pixels, labels) in zip(fed.epoch(parts, drawn), expected, strict=True):
        inputs, targets = fed.inputs(batch)
        assert torch.equal(inputs, pixels)
        assert targets.tolist() == labels.tolist()


def test_a_training_fed_from_the_card_equals_one_fed_from_the_host(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = make_images(50, channels=3).take(np.arange(10, 47))
    digests = []
    for on_card in (False, True):
        monkeypatch.setattr(feeding, "lies_on_device", lambda images, device, answer=on_card: answer)
        network = build_model(ModelSettings("tiny", width=4), images.image_shape, 3, seed=0)
        fit(network, images, Recipe(epochs=2, least_steps=1), seed=3)
        digests.append(tensors_digest(network.state_dict()))
    assert digests[0] == digests[1]


def test_a_cpu_is_fed_from_the_host(make_images: MakeImages) -> None:
    images = make_images(10)
    assert isinstance(feed_for(images, Normalisation.of(images), 1, True, CPU), HostFeed)
