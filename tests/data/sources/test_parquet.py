from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swither.data import open_dataset, open_images, open_with_report
from swither.data.image_set import ImageSet
from swither.data.settings import DataSettings
from swither.data.sources import parquet
from swither.errors import InputError, UnknownName, UnreadableImages


@pytest.fixture
def cells(make: SimpleNamespace) -> list[bytes]:
    return [make.png(pixels) for pixels in make.draw(20)]


def names_of(images: ImageSet) -> list[str]:
    return [images.class_names[label] if label >= 0 else "" for label in images.labels]


def test_a_file_of_the_hub_is_opened_by_its_metadata(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    file = make.parquet(
        tmp_path / "x.parquet", cells, [n % 2 for n in range(20)], names=["cat", "dog"], image="img", label="kind"
    )
    images = open_images(str(file))
    assert len(images) == 20
    assert images.class_names == ("cat", "dog")
    wanted = {f"x.parquet#{n}": (("cat", "dog")[n % 2], pixels) for n, pixels in enumerate(make.draw(20))}
    for path, name, pixels in zip(images.paths, names_of(images), images.images(slice(None)), strict=True):
        assert name == wanted[str(path)][0]
        assert np.array_equal(pixels, wanted[str(path)][1])


def test_shuffled_rows_and_other_shards_change_nothing(tmp_path: Path, make: SimpleNamespace) -> None:
    pixels = np.concatenate([make.draw(30), make.draw(12)])  # some twice
    labels = np.random.default_rng(1).integers(0, 3, 42)
    cells = [make.png(image) for image in pixels]
    first = open_dataset(str(make.parquet(tmp_path / "one" / "x.parquet", cells, labels.tolist())))
    order = np.random.default_rng(2).permutation(42)
    for shard, rows in enumerate(np.array_split(order, 3)):
        make.parquet(tmp_path / "three" / f"s{2 - shard}.parquet", [cells[r] for r in rows], labels[rows].tolist())
    second = open_dataset(str(tmp_path / "three"))
    for one, three in ((first.train, second.train), (first.test, second.test)):
        assert three.ids.tolist() == one.ids.tolist() == sorted(one.ids.tolist())
        assert three.labels.tolist() == one.labels.tolist()
        assert np.array_equal(three.images(slice(None)), one.images(slice(None)))
        assert three.fingerprint == one.fingerprint
    assert second.split.test_ids == first.split.test_ids


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train-00000-of-00001.parquet", "test-00000-of-00001.parquet"),
        ("train/0.parquet", "test/0.parquet"),
        ("data/train-0.parquet", "data/validation-0.parquet"),
        ("plain_text/Train/a.parquet", "plain_text/Val/b.parquet"),
    ],
)
def test_parts_are_found_in_names(
    tmp_path: Path, make: SimpleNamespace, cells: list[bytes], train: str, test: str
) -> None:
    make.parquet(tmp_path / "set" / train, cells[:12], [0, 1] * 6)
    make.parquet(tmp_path / "set" / test, cells[12:], [0, 1] * 4)
    data = open_dataset(str(tmp_path / "set"))
    assert (len(data.train), len(data.test)) == (12, 8)
    assert {str(path).split("#")[0] for path in data.test.paths} == {test}


