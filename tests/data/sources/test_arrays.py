from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from swither.data import open_dataset, open_images, open_with_report
from swither.data.settings import DataSettings
from swither.data.sources.arrays import eight_bit
from swither.errors import InputError, UnknownName

LABELS = np.arange(30) % 3


def saved(path: Path, **arrays: Any) -> str:
    np.savez(path, **arrays)
    return str(path)


@pytest.mark.parametrize(("images", "labels"), [("images", "labels"), ("x", "y"), ("X", "y")])
def test_images_and_labels_are_found_by_name(tmp_path: Path, make: SimpleNamespace, images: str, labels: str) -> None:
    pixels = make.draw(30)
    found = open_images(saved(tmp_path / "a.npz", **{images: pixels, labels: LABELS}, class_names=["x", "y", "z"]))
    assert found.class_names == ("x", "y", "z")
    for path, label, image in zip(found.paths, found.labels, found.images(slice(None)), strict=True):
        row = int(str(path).split("#")[1])
        assert label == LABELS[row]
        assert np.array_equal(image, pixels[row])


def test_arrays_of_training_and_test_images_divide_the_data(tmp_path: Path, make: SimpleNamespace) -> None:
    source = saved(
        tmp_path / "a.npz",
        x_train=make.draw(30),
        y_train=LABELS,
        x_test=make.draw(6, seed=1),
        y_test=LABELS[:6],
    )
    data = open_dataset(source)
    assert (len(data.train), len(data.test)) == (30, 6)
    assert {str(path).split("#")[0] for path in data.test.paths} == {"x_test"}


def test_shuffled_arrays_give_the_same_data(tmp_path: Path, make: SimpleNamespace) -> None:
    pixels = np.concatenate([make.draw(20), make.draw(10)])
    order = np.random.default_rng(0).permutation(30)
    one = open_images(saved(tmp_path / "one.npz", x=pixels, y=LABELS))
    other = open_images(saved(tmp_path / "other.npz", x=pixels[order], y=LABELS[order]))
    assert other.ids.tolist() == one.ids.tolist()
    assert other.labels.tolist() == one.labels.tolist()
    assert np.array_equal(other.images(slice(None)), one.images(slice(None)))


def test_a_second_start_decodes_nothing(tmp_path: Path, make: SimpleNamespace) -> None:
    source = saved(tmp_path / "a.npz", x=make.draw(30), y=LABELS)
    assert open_with_report(source)[1].decoded == 30
    assert open_with_report(source)[1].decoded == 0


def test_every_layout_gives_channels_last(make: SimpleNamespace) -> None:
    pixels = make.draw(5, (6, 7))
    assert np.array_equal(eight_bit(pixels, "x"), pixels)
    assert np.array_equal(eight_bit(pixels.transpose(0, 3, 1, 2), "x"), pixels)
    assert np.array_equal(eight_bit(pixels[..., 0], "x"), pixels[..., :1])


def test_values_of_every_type_are_scaled_to_eight_bits(make: SimpleNamespace) -> None:
    pixels = make.draw(5)
    for same in (
        pixels.astype(np.int64),
        pixels / 255,
        (pixels / 255).astype(np.float32),
        pixels.astype(np.uint16) * 257,
    ):
        assert np.array_equal(eight_bit(same, "x"), pixels)
    assert np.array_equal(eight_bit(pixels > 127, "x"), np.where(pixels > 127, 255, 0))


def test_a_fourth_channel_lets_white_show_through(make: SimpleNamespace) -> None:
    pixels = make.draw(5, channels=4)
    opacity = pixels[..., 3:] / 255
    wanted = np.rint(pixels[..., :3] * opacity + 255 * (1 - opacity))
    assert np.abs(eight_bit(pixels, "x") - wanted).max() <= 1


@pytest.mark.parametrize(
    "wrong",
    [
        np.full((2, 4, 4), 300),
        np.full((2, 4, 4), -1),
        np.full((2, 4, 4), 1.5),
        np.full((2, 4, 4), np.nan),
        np.full((2, 4, 4), 200, np.uint16),
        np.zeros((2, 4, 4), np.complex64),
        np.zeros((2, 16)),
        np.zeros((2, 5, 5, 5)),
        np.zeros((2, 0, 5, 3)),
    ],
)
def test_pixels_that_cannot_be_understood_are_refused(wrong: np.ndarray) -> None:
    with pytest.raises(InputError, match="x of a file"):
        eight_bit(wrong, "x of a file")


def test_what_is_missing_or_does_not_fit_is_named(tmp_path: Path, make: SimpleNamespace) -> None:
    with pytest.raises(InputError, match=r"images or x .*found: pictures"):
        open_images(saved(tmp_path / "a.npz", pictures=make.draw(3)))
    with pytest.raises(InputError, match="one label for each of the 3 images"):
        open_images(saved(tmp_path / "b.npz", x=make.draw(3), y=np.arange(4)))
    with pytest.raises(UnknownName, match="Did you mean 'pictures'"):
        open_images(DataSettings(saved(tmp_path / "c.npz", pictures=make.draw(3)), image_column="picture"))
    assert len(open_images(DataSettings(str(tmp_path / "c.npz"), image_column="pictures"))) == 3
    with pytest.raises(InputError, match="empty"):
        open_images(saved(tmp_path / "d.npz", x=np.zeros((0, 4, 4), np.uint8)))
    (tmp_path / "e.npz").write_bytes(b"no archive")
    with pytest.raises(InputError, match=r"cannot be read as \.npz"):
        open_images(str(tmp_path / "e.npz"))


def test_pickled_objects_are_never_loaded(tmp_path: Path, make: SimpleNamespace) -> None:
    source = saved(tmp_path / "a.npz", x=make.draw(2), y=np.array(["a", None], dtype=object))
    with pytest.raises(InputError, match="cannot be read"):
        open_images(source)


def test_unlabelled_arrays_open_without_labels(tmp_path: Path, make: SimpleNamespace) -> None:
    assert set(open_images(saved(tmp_path / "a.npz", x=make.draw(3))).labels.tolist()) == {-1}


def test_groups_come_from_an_array(tmp_path: Path, make: SimpleNamespace) -> None:
    source = saved(tmp_path / "a.npz", x=make.draw(30), y=LABELS, video=np.arange(30) // 3)
    groups = open_images(DataSettings(source, group_by="video")).groups
    assert groups is not None
    assert len(set(groups.tolist())) == 10
