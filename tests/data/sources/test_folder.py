from __future__ import annotations

import errno
import os
import unicodedata
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from swither.data import open_dataset, open_images, open_with_report
from swither.data.settings import DataSettings
from swither.errors import InputError, UnreadableImages


def labels_by_path(source: Path) -> dict[str, str]:
    images = open_images(str(source))
    return {
        str(path): images.class_names[label] if label >= 0 else ""
        for path, label in zip(images.paths, images.labels, strict=True)
    }


@pytest.fixture
def folder(tmp_path: Path, make: SimpleNamespace) -> Path:
    return make.folder(tmp_path / "photos", make.draw(20), ["dog", "cat"])


def test_a_sub_folder_is_a_class_with_all_that_lies_below(folder: Path, make: SimpleNamespace) -> None:
    deep = folder / "cat" / "more" / "still" / "x.PNG"
    deep.parent.mkdir(parents=True)
    deep.write_bytes(make.png(make.draw(1, seed=1)[0]))
    found = labels_by_path(folder)
    assert found["cat/more/still/x.PNG"] == "cat"
    assert found["dog/0000.png"] == "dog"
    assert len(found) == 21
    assert open_images(str(folder)).class_names == ("cat", "dog")


def test_a_flat_folder_has_no_labels(tmp_path: Path, make: SimpleNamespace) -> None:
    source = make.folder(tmp_path / "flat", make.draw(3), [""])
    assert set(labels_by_path(source).values()) == {""}
    with pytest.raises(InputError, match="one sub-folder a class"):
        open_dataset(str(source))


def test_images_beside_class_folders_have_no_label_and_are_counted(folder: Path, make: SimpleNamespace) -> None:
    (folder / "loose.png").write_bytes(make.png(make.draw(1, seed=1)[0]))
    data = open_dataset(str(folder))
    assert len(data.train) + len(data.test) == 20
    assert data.report.unlabelled == 1
    assert [line for line in data.report.sentences() if "label" in line] == [
        "1 image without a label, left out (loose.png)."
    ]
    assert labels_by_path(folder)["loose.png"] == ""


def test_train_and_test_folders_divide_the_data(tmp_path: Path, make: SimpleNamespace) -> None:
    make.folder(tmp_path / "set" / "train", make.draw(8), ["a", "b"])
    make.folder(tmp_path / "set" / "test", make.draw(4, seed=1), ["a", "b"])
    make.folder(tmp_path / "set" / "val", make.draw(2, seed=2), ["a", "b"])
    (tmp_path / "set" / "docs").mkdir()
    data = open_dataset(str(tmp_path / "set"))
    assert (len(data.train), len(data.test)) == (8, 4)
    assert {str(path).split("/")[0] for path in data.test.paths} == {"test"}
    assert any("2 validation images left out" in note for note in data.report.notes)
    assert data.report.ignored == {"file or folder beside the parts": 1}


def test_classes_called_test_without_train_are_classes(tmp_path: Path, make: SimpleNamespace) -> None:
    source = make.folder(tmp_path / "set", make.draw(8), ["test", "rest"])
    assert open_images(str(source)).class_names == ("rest", "test")


def test_files_of_other_kinds_are_counted_and_not_read(folder: Path, make: SimpleNamespace) -> None:
    for name in ("notes.txt", ".DS_Store", "Thumbs.db", "labels.csv", "README", ".hidden.png"):
        (folder / "cat" / name).write_bytes(b"no image")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.png").write_bytes(make.png(make.draw(1)[0]))
    images, report = open_with_report(str(folder))
    assert len(images) == 20
    assert report.ignored == {".csv": 1, ".txt": 1, "hidden or system file": 4, "no suffix": 1}
    assert any("4 of hidden or system file" in line for line in report.sentences())


def test_every_unreadable_file_is_named_after_all_were_tried(folder: Path) -> None:
    for number in range(12):
        (folder / "cat" / f"bad{number:02}.jpg").write_bytes(b"no image" if number else b"")
    with pytest.raises(UnreadableImages, match=r"12 images could not be read") as caught:
        open_images(str(folder))
    assert len(caught.value.problems) == 12
    assert ("cat/bad00.jpg", "empty (0 bytes)") in caught.value.problems
    assert "... and 2 more" in str(caught.value)