def test_one_shard_alone_is_a_set_of_its_own(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    file = make.parquet(tmp_path / "test-0.parquet", cells, [0, 1] * 10)
    assert open_dataset(str(file)).split.how.startswith("20% of each class")


def test_a_split_column_divides_row_by_row(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    file = make.parquet(tmp_path / "x.parquet", cells, [0, 1] * 10, split=["train"] * 14 + ["test"] * 6)
    data = open_dataset(str(file))
    assert (len(data.train), len(data.test)) == (14, 6)


def test_a_split_column_that_names_no_parts_is_not_used_and_told(
    tmp_path: Path, make: SimpleNamespace, cells: list[bytes]
) -> None:
    file = make.parquet(tmp_path / "x.parquet", cells, [0, 1] * 10, split=["fold 1", "fold 2"] * 10)
    assert any("'split' was not used" in note for note in open_dataset(str(file)).report.notes)


def test_labels_may_be_texts_or_missing(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    labels: list[Any] = ["b", "a"] * 9 + [None, "b"]
    file = make.parquet(tmp_path / "x.parquet", cells, labels, hub=False)
    data = open_dataset(str(file))
    assert data.train.class_names == ("a", "b")
    assert data.report.unlabelled == 1
    assert names_of(open_images(str(file))).count("") == 1
    coded = pq.read_table(file)
    coded = coded.set_column(1, "label", coded.column("label").dictionary_encode())
    pq.write_table(coded, tmp_path / "coded.parquet")
    assert sorted(names_of(open_images(str(tmp_path / "coded.parquet")))) == sorted(names_of(open_images(str(file))))


def test_a_file_without_labels_opens_for_labelling_only(
    tmp_path: Path, make: SimpleNamespace, cells: list[bytes]
) -> None:
    file = make.parquet(tmp_path / "x.parquet", cells, None)
    assert set(open_images(str(file)).labels.tolist()) == {-1}
    with pytest.raises(InputError, match="--label-column"):
        open_dataset(str(file))


def test_a_label_beyond_the_class_names_is_refused(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    file = make.parquet(tmp_path / "x.parquet", cells, [0, 2] * 10, names=["cat", "dog"])
    with pytest.raises(InputError, match=r"Label 2 in column 'label'.*out of range"):
        open_images(str(file))


def test_several_label_columns_ask_for_a_choice(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    file = make.parquet(tmp_path / "x.parquet", cells, [0, 1] * 10, hub=False, target=["p", "q"] * 10)
    with pytest.raises(InputError, match=r"2 columns that can be the label: label, target.*--label-column"):
        open_images(str(file))
    assert open_images(DataSettings(str(file), label_column="target")).class_names == ("p", "q")


def test_a_misspelt_column_gets_a_suggestion(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    file = make.parquet(tmp_path / "x.parquet", cells, [0, 1] * 10)
    with pytest.raises(UnknownName, match="Did you mean 'label'"):
        open_images(DataSettings(str(file), label_column="labell"))
    with pytest.raises(InputError, match="Expected encoded images"):
        open_images(DataSettings(str(file), image_column="label"))


def test_plain_bytes_and_files_beside_the_table_are_read(
    tmp_path: Path, make: SimpleNamespace, cells: list[bytes]
) -> None:
    plain = tmp_path / "plain.parquet"
    pq.write_table(pa.table({"picture": pa.array(cells, pa.large_binary()), "label": [0, 1] * 10}), plain)
    (tmp_path / "images").mkdir()
    for number, cell in enumerate(cells):
        (tmp_path / "images" / f"{number}.png").write_bytes(cell)
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    outside = pa.array([{"bytes": None, "path": f"images/{n}.png"} for n in range(20)], kind)
    pq.write_table(pa.table({"image": outside, "label": [0, 1] * 10}), tmp_path / "outside.parquet")
    one, other = open_images(str(plain)), open_images(str(tmp_path / "outside.parquet"))
    assert one.ids.tolist() == other.ids.tolist()
    assert one.labels.tolist() == other.labels.tolist()


def test_empty_cells_are_named_by_file_and_row(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    file = make.parquet(tmp_path / "x.parquet", [*cells[:18], None, b"no image"], [0, 1] * 10)
    with pytest.raises(UnreadableImages) as caught:
        open_images(str(file))
    assert [path for path, _ in caught.value.problems] == ["x.parquet#18", "x.parquet#19"]
    assert len(open_images(DataSettings(str(file), skip_unreadable=True))) == 18


def test_shards_of_different_data_are_refused(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    make.parquet(tmp_path / "set" / "a.parquet", cells, [0, 1] * 10)
    make.parquet(tmp_path / "set" / "b.parquet", cells, [0, 1] * 10, label="other")
    with pytest.raises(InputError, match=r"b\.parquet lacks the columns label"):
        open_images(str(tmp_path / "set"))


def test_a_file_that_is_no_parquet_or_has_no_rows_is_refused(tmp_path: Path, make: SimpleNamespace) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        open_images(str(tmp_path / "bad.parquet"))
    pq.write_table(pa.table({"image": pa.array([], pa.binary())}), tmp_path / "none.parquet")
    with pytest.raises(InputError, match="found none"):
        open_images(str(tmp_path / "none.parquet"))


def test_groups_come_from_a_column(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    groups = [f"patient {n // 2}" for n in range(20)]
    file = make.parquet(tmp_path / "x.parquet", cells, [0, 0, 1, 1] * 5, patient=groups)
    data = open_dataset(DataSettings(str(file), group_by="patient"))
    assert data.train.groups is not None
    assert data.test.groups is not None
    assert set(data.train.groups.tolist()).isdisjoint(data.test.groups.tolist())


def test_images_are_streamed_and_never_held_all_at_once(
    tmp_path: Path, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [make.png(pixels) for pixels in make.draw(200, (32, 32))]
    file = make.parquet(tmp_path / "x.parquet", cells, [0, 1] * 100, row_group=200)
    sizes: list[int] = []
    original = pq.ParquetFile.iter_batches

    def noting(self: pq.ParquetFile, *, batch_size: int, **options: Any) -> Any:
        sizes.append(batch_size)
        return original(self, batch_size=batch_size, **options)

    monkeypatch.setattr(parquet, "_BYTES_AT_ONCE", 20 * len(cells[0]))
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", noting)
    assert len(open_images(str(file))) == 200
    assert sizes
    assert max(sizes) <= 25


def test_a_new_shard_is_all_that_is_decoded(tmp_path: Path, make: SimpleNamespace, cells: list[bytes]) -> None:
    make.parquet(tmp_path / "set" / "a.parquet", cells[:12], [0, 1] * 6)
    assert open_with_report(str(tmp_path / "set"))[1].decoded == 12
    make.parquet(tmp_path / "set" / "b.parquet", cells[12:], [0, 1] * 4)
    images, report = open_with_report(str(tmp_path / "set"))
    assert (len(images), report.decoded) == (20, 8)
