from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from swither.data import draw_split, open_dataset, open_images, save_split
from swither.data.settings import DataSettings
from swither.errors import InputError


@pytest.fixture
def folder(tmp_path: Path, make: SimpleNamespace) -> Path:
    return make.folder(tmp_path / "photos", make.draw(30), ["cat", "dog", "owl"])


def test_everything_is_in_id_order_and_on_the_same_pixels(folder: Path) -> None:
    data = open_dataset(str(folder))
    for images in (data.train, data.test):
        assert images.ids.tolist() == sorted(images.ids.tolist())
        assert images.pixels is data.train.pixels
    assert not set(data.train.ids.tolist()) & set(data.test.ids.tolist())
    assert len(data.train) + len(data.test) == 30


def test_another_source_may_test(folder: Path, tmp_path: Path, make: SimpleNamespace) -> None:
    other = make.folder(tmp_path / "other", make.draw(6, (8, 8), seed=1), ["cat", "dog"])
    data = open_dataset(DataSettings(str(folder), test=str(other)))
    assert (len(data.train), len(data.test)) == (30, 6)
    assert data.split.how == f"test images of {other}"
    assert data.test.class_names == ("cat", "dog", "owl")


def test_test_images_of_another_size_bring_both_sides_to_one_size(
    folder: Path, tmp_path: Path, make: SimpleNamespace
) -> None:
    other = make.folder(tmp_path / "other", make.draw(6, (40, 50), seed=1), ["cat", "dog"])
    data = open_dataset(DataSettings(str(folder), test=str(other)))
    assert data.train.image_shape == data.test.image_shape == (64, 64, 3)


def test_named_test_images_replace_the_sources_own(tmp_path: Path, make: SimpleNamespace) -> None:
    for part, seed in (("train", 0), ("test", 1)):
        make.folder(tmp_path / "one" / part, make.draw(8, seed=seed), ["a", "b"])
        make.folder(tmp_path / "two" / part, make.draw(4, seed=seed + 2), ["a", "b"])
    data = open_dataset(DataSettings(str(tmp_path / "one"), test=str(tmp_path / "two")))
    assert (len(data.train), len(data.test)) == (8, 4)
    assert {str(path).split("/")[0] for path in data.test.paths} == {"test: test"}
    assert any("8 test images" in note for note in data.report.notes)


def test_a_saved_split_is_used_and_must_fit(folder: Path, tmp_path: Path, make: SimpleNamespace) -> None:
    drawn = draw_split(open_images(str(folder)), share=0.4)
    save_split(tmp_path / "split.json", drawn)
    data = open_dataset(DataSettings(str(folder), split=str(tmp_path / "split.json")))
    assert tuple(data.test.ids.tolist()) == drawn.test_ids
    (folder / "cat" / "new.png").write_bytes(make.png(make.draw(1, seed=7)[0]))
    with pytest.raises(InputError, match="does not fit"):
        open_dataset(DataSettings(str(folder), split=str(tmp_path / "split.json")))
    with pytest.raises(InputError, match="got both"):
        open_dataset(DataSettings(str(folder), split="x", test="y"))


def test_a_split_of_all_images_serves_when_some_have_no_label(
    folder: Path, tmp_path: Path, make: SimpleNamespace
) -> None:
    (folder / "loose.png").write_bytes(make.png(make.draw(1, seed=3)[0]))
    drawn = draw_split(open_images(str(folder)))
    save_split(tmp_path / "split.json", drawn)
    data = open_dataset(DataSettings(str(folder), split=str(tmp_path / "split.json")))
    assert tuple(data.test.ids.tolist()) == drawn.test_ids
    assert len(data.train) == len(drawn.train_ids) - 1


def test_copies_of_test_images_leave_training_and_conflicts_are_listed(tmp_path: Path, make: SimpleNamespace) -> None:
    pixels = make.draw(10)
    make.folder(tmp_path / "set" / "train", pixels, ["a", "b"])
    make.folder(tmp_path / "set" / "test", np.concatenate([pixels[1:3], make.draw(2, seed=1)]), ["a", "b"])
    make.folder(tmp_path / "set" / "train", pixels[5:6], ["a/copy"])
    data = open_dataset(str(tmp_path / "set"))
    assert (len(data.train), len(data.test)) == (9, 4)
    assert data.report.left_out == 2
    assert data.report.copies_across == 2
    assert len(data.report.copies) == 3
    assert len(data.report.conflicting_copies) == 3  # the two of the test part change class, and so does the third
    words = " ".join(data.report.sentences())
    assert "3 groups of exact copies; with images in both training and test: 2, with different labels: 3" in words


def test_a_copy_keeps_its_id_whether_or_not_test_images_come_along(tmp_path: Path, make: SimpleNamespace) -> None:
    pixels = make.draw(6)
    train = make.folder(tmp_path / "train", pixels, ["a", "b"])
    test = make.folder(tmp_path / "else", pixels[:2], ["a", "b"])
    alone = open_images(str(train))
    joined = open_images(DataSettings(str(train), test=str(test)))
    ids = dict(zip(joined.paths.tolist(), joined.ids.tolist(), strict=True))
    assert {path: ids[path] for path in alone.paths.tolist()} == dict(
        zip(alone.paths.tolist(), alone.ids.tolist(), strict=True)
    )


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "train", "shape", "classes"),
    [("mnist", 60_000, (28, 28, 1), 10), ("cifar10", 50_000, (32, 32, 3), 10), ("cifar100", 49_990, (32, 32, 3), 100)],
)
def test_real_data_open_with_their_copies_counted(
    real_data, tmp_path_factory: pytest.TempPathFactory, name: str, train: int, shape: tuple[int, ...], classes: int
) -> None:
    column = "fine_label" if name == "cifar100" else "label"
    cache = str(tmp_path_factory.mktemp(name))
    data = open_dataset(DataSettings(str(real_data(name)), label_column=column, cache=cache))
    assert (len(data.train), len(data.test)) == (train, 10_000)
    assert data.train.image_shape == shape
    assert data.train.classes == classes
    assert np.bincount(data.test.labels, minlength=classes).min() > 0
    if name == "cifar100":
        assert len(data.report.copies) == 26
        assert data.report.copies_across == 10
        assert len(data.report.conflicting_copies) == 17
    again = open_dataset(DataSettings(str(real_data(name)), label_column=column, cache=cache))
    assert again.report.decoded == 0
    assert again.train.fingerprint == data.train.fingerprint
