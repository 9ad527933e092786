from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from swither.arrays import AnyArray, ByteArray
from swither.data import augmentation
from swither.data.augmentation import Normalisation, augment, random_crop, random_flip, to_tensor
from swither.data.image_set import ImageSet
from swither.errors import InputError


def random_images(seed: int, shape: tuple[int, int, int, int]) -> ByteArray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def random_normalisation(seed: int, channels: int) -> Normalisation:
    rng = np.random.default_rng(seed)
    return Normalisation(tuple(rng.uniform(0, 1, channels)), tuple(rng.uniform(0.05, 1, channels)))


def image_set(pixels: ByteArray, rows: AnyArray | None = None) -> ImageSet:
    rows = np.arange(len(pixels)) if rows is None else rows
    ids = np.array([f"{k:06d}" for k in range(len(rows))], dtype=np.str_)
    return ImageSet(pixels, rows, ids, np.zeros(len(rows), dtype=np.int64), ("one",), ids)


def slow_augment(
    images: ByteArray, normalisation: Normalisation, generator: torch.Generator, padding: int, flip: bool
) -> AnyArray:
    """One image after the other, one pixel after the other, with the same draws."""
    count, height, width, channels = images.shape
    tops = lefts = [padding] * count
    if padding:
        tops = torch.randint(2 * padding + 1, (count,), generator=generator).tolist()
        lefts = torch.randint(2 * padding + 1, (count,), generator=generator).tolist()
    mirrored = torch.randint(2, (count,), generator=generator).tolist() if flip else [0] * count
    result = np.zeros((count, channels, height, width))
    for k, y, x in np.ndindex(count, height, width):
        row = y + tops[k] - padding
        column = (width - 1 - x if mirrored[k] else x) + lefts[k] - padding
        inside = 0 <= row < height and 0 <= column < width
        for c in range(channels):
            value = images[k, row, column, c] / 255 if inside else 0.0
            result[k, c, y, x] = (value - normalisation.mean[c]) / normalisation.deviation[c]
    return result


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    shape=st.tuples(st.integers(0, 6), st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3])),
    padding=st.integers(0, 5),
    flip=st.booleans(),
)
def test_whole_batches_are_augmented_as_image_by_image(
    seed: int, shape: tuple[int, int, int, int], padding: int, flip: bool
) -> None:
    images, normalisation = random_images(seed, shape), random_normalisation(seed, shape[3])
    result = augment(images, normalisation, torch.Generator().manual_seed(seed), padding, flip)
    expected = slow_augment(images, normalisation, torch.Generator().manual_seed(seed), padding, flip)
    assert result.dtype == torch.float32
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_result_is_channels_last_without_a_copy_by_the_network(channels: int, flip: bool) -> None:
    images = random_images(0, (4, 8, 6, channels))
    normalisation = random_normalisation(0, channels)
    for result in (
        to_tensor(images, normalisation),
        augment(images, normalisation, torch.Generator(), 2, flip),
    ):
        assert result.shape == (4, channels, 8, 6)
        assert result.is_contiguous(memory_format=torch.channels_last)
        assert result.contiguous(memory_format=torch.channels_last).data_ptr() == result.data_ptr()


def test_tensors_and_arrays_give_the_same() -> None:
    images, normalisation = random_images(1, (5, 7, 7, 3)), random_normalisation(1, 3)
    tensor = torch.from_numpy(images)
    assert torch.equal(to_tensor(tensor, normalisation), to_tensor(images, normalisation))
    strided = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).permute(0, 2, 3, 1)
    assert torch.equal(to_tensor(strided, normalisation), to_tensor(images, normalisation))
    drawn = [augment(i, normalisation, torch.Generator().manual_seed(3), 2, True) for i in (tensor, images, strided)]
    assert torch.equal(drawn[0], drawn[1])
    assert torch.equal(drawn[0], drawn[2])


def test_read_only_and_reversed_pixels_are_taken_without_a_warning() -> None:
    images, normalisation = random_images(2, (4, 5, 5, 3)), random_normalisation(2, 3)
    frozen = images.copy()
    frozen.flags.writeable = False
    assert torch.equal(to_tensor(frozen, normalisation), to_tensor(images, normalisation))
    assert torch.equal(to_tensor(images[::-1], normalisation), to_tensor(images, normalisation).flip(0))


def test_the_images_given_are_not_changed() -> None:
    images = random_images(3, (6, 8, 8, 3))
    kept = images.copy()
    augment(images, random_normalisation(3, 3), torch.Generator(), 2, True).fill_(0)
    to_tensor(images, random_normalisation(3, 3)).fill_(0)
    np.testing.assert_array_equal(images, kept)


def test_drawing_leaves_the_global_generator_untouched() -> None:
    before = torch.get_rng_state()
    augment(random_images(4, (6, 8, 8, 3)), random_normalisation(4, 3), torch.Generator(), 2, True)
    assert torch.equal(torch.get_rng_state(), before)