def test_unreadable_files_are_skipped_when_asked_and_listed_every_time(folder: Path, make: SimpleNamespace) -> None:
    bad = folder / "cat" / "bad.jpg"
    bad.write_bytes(b"no image")
    settings = DataSettings(str(folder), skip_unreadable=True)
    for decoded in (20, 0):
        images, report = open_with_report(settings)
        assert len(images) == 20
        assert [path for path, _ in report.skipped] == ["cat/bad.jpg"]
        assert report.decoded == decoded
        assert any("cat/bad.jpg" in line for line in report.sentences())
    with pytest.raises(UnreadableImages):
        open_images(str(folder))
    bad.write_bytes(make.png(make.draw(1, seed=9)[0]))
    images, report = open_with_report(settings)
    assert (len(images), report.decoded, report.skipped) == (21, 1, ())


def test_a_link_that_leads_nowhere_is_unreadable(folder: Path) -> None:
    (folder / "cat" / "gone.png").symlink_to(folder / "nowhere.png")
    with pytest.raises(UnreadableImages, match="No such file"):
        open_images(str(folder))


def test_a_file_without_permission_is_unreadable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def closed(path: Path) -> bytes:  # a superuser may read everything, so the refusal is acted
        if path.name == "0001.png":
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", closed)
    with pytest.raises(UnreadableImages, match=r"cat/0001\.png: Permission denied"):
        open_images(str(folder))


def test_links_to_folders_are_followed_once(folder: Path) -> None:
    (folder / "cat" / "again").symlink_to(folder / "cat")
    (folder / "cat" / "up").symlink_to(folder)
    assert len(open_images(str(folder))) == 20


def test_a_folder_without_images_says_what_it_met(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "a.txt").write_text("")
    with pytest.raises(InputError, match=r"No images in .*met 1 of \.txt.*one sub-folder a class"):
        open_images(str(tmp_path / "none"))


def test_an_empty_class_folder_stays_a_class_and_is_told(folder: Path) -> None:
    (folder / "bird").mkdir()
    data = open_dataset(str(folder))
    assert data.train.class_names == ("bird", "cat", "dog")
    assert data.report.empty_classes == ("bird",)
    assert any("bird" in line for line in data.report.sentences())


def test_one_class_only_is_refused_for_a_comparison(tmp_path: Path, make: SimpleNamespace) -> None:
    source = make.folder(tmp_path / "one", make.draw(4), ["only"])
    with pytest.raises(InputError, match="one class, 'only'"):
        open_dataset(str(source))
    assert len(open_images(str(source))) == 4


def test_renaming_folders_and_files_changes_no_pixels(tmp_path: Path, make: SimpleNamespace) -> None:
    pixels = np.concatenate([make.draw(10), make.draw(10)])  # every image twice
    first = open_images(str(make.folder(tmp_path / "x", pixels, ["a", "b", "c"])))
    order = np.random.default_rng(0).permutation(20)
    root = tmp_path / "y"
    for new, old in enumerate(order):
        path = root / "abc"[old % 3] / f"renamed{new:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make.png(pixels[old]))
    second = open_images(str(root))
    assert second.ids.tolist() == first.ids.tolist() == sorted(first.ids.tolist())
    assert second.labels.tolist() == first.labels.tolist()
    assert np.array_equal(second.images(slice(None)), first.images(slice(None)))


def test_names_beyond_ascii_and_beyond_unicode_are_carried(tmp_path: Path, make: SimpleNamespace) -> None:
    source = tmp_path / "Bilder mit Leerzeichen"
    decomposed = unicodedata.normalize("NFD", "Käfer")
    make.folder(source, make.draw(4), [decomposed, "鳥"])
    strange = os.fsencode(source / "鳥") + b"/\xff\xfe.png"
    with open(strange, "wb") as file:
        file.write(make.png(make.draw(1, seed=1)[0]))
    for _ in range(2):
        images = open_images(str(source))
        assert images.class_names == ("Käfer", "鳥")
        assert "鳥/\\xff\\xfe.png" in images.paths.tolist()


def test_groups_come_from_paths(tmp_path: Path, make: SimpleNamespace) -> None:
    source = make.folder(tmp_path / "groups", make.draw(40), ["a", "b"])
    data = open_dataset(DataSettings(str(source), group_by=r"00(\d)\d\.png"))
    assert data.train.groups is not None
    assert data.test.groups is not None
    assert not set(data.train.groups.tolist()) & set(data.test.groups.tolist())
    assert open_images(str(source)).groups is None


def test_columns_of_a_folder_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="leave --label-column away"):
        open_images(DataSettings(str(folder), label_column="label"))


def test_grouping_by_folders_that_are_the_classes_says_what_to_do_instead(folder: Path) -> None:
    with pytest.raises(InputError, match=r"every class folder is one.*pattern.*with its class folder.*below its class"):
        open_dataset(DataSettings(str(folder), group_by="folder"))
