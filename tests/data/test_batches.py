from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from swither.data.batches import batch_positions, batches
from swither.data.image_set import ImageSet
from swither.errors import InputError


def image_set(count: int, pixels: np.ndarray | None = None) -> ImageSet:
    """Images whose first pixel, id and label all tell their position; stored in another order."""
    rows = np.random.default_rng(count).permutation(count)
    if pixels is None:
        pixels = np.zeros((count, 2, 3, 1), dtype=np.uint8)
    pixels[rows, 0, 0, 0] = np.arange(count)
    ids = np.array([f"{k:06d}" for k in range(count)], dtype=np.str_)
    return ImageSet(pixels, rows, ids, np.arange(count) * 10, ("one",), ids)


@given(
    count=st.integers(0, 40),
    batch_size=st.integers(1, 45),
    seed=st.none() | st.integers(0, 1000),
    join_lone=st.booleans(),
)
def test_every_image_comes_once_with_its_own_id_and_label(
    count: int, batch_size: int, seed: int | None, join_lone: bool
) -> None:
    images = image_set(count)
    generator = None if seed is None else torch.Generator().manual_seed(seed)
    seen: list[int] = []
    sizes = []
    for ids, pixels, labels in batches(images, batch_size, generator=generator, join_lone=join_lone):
        assert pixels.dtype == np.uint8
        assert pixels.shape == (len(ids), 2, 3, 1)
        assert pixels[:, 0, 0, 0].tolist() == [int(i) for i in ids] == (labels // 10).tolist()
        seen += [int(i) for i in ids]
        sizes.append(len(ids))
    assert sorted(seen) == list(range(count))
    if seed is None:
        assert seen == list(range(count))
    lone_joins = join_lone and count > batch_size > 1 and count % batch_size == 1
    joined = 1 if lone_joins else 0
    assert all(size == batch_size for size in sizes[:-1])
    assert len(sizes) == -(-count // batch_size) - joined
    assert not sizes or sizes[-1] == (batch_size + 1 if lone_joins else (count - 1) % batch_size + 1)


@pytest.mark.parametrize("count", [2, 9, 17, 25])
def test_no_batch_of_one_reaches_batch_normalisation(count: int) -> None:
    assert all(len(b) > 1 for b in batch_positions(count, 8, join_lone=True))


def test_batches_of_one_that_are_wanted_stay() -> None:
    assert [b.tolist() for b in batch_positions(1, 8, join_lone=True)] == [[0]]
    assert [len(b) for b in batch_positions(3, 1, join_lone=True)] == [1, 1, 1]


def test_the_order_comes_from_the_generator_alone() -> None:
    def order(generator: torch.Generator) -> list[int]:
        return np.concatenate(batch_positions(50, 8, generator=generator)).tolist()

    before = torch.get_rng_state()
    generator = torch.Generator().manual_seed(4)
    first, second = order(generator), order(generator)
    assert first != second
    assert first == order(torch.Generator().manual_seed(4))
    assert torch.equal(torch.get_rng_state(), before)


def test_memory_mapped_pixels_come_as_copies_of_a_batch(tmp_path: Path) -> None:
    np.save(tmp_path / "pixels.npy", np.zeros((20, 2, 3, 1), dtype=np.uint8))
    image_set(20, np.load(tmp_path / "pixels.npy", mmap_mode="r+")).pixels.flush()
    stored = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    images = image_set(20)
    images = ImageSet(stored, images.rows, images.ids, images.labels, images.class_names, images.paths)
    for ids, pixels, _ in batches(images, 6):
        assert type(pixels) is np.ndarray
        assert pixels.flags.writeable
        assert pixels[:, 0, 0, 0].tolist() == [int(i) for i in ids]
        pixels[:] = 255
    assert stored.max() < 20


@pytest.mark.parametrize("batch_size", [0, -3])
def test_a_batch_size_below_one_is_refused(batch_size: int) -> None:
    with pytest.raises(InputError, match="at least 1"):
        next(batches(image_set(3), batch_size))


@pytest.mark.parametrize("count", [0, 1, 2, 128, 129, 140, 257, 260, 384])
def test_even_batches_are_as_many_of_one_size_in_the_same_order(count: int) -> None:
    def drawn(*, even: bool) -> list[np.ndarray]:
        return batch_positions(count, 128, generator=torch.Generator().manual_seed(1), join_lone=True, even=even)

    plain, even = drawn(even=False), drawn(even=True)
    assert len(plain) == len(even)
    assert max(map(len, even), default=0) - min(map(len, even), default=0) <= 1
    assert np.array_equal(np.concatenate([[], *plain]), np.concatenate([[], *even]))
