from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest
import torch

from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.training import images_on_device
from swither.training.clean_pass import chunks
from swither.training.images_on_device import lies_on_device, pixels_on_device, rows_on_device

CPU = torch.device("cpu")
MakeImages = Callable[..., ImageSet]


def test_a_cpu_keeps_pixels_where_they_are(make_images: MakeImages) -> None:
    assert not lies_on_device(make_images(10), CPU)


def test_gathered_pixels_are_those_of_the_positions(make_images: MakeImages) -> None:
    images = make_images(30, channels=3).take(np.array([7, 3, 29, 3]))
    pixels = pixels_on_device(images, CPU)
    positions = np.array([3, 0, 2])
    gathered = pixels.index_select(0, rows_on_device(images, positions, CPU))
    assert np.array_equal(gathered.numpy(), images.images(positions))


def test_all_parts_of_a_set_share_one_upload_in_many_pieces(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_on_device, "_UPLOAD_BYTES", 200)
    images = make_images(30)
    whole = pixels_on_device(images, CPU)
    assert pixels_on_device(images.take(np.arange(5)), CPU) is whole
    assert np.array_equal(whole.numpy(), images.pixels)


def test_a_card_without_its_number_is_the_current_one_and_shares_its_upload(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    images = make_images(10)
    key = images_on_device._key(images, torch.device("cuda"))
    assert key == images_on_device._key(images, torch.device("cuda", 1))
    assert key != images_on_device._key(images, torch.device("cuda", 0))
    assert images_on_device._key(images, CPU)[1] == CPU


def test_memory_is_given_back_with_the_images(make_images: MakeImages) -> None:
    images = make_images(30, seed=5)
    pixels_on_device(images, CPU)
    held = len(images_on_device._resident)
    del images
    gc.collect()
    images_on_device._forget_unused()
    assert len(images_on_device._resident) < held


@pytest.mark.parametrize("count", [1, 16, 17, 40])
def test_chunks_from_the_card_equal_chunks_from_the_host(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    images = make_images(50).take(np.random.default_rng().permutation(50)[:count])
    normalisation = Normalisation.of(images)
    host = list(chunks(images, normalisation, CPU, 16))
    module = import_module("swither.training.clean_pass")  # its name in the package is the function's
    monkeypatch.setattr(module, "lies_on_device", lambda images, device: True)
    card = list(chunks(images, normalisation, CPU, 16))
    assert [taken for taken, _ in card] == [taken for taken, _ in host]
    assert all(torch.equal(ours, theirs) for (_, ours), (_, theirs) in zip(card, host, strict=True))


def test_pixels_that_are_gone_do_not_speak_for_new_ones_of_the_same_number(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, card = make_images(30, seed=6), torch.device("cuda", 0)
    gone = np.zeros(1)
    left_behind = {images_on_device._key(images, card): (weakref.ref(gone), torch.zeros(1))}
    del gone
    monkeypatch.setattr(images_on_device, "_resident", left_behind)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (0, 0))  # a full card
    assert not lies_on_device(images, card)
