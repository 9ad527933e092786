from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from swither.data import open_images
from swither.data.settings import DataSettings
from swither.errors import InputError, UnknownName


def test_a_misspelt_name_gets_the_nearest() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'digits'") as caught:
        open_images("digit")
    assert caught.value.suggestion == "digits"


def test_a_misspelt_folder_gets_the_one_that_lies_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    with pytest.raises(UnknownName, match=r"^There is no file or folder 'photoss'.*Did you mean 'photos'"):
        open_images("photoss")
    with pytest.raises(UnknownName, match=r"Did you mean '.*photos'"):
        open_images(str(tmp_path / "photo"))


@pytest.mark.parametrize("source", ["./nowhere", "/no/such/folder", "photos.parquet", "~/nowhere-at-all", "a/b", ""])
def test_a_path_that_is_not_there_says_where_it_was_looked_for(source: str) -> None:
    with pytest.raises(InputError, match=r"There is no .*looked in"):
        open_images(source)


def test_a_bare_name_is_the_data_set_and_a_path_is_the_folder(
    tmp_path: Path, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make.folder(tmp_path / "digits", make.draw(4), ["a", "b"])
    make.folder(tmp_path / "mine", make.draw(4), ["a", "b"])
    told: list[str] = []
    assert len(open_images("digits", progress=lambda what, done, total: told.append(what))) == 1797
    assert any("write ./digits" in what for what in told)
    assert len(open_images("./digits")) == 4
    assert len(open_images("mine")) == 4


@pytest.mark.parametrize(
    ("name", "advice"),
    [("x.zip", "Unpack"), ("x.tar.gz", "Unpack"), ("x.npy", "savez"), ("x.jpg", "the folder that it lies in")],
)
def test_a_file_of_another_kind_gets_advice(tmp_path: Path, name: str, advice: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(InputError, match=advice):
        open_images(str(tmp_path / name))


def test_columns_of_a_named_data_set_are_refused() -> None:
    with pytest.raises(InputError, match="leave --group-by away"):
        open_images(DataSettings("digits", group_by="folder"))


def test_a_stray_table_below_images_does_not_make_them_parquet(tmp_path: Path, make: SimpleNamespace) -> None:
    source = make.folder(tmp_path / "photos", make.draw(4), ["a", "b"])
    (source / "b" / "more").mkdir()
    make.parquet(source / "b" / "more" / "features.parquet", [b"x"], [0])
    (source / "metadata.parquet").write_bytes(b"")
    assert open_images(str(source)).class_names == ("a", "b")