def test_every_window_and_both_sides_are_drawn_equally_often() -> None:
    count, padding = 20_000, 2
    marked = torch.zeros(count, 5, 5, 1, dtype=torch.uint8)
    marked[:, 2, 2] = 255  # stays inside every window
    crops = random_crop(marked, torch.Generator().manual_seed(0), padding)
    seen = crops[..., 0].bool().sum(0)  # (5, 5) how often the mark came to lie where
    expected = count / 25
    assert seen.sum() == count
    chi_square = float(((seen - expected) ** 2 / expected).sum())
    assert chi_square < 51.2  # the 0.999 quantile at 24 degrees of freedom
    sides = torch.zeros(count, 1, 2, 1, dtype=torch.uint8)
    sides[:, 0, 0] = 1
    mirrored = int(random_flip(sides, torch.Generator().manual_seed(0))[:, 0, 1, 0].sum())
    assert abs(mirrored - count / 2) < 3.3 * (count / 4) ** 0.5


def test_the_border_is_black_before_normalisation() -> None:
    normalisation = Normalisation(mean=(0.5,), deviation=(0.25,))
    white = np.full((200, 4, 4, 1), 255, dtype=np.uint8)
    values = augment(white, normalisation, torch.Generator().manual_seed(0), 2, False).unique().tolist()
    assert values == [-2.0, 2.0]


@pytest.mark.parametrize(
    "images", [np.zeros((4, 4, 3), np.uint8), np.zeros((1, 4, 4, 3), np.float32), torch.zeros(1, 4, 4, 3)]
)
def test_other_than_four_axes_of_bytes_is_refused(images: AnyArray) -> None:
    with pytest.raises(InputError, match="Expected images of shape"):
        to_tensor(images, random_normalisation(0, 3))


def test_other_channels_than_the_normalisation_has_are_refused() -> None:
    with pytest.raises(InputError, match="3 channels, as the normalisation has, got 1"):
        to_tensor(np.zeros((1, 4, 4, 1), np.uint8), random_normalisation(0, 3))


def test_a_negative_padding_is_refused() -> None:
    with pytest.raises(InputError, match="got -1"):
        augment(random_images(0, (1, 4, 4, 3)), random_normalisation(0, 3), torch.Generator(), -1, False)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("block", [1, 700, 1 << 24])
def test_mean_and_deviation_are_those_of_all_pixels(monkeypatch: pytest.MonkeyPatch, channels: int, block: int) -> None:
    monkeypatch.setattr(augmentation, "_BLOCK", block)
    stored = random_images(6, (50, 5, 7, channels)) // 3 + 60
    rows = np.random.default_rng(0).permutation(50)[:37]
    normalisation = Normalisation.of(image_set(stored, rows))
    values = stored[rows].astype(np.float64) / 255
    np.testing.assert_allclose(normalisation.mean, values.mean(axis=(0, 1, 2)), rtol=1e-13)
    np.testing.assert_allclose(normalisation.deviation, values.std(axis=(0, 1, 2)), rtol=1e-12)
    assert normalisation == Normalisation.of(image_set(stored, np.sort(rows)))


def test_white_pixels_do_not_overflow_and_a_constant_channel_becomes_zero() -> None:
    pixels = random_images(7, (90, 16, 16, 3))
    pixels[..., 1] = 255
    normalisation = Normalisation.of(image_set(pixels))
    assert normalisation.mean[1] == 1.0
    assert normalisation.deviation[1] == 1.0
    result = to_tensor(pixels, normalisation)
    assert result[:, 1].abs().max() <= 1e-6
    assert torch.isfinite(result).all()


def test_normalised_pixels_have_mean_zero_and_deviation_one() -> None:
    pixels = random_images(8, (40, 12, 12, 3))
    result = to_tensor(pixels, Normalisation.of(image_set(pixels))).double()
    assert result.mean((0, 2, 3)).abs().max() < 1e-6
    assert (result.std((0, 2, 3), correction=0) - 1).abs().max() < 1e-6


def test_no_images_have_no_mean() -> None:
    with pytest.raises(InputError, match="got none"):
        Normalisation.of(image_set(random_images(0, (3, 4, 4, 3)), np.array([], dtype=np.int64)))


@pytest.mark.parametrize(("mean", "deviation"), [((0.5,), (0.2, 0.2)), ((0.5,), (0.0,)), ((0.5,), (float("nan"),))])
def test_a_normalisation_that_cannot_divide_is_refused(mean: tuple[float, ...], deviation: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="deviation above 0"):
        Normalisation(mean, deviation)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_gives_what_the_cpu_gives_from_the_same_cpu_generator() -> None:
    images, normalisation = random_images(9, (16, 32, 32, 3)), random_normalisation(9, 3)
    here = augment(images, normalisation, torch.Generator().manual_seed(1), 4, True)
    there = augment(torch.from_numpy(images).cuda(), normalisation, torch.Generator().manual_seed(1), 4, True)
    assert there.is_cuda
    torch.testing.assert_close(there.cpu(), here, rtol=1e-6, atol=1e-6)
    on_device = torch.Generator("cuda").manual_seed(1)
    assert augment(torch.from_numpy(images).cuda(), normalisation, on_device, 4, True).is_cuda
