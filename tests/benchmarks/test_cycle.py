"""What the whole cycle is compared with: the same network, the same images, the same choice."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import torch
from PIL import Image

from swither.data import Normalisation, to_tensor
from swither.models import ModelSettings, build_model

Script = Callable[[str], ModuleType]


def test_peers_train_the_network_that_swither_trains(script: Script) -> None:
    ours = build_model(ModelSettings("tiny"), (32, 32, 3), classes=10, seed=0).eval()
    theirs = script("_tiny_network").TinyNetwork(ours.state_dict()).eval()
    images = torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(ours(images)[0], theirs(images), atol=1e-5)


def test_a_task_survives_the_way_to_another_process(script: Script) -> None:
    task = script("_cycle_task").Task
    pixels = np.arange(2 * 32 * 32 * 3, dtype=np.uint8).reshape(2, 32, 32, 3)
    one = task(pixels, np.array([1, 2]), pixels, (0.5,) * 3, (0.25,) * 3, {"head.1.bias": np.zeros(10)})
    other = task.of(one.arrays())
    assert other.mean == one.mean
    assert np.array_equal(other.pool, one.pool)
    assert list(other.weights) == ["head.1.bias"]


def test_libraries_fed_arrays_get_the_numbers_that_swither_gives_its_network(script: Script) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)
    normalisation = Normalisation((0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
    task = script("_cycle_task").Task(pixels, np.zeros(3), pixels, normalisation.mean, normalisation.deviation, {})
    assert np.allclose(task.floats(pixels), to_tensor(pixels, normalisation).numpy(), atol=1e-5)


def test_loaders_get_the_numbers_that_swither_gives_its_network(script: Script) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3), dtype=np.uint8)
    normalisation = Normalisation((0.4, 0.5, 0.6), (0.2, 0.25, 0.3))
    prepare = script("_transforms").transform(
        normalisation.mean, normalisation.deviation, 4, augmented=False, lean=True
    )
    assert torch.allclose(prepare(Image.fromarray(pixels[0])), to_tensor(pixels, normalisation)[0], atol=1e-5)


def test_the_plain_count_prefers_labels_that_agree_least(script: Script) -> None:
    history = [np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([0, 2, 0]), np.array([0, 3, 1])]
    assert script("_cycle_task").most_dispersed(history, 2).tolist() == [1, 2]
