"""Embeddings of the user's own find their images, or are a data set by themselves."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swither.data import open_dataset, own_embeddings
from swither.data.own_embeddings import _OF_IMAGES, read_embeddings
from swither.data.settings import DataSettings
from swither.errors import InputError

VALUES = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
LABELS = np.arange(30) % 3


def write(path: Path, **columns: object) -> Path:
    if path.suffix == ".npz":
        np.savez(path, **columns)  # type: ignore[arg-type]
    else:
        pq.write_table(pa.table({n: list(np.asarray(c).tolist()) for n, c in columns.items()}), path)
    return path


@pytest.mark.parametrize("name", ["own.npz", "own.parquet"])
def test_a_file_alone_is_a_data_set_whose_test_rows_are_drawn_by_content(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, embeddings=VALUES, labels=LABELS)
    data = read_embeddings(path, str(tmp_path / "cache")).dataset(DataSettings(str(path)))
    assert (len(data.train), len(data.test)) == (24, 6)
    assert not data.train.has_pixels
    known = {row.tobytes(): label for row, label in zip(VALUES, LABELS, strict=True)}
    for part in (data.train, data.test):
        given = part.inputs(slice(None))
        assert [known[row.tobytes()] for row in given] == [int(part.class_names[label]) for label in part.labels]
    assert data.report.sentences()[1:3] == [
        "30 images of 3 classes, without pixels.",
        "24 train and 6 test: 20% of each class drawn by a hash of the image content.",
    ]


@pytest.mark.parametrize("name", ["own.npz", "own.parquet"])
def test_embeddings_that_are_kept_already_are_read_and_checked_again(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, cache = write(tmp_path / name, embeddings=VALUES, labels=LABELS), str(tmp_path / "cache")
    asked: list[set[str]] = []
    read = own_embeddings._from_file
    monkeypatch.setattr(own_embeddings, "_from_file", lambda file, names: asked.append({*names}) or read(file, names))
    first, second = read_embeddings(path, cache), read_embeddings(path, cache)
    assert ["embeddings" in names for names in asked] == [True, False]
    assert np.array_equal(first.values, second.values)
    assert first.key == second.key
    assert second.columns["labels"].tolist() == LABELS.tolist()


@pytest.mark.parametrize("left", [0, 5, 60, 200])
def test_kept_embeddings_that_were_cut_off_are_made_again_and_never_mapped(tmp_path: Path, left: int) -> None:
    path, cache = write(tmp_path / "own.npz", embeddings=VALUES, labels=LABELS), tmp_path / "cache"
    first = np.array(read_embeddings(path, str(cache)).values)
    (kept,) = (cache / "embeddings").glob("*.npy")
    kept.write_bytes(kept.read_bytes()[:left])
    assert np.array_equal(read_embeddings(path, str(cache)).values, first)


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i4", ">f4"])
def test_embeddings_change_where_they_are_checked_and_kept_in_blocks(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_embeddings, "_BLOCK", 7)
    values = np.asfortranarray((10 * VALUES).astype(kind))
    kept = read_embeddings(write(tmp_path / "own.npz", embeddings=values), str(tmp_path / "cache")).values
    assert kept.dtype == (np.float16 if kind == "f2" else np.float32)
    assert np.array_equal(kept, values.astype(kept.dtype))
    if kind == "f4":
        values[[9, 25], 2] = np.nan
        with pytest.raises(InputError, match=r"2 of 30 rows.*the first is row 9"):
            read_embeddings(write(tmp_path / "bad.npz", embeddings=values), str(tmp_path / "cache"))


def test_both_formats_and_every_order_give_the_same_images(tmp_path: Path) -> None:
    turned = np.arange(30)[::-1]
    one = write(tmp_path / "a.npz", embeddings=VALUES, labels=LABELS)
    two = write(tmp_path / "b.parquet", embeddings=VALUES[turned], labels=LABELS[turned])
    cache = str(tmp_path / "cache")
    ours, theirs = (read_embeddings(p, cache).dataset(DataSettings(str(p))).train for p in (one, two))
    assert ours.ids.tolist() == theirs.ids.tolist()
    assert np.array_equal(ours.inputs(slice(None)), theirs.inputs(slice(None)))


def test_the_files_own_split_decides_which_rows_test(tmp_path: Path) -> None:
    split = np.where(np.arange(30) < 12, "test", "train")
    ids = np.array([f"i{n:02}" for n in range(30)][::-1])
    path = write(tmp_path / "own.npz", embeddings=VALUES, labels=LABELS, split=split, ids=ids)
    data = read_embeddings(path, str(tmp_path / "cache")).dataset(DataSettings(str(path)))
    assert data.test.ids.tolist() == sorted(ids[:12].tolist())


def test_training_and_testing_in_any_case_are_train_and_test(tmp_path: Path) -> None:
    split = np.array(["Test", "testing", " TEST"] * 2 + ["train", "Training", "TRAIN "] * 8)
    path = write(tmp_path / "own.npz", embeddings=VALUES, labels=LABELS, split=split)
    data = read_embeddings(path, str(tmp_path / "cache")).dataset(DataSettings(str(path)))
    assert (len(data.train), len(data.test)) == (24, 6)


@pytest.mark.parametrize("word", ["val", "validation", "tests", "", "1", "held out"])
def test_a_row_of_neither_part_never_trains(tmp_path: Path, word: str) -> None:
    split = np.array(["test"] * 6 + ["train"] * 20 + [word] * 4)
    path = write(tmp_path / "own.npz", embeddings=VALUES, labels=LABELS, split=split)
    with pytest.raises(InputError, match=f"but 4 of 30 rows say '{word}'"):
        read_embeddings(path, str(tmp_path / "cache")).dataset(DataSettings(str(path)))


@pytest.mark.parametrize("name", ["own.npz", "own.parquet"])
@pytest.mark.parametrize("how", ["patient", "folder", "(p[0-9]+)/"])
@pytest.mark.parametrize("given", [False, True])
def test_no_group_is_on_both_sides(tmp_path: Path, name: str, how: str, given: bool) -> None:
    patients = np.array([f"p{n // 3 % 5}" for n in range(30)])
    columns = {"patient": patients} if how == "patient" else {"paths": [f"{p}/{n}" for n, p in enumerate(patients)]}
    split = {"split": ["test" if n < 4 else "train" for n in range(30)]} if given else {}
    ids = [f"i{n:02}" for n in range(30)]
    path = write(tmp_path / name, embeddings=VALUES, labels=LABELS, ids=ids, **columns, **split)
    data = read_embeddings(path, str(tmp_path / "cache")).dataset(DataSettings(str(path), group_by=how))
    trains, tests = ({patients[int(i[1:])] for i in part.ids} for part in (data.train, data.test))
    assert trains
    assert tests
    assert not trains & tests
    assert not given or tests == {"p0", "p1"}


def test_a_column_to_group_by_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "own.npz", embeddings=VALUES, labels=LABELS)
    with pytest.raises(InputError, match="neither a column `patient` to group by nor `paths`"):
        read_embeddings(path, str(tmp_path / "cache")).dataset(DataSettings(str(path), group_by="patient"))


@pytest.mark.parametrize("name", ["test", "image_size", "image_column", "label_column", "skip_unreadable"])
def test_a_setting_that_is_of_images_is_refused_and_not_left_unread(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "own.npz", embeddings=VALUES, labels=LABELS)
    given = DataSettings(str(path), **{name: 32 if name == "image_size" else "x"})  # type: ignore[arg-type]
    with pytest.raises(InputError, match=f"so --{name.replace('_', '-')} cannot be followed"):
        read_embeddings(path, str(tmp_path / "cache")).dataset(given)


def test_every_setting_of_the_data_is_followed_or_refused() -> None:
    followed = {"source", "split", "group_by", "train_images", "cache"}
    assert {field.name for field in fields(DataSettings)} == followed | {*_OF_IMAGES}


@pytest.mark.parametrize("by", ["ids", "paths"])
def test_images_find_their_embeddings_by_id_or_path(tmp_path: Path, by: str) -> None:
    images = open_dataset(DataSettings("digits", cache=str(tmp_path / "cache"))).test
    names = images.ids if by == "ids" else images.paths
    values = np.random.default_rng(1).normal(size=(len(images), 3)).astype(np.float16)
    turned = np.random.default_rng(2).permutation(len(images))
    path = write(tmp_path / "own.npz", embeddings=values[turned], **{by: names[turned]})
    own = read_embeddings(path, str(tmp_path / "cache"))
    assert np.array_equal(own.joined(images).inputs(slice(None)), values)
    other = replace(images, ids=np.char.add(images.ids, "x"), paths=np.char.add(images.paths, "x"))
    with pytest.raises(InputError, match="has no embedding for 359 of 359 images"):
        own.joined(other)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"labels": LABELS}, "Expected an array or a column `embeddings`"),
        ({"embeddings": VALUES[0], "labels": LABELS}, "shape .rows, width."),
        ({"embeddings": VALUES * np.nan, "labels": LABELS}, "finite"),
        ({"embeddings": VALUES, "labels": LABELS[:5]}, "Expected 30 labels"),
        ({"embeddings": VALUES}, "has no labels"),
        ({"embeddings": VALUES, "labels": LABELS * 0}, "at least 2 classes"),
        ({"embeddings": VALUES, "labels": LABELS, "ids": np.array(["same"] * 30)}, "stand there twice"),
        ({"embeddings": VALUES, "labels": LABELS - 1}, "without a label"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, columns: dict[str, np.ndarray], message: str) -> None:
    path = write(tmp_path / "own.npz", **columns)
    with pytest.raises(InputError, match=message):
        read_embeddings(path, str(tmp_path / "cache")).dataset(DataSettings(str(path)))


def test_another_content_is_another_key(tmp_path: Path) -> None:
    one = write(tmp_path / "a.npz", embeddings=VALUES, labels=LABELS)
    two = write(tmp_path / "b.npz", embeddings=VALUES + 1, labels=LABELS)
    assert read_embeddings(one, str(tmp_path)).key != read_embeddings(two, str(tmp_path)).key


def test_a_missing_file_and_one_that_is_no_archive_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file of embeddings"):
        read_embeddings(tmp_path / "none.npz")
    (tmp_path / "bad.npz").write_bytes(b"no archive")
    with pytest.raises(InputError, match="cannot be read as"):
        read_embeddings(tmp_path / "bad.npz", str(tmp_path))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e39])
def test_rows_that_are_no_finite_numbers_are_counted_and_the_first_is_named(tmp_path: Path, value: float) -> None:
    broken = VALUES.astype(np.float64)
    broken[[7, 9], 2] = value
    with pytest.raises(InputError, match=r"2 of 30 rows hold NaN.*the first is row 7"):
        read_embeddings(write(tmp_path / "own.npz", embeddings=broken, labels=LABELS), str(tmp_path / "cache"))


@pytest.mark.parametrize("kept", [8, 200, 500])
def test_a_file_that_was_cut_off_is_refused_in_words(tmp_path: Path, kept: int) -> None:
    path = write(tmp_path / "own.npz", embeddings=VALUES, labels=LABELS)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"cannot be read as \.npz"):
        read_embeddings(path, str(tmp_path / "cache"))
