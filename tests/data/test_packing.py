from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from swither.data import intake, open_images, open_with_report, packing, writing
from swither.data.cache import cache_folder
from swither.data.image_set import ImageSet
from swither.data.settings import DataSettings
from swither.errors import InputError, NotEnoughSpace
from swither.files import locked


def by_id(images: ImageSet) -> dict[str, tuple[str, bytes]]:
    return {
        str(i): (images.class_names[label], pixels.tobytes())
        for i, label, pixels in zip(images.ids, images.labels, images.images(slice(None)), strict=True)
    }


def decoded(source: Path, **fields: Any) -> int:
    return open_with_report(DataSettings(str(source), **fields))[1].decoded


def pack_folder() -> Path:
    (folder,) = (cache_folder() / "images").iterdir()
    return folder


@pytest.fixture
def folder(tmp_path: Path, make: SimpleNamespace) -> Path:
    return make.folder(tmp_path / "photos", make.draw(12), ["cat", "dog"])


def test_a_second_start_reads_no_image(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_images(str(folder))

    def must_not_read(path: Path) -> bytes:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr(Path, "read_bytes", must_not_read)
    again, report = open_with_report(str(folder))
    assert report.decoded == 0
    assert isinstance(again.pixels, np.memmap)
    assert by_id(again) == by_id(first)


def test_only_new_and_changed_files_are_decoded(folder: Path, make: SimpleNamespace) -> None:
    before = by_id(open_images(str(folder)))
    (folder / "cat" / "0000.png").write_bytes(make.png(make.draw(1, seed=1)[0]))
    (folder / "dog" / "new.png").write_bytes(make.png(make.draw(1, seed=2)[0]))
    (folder / "dog" / "0001.png").unlink()
    after, report = open_with_report(str(folder))
    assert report.decoded == 2
    assert len(after) == 12
    assert len(before.items() & by_id(after).items()) == 10
    assert decoded(folder) == 0


def test_a_renamed_file_keeps_its_id_and_pixels(folder: Path) -> None:
    before = by_id(open_images(str(folder)))
    (folder / "cat" / "0000.png").rename(folder / "cat" / "another.png")
    assert by_id(open_images(str(folder))) == before


def test_what_grows_file_by_file_equals_what_is_opened_at_once(tmp_path: Path, make: SimpleNamespace) -> None:
    random = np.random.default_rng(3)
    root = tmp_path / "growing"
    for step in range(8):
        for name in ("a", "b"):
            size = (8, 8) if step < 4 else (8, 12)  # from then on the images differ in size
            pixels = make.draw(1, size, seed=int(random.integers(6)), channels=3 if step >= 2 else 1)[0]
            path = root / name / f"{random.integers(5)}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(make.png(pixels))
        if step == 6:
            for path in sorted(root.rglob("*.png"))[::3]:
                path.unlink()
        grown = open_images(DataSettings(str(root), cache=str(tmp_path / "one")))
        fresh = open_images(DataSettings(str(root), cache=str(tmp_path / f"fresh{step}")))
        assert by_id(grown) == by_id(fresh)
        assert grown.image_shape == fresh.image_shape


def test_channels_follow_the_images_that_are_there(tmp_path: Path, make: SimpleNamespace) -> None:
    root = make.folder(tmp_path / "grey", make.draw(6, channels=1), ["a", "b"])
    assert open_images(str(root)).image_shape == (8, 8, 1)
    coloured = root / "a" / "colour.png"
    coloured.write_bytes(make.png(make.draw(1)[0]))
    assert open_images(str(root)).image_shape == (8, 8, 3)
    coloured.unlink()
    assert open_images(str(root)).image_shape == (8, 8, 1)


@pytest.mark.parametrize(
    ("size", "wanted", "word"),
    [
        ((8, 8), (8, 8), "in which they came"),
        ((64, 48), (64, 48), "in which they came"),
        ((65, 65), (64, 64), "came as 65x65"),
        ((30, 100), (64, 64), "came as 100x30"),
    ],
)
def test_small_images_of_one_size_stay_as_they_are_and_others_become_64_pixels(
    tmp_path: Path, make: SimpleNamespace, size: tuple[int, int], wanted: tuple[int, int], word: str
) -> None:
    root = make.folder(tmp_path / "images", make.draw(4, size), ["a", "b"])
    images, report = open_with_report(str(root))
    assert images.image_shape == (*wanted, 3)
    assert word in report.size_chosen


def test_one_image_of_another_size_brings_all_to_64_pixels(tmp_path: Path, make: SimpleNamespace) -> None:
    root = make.folder(tmp_path / "images", make.draw(100), ["a", "b"])
    (root / "b" / "odd.png").write_bytes(make.png(make.draw(1, (9, 8))[0]))
    images, report = open_with_report(str(root))
    assert images.image_shape == (64, 64, 3)
    assert any("differ in size" in note for note in report.notes)
    (root / "b" / "odd.png").unlink()
    assert open_images(str(root)).image_shape == (8, 8, 3)


def test_a_size_that_is_asked_for_is_given(folder: Path) -> None:
    assert open_images(DataSettings(str(folder), image_size=5)).image_shape == (5, 5, 3)
    with pytest.raises(InputError, match="at least 4 pixels"):
        open_images(DataSettings(str(folder), image_size=3))


def test_copies_are_stored_once(tmp_path: Path, make: SimpleNamespace) -> None:
    one = make.draw(1)
    root = make.folder(tmp_path / "copies", np.concatenate([one, one, make.draw(2, seed=1)]), ["a", "b"])
    images = open_images(str(root))
    assert len(images) == 4
    assert len(images.pixels) == 3


@pytest.mark.parametrize("damage", ["cut pixels", "cut index", "flipped byte", "no pixels", "empty index"])
def test_a_damaged_cache_is_made_again_with_a_notice(folder: Path, damage: str) -> None:
    first = by_id(open_images(str(folder)))
    (pixels,) = pack_folder().glob("pixels-*.npy")
    index = pack_folder() / "index.parquet"
    if damage == "cut pixels":
        os.truncate(pixels, pixels.stat().st_size - 1)
    elif damage == "cut index":
        os.truncate(index, index.stat().st_size // 2)
    elif damage == "flipped byte":
        content = bytearray(pixels.read_bytes())
        content[-1] ^= 1
        pixels.write_bytes(content)
    elif damage == "no pixels":
        pixels.unlink()
    else:
        index.write_bytes(b"")
    told: list[str] = []
    images, report = open_with_report(str(folder), progress=lambda what, done, total: told.append(what))
    assert by_id(images) == first
    assert report.decoded == 12
    assert any("damaged" in note for note in report.notes)
    assert any("damaged" in what for what in told)
    assert decoded(folder) == 0


def test_a_cache_that_was_copied_to_another_place_is_checked_and_used(folder: Path) -> None:
    open_images(str(folder))
    (pixels,) = pack_folder().glob("pixels-*.npy")
    os.utime(pixels, ns=(1, 1))
    assert decoded(folder) == 0


def test_a_full_disk_is_an_error_that_leaves_the_cache_as_it_was(
    folder: Path, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = by_id(open_images(str(folder)))
    kept = sorted(path.name for path in pack_folder().iterdir())
    extra = folder / "cat" / "new.png"
    extra.write_bytes(make.png(make.draw(1, seed=5)[0]))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(writing.PackedFile, "add", full)
        with pytest.raises(NotEnoughSpace, match="free"):
            open_images(str(folder))
    assert sorted(path.name for path in pack_folder().iterdir()) == kept
    extra.unlink()
    assert by_id(open_images(str(folder))) == before


def test_too_little_room_is_said_before_the_work_starts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing.shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    with pytest.raises(NotEnoughSpace, match="SWITHER_CACHE"):
        open_images(str(folder))


def test_needs_are_told_before_decoding_and_progress_reaches_the_total(folder: Path) -> None:
    told: list[tuple[str, int, int]] = []
    open_images(str(folder), progress=lambda *what: told.append(what))
    assert told[0][2] == 0
    assert "of memory" in told[0][0]
    assert "on the disk" in told[0][0]
    assert told[-1] == ("decoding images", 12, 12)


def test_a_cache_that_cannot_be_written_names_the_way_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # a superuser may write everywhere
    with pytest.raises(InputError, match="SWITHER_CACHE"):
        open_images(str(folder))


def test_a_cache_path_that_is_a_file_names_the_way_out(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="SWITHER_CACHE"):
        open_images(DataSettings(str(folder), cache=str(tmp_path / "file")))


def test_two_processes_that_start_at_once_wait_for_each_other(folder: Path) -> None:
    open_images(str(folder))
    (folder / "cat" / "0000.png").unlink()
    (folder / "dog" / "0001.png").rename(folder / "dog" / "moved.png")
    program = (
        "import sys; from swither.data import open_images\n"
        "images = open_images(sys.argv[1], progress=lambda what, done, total: print(what, flush=True))\n"
        "print(len(images))"
    )
    with locked(pack_folder() / "lock"):
        other = subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert "Waiting" in other.stdout.readline()
        time.sleep(0.2)
        assert other.poll() is None
    assert other.communicate(timeout=60)[0].strip().endswith("11")
    assert other.returncode == 0


def test_a_killed_start_leaves_nothing_that_counts(folder: Path) -> None:
    program = (
        "import os, signal, sys; from swither.data import open_images, writing\n"
        "writing.Writing.finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "open_images(sys.argv[1])"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert list(pack_folder().glob(".pixels-*.tmp"))
    assert decoded(folder) == 12
    assert not list(pack_folder().glob(".pixels-*.tmp"))


def test_an_interrupted_start_keeps_what_it_decoded_and_the_next_goes_on(
    folder: Path, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "cat" / "grey.png").write_bytes(make.png(make.draw(1, channels=1)[0]))
    whole = by_id(open_images(DataSettings(str(folder), cache=str(folder.parent / "another"))))
    monkeypatch.setattr(intake, "_IMAGES_AT_ONCE", 2)
    told: list[str] = []

    def interrupt(what: str, done: int, total: int) -> None:
        told.append(what)
        if total and done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_images(str(folder), progress=interrupt)
    assert told[-1] == "Kept 4 packed images for the next start."
    assert not list(pack_folder().glob(".pixels-*.tmp"))
    images, report = open_with_report(str(folder))
    assert report.decoded == 13 - 4
    assert by_id(images) == whole


def test_an_interruption_before_the_first_image_leaves_the_cache_as_it_was(folder: Path) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        if total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_images(str(folder), progress=interrupt)
    assert {path.name for path in pack_folder().iterdir()} == {"lock"}
    assert decoded(folder) == 12


def test_filters_of_warnings_are_set_back_whatever_happens(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(warnings.filters)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing.PackedFile, "add", full)
    with pytest.raises(NotEnoughSpace) as caught:
        open_images(str(folder))
    assert list(warnings.filters) == before, caught
