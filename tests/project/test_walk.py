from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from swither.project.walk import LINK, Passed, lies_in, walk


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def paths(folder: Path, passed: Passed | None = None) -> list[str]:
    return [file.path for file in walk(folder, passed)]


def test_images_are_found_below_sorted_and_with_size_and_time(tmp_path: Path) -> None:
    touch(tmp_path, "b.jpg", "a.PNG", "notes.txt", "z/c.jpeg", "z/deep/er/d.webp", "m/e.heic", "noending")
    assert paths(tmp_path) == ["a.PNG", "b.jpg", "m/e.heic", "z/c.jpeg", "z/deep/er/d.webp"]
    first = next(walk(tmp_path))
    assert (first.size, first.modified) == (1, (tmp_path / "a.PNG").stat().st_mtime_ns)
    assert first.image is None
    assert first.present


def test_hidden_files_and_the_project_itself_are_passed_by(tmp_path: Path) -> None:
    touch(tmp_path, ".swither/derived/previews/x.jpg", ".trash/y.jpg", "._z.jpg", "Thumbs.db", "own/p.jpg", "q.jpg")
    passed = Passed()
    assert [file.path for file in walk(tmp_path, passed, without=tmp_path / "own")] == ["q.jpg"]
    assert passed.left_out["hidden or system file"] == 4


def test_links_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "images", tmp_path / "secret"
    touch(inside, "a.jpg", "below/b.jpg")
    touch(outside, "s.jpg")
    os.symlink(outside / "s.jpg", inside / "stolen.jpg")
    os.symlink(outside, inside / "folder")
    os.symlink("../../secret/s.jpg", inside / "below" / "relative.jpg")
    os.symlink(inside, inside / "below" / "ring")
    os.symlink("a.jpg", inside / "again.jpg")
    os.symlink("nowhere.jpg", inside / "dangling.jpg")
    passed = Passed()
    assert paths(inside, passed) == ["a.jpg", "again.jpg", "below/b.jpg"]
    assert passed.left_out[LINK] == 3
    assert passed.left_out["file that is gone"] == 1


def test_a_folder_that_is_reached_through_a_link_is_walked(tmp_path: Path) -> None:
    touch(tmp_path / "real", "a.jpg")
    os.symlink(tmp_path / "real", tmp_path / "link")
    assert paths(tmp_path / "link") == ["a.jpg"]
    assert lies_in(tmp_path / "link", tmp_path / "real" / "a.jpg")
    assert not lies_in(tmp_path / "real", tmp_path / "really" / "a.jpg")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a name be any bytes")
def test_a_name_that_is_no_utf8_is_named_and_stops_nothing(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.jpg"))).write_bytes(b"x")
    files = list(walk(tmp_path))
    assert [file.path for file in files] == ["a.jpg", "b\\xff.jpg"]
    assert "UTF-8" in (files[1].problem or "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_what_is_called_like_an_image_and_is_none_is_passed_by(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    touch(tmp_path, "folder.jpg/a.jpg")
    passed = Passed()
    assert paths(tmp_path, passed) == ["folder.jpg/a.jpg"]
    assert passed.left_out["not a plain file"] == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open every folder")
def test_a_closed_folder_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "open/a.jpg", "shut/b.jpg")
    (tmp_path / "shut").chmod(0)
    passed = Passed()
    assert paths(tmp_path, passed) == ["open/a.jpg"]
    assert [folder for folder, _ in passed.closed] == ["shut"]


def test_a_folder_that_goes_while_it_is_walked_stops_nothing(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "m/b.jpg", "z/c.jpg")
    passed = Passed()
    found = walk(tmp_path, passed)
    assert next(found).path == "a.jpg"
    (tmp_path / "m" / "b.jpg").unlink()
    (tmp_path / "m").rmdir()
    assert [file.path for file in found] == ["z/c.jpg"]
    assert [folder for folder, _ in passed.closed] == ["m"]


def test_the_first_file_does_not_wait_for_the_last(tmp_path: Path) -> None:
    for folder in range(20):
        touch(tmp_path, *(f"{folder:02}/{n:03}.jpg" for n in range(100)))
    started = time.perf_counter()
    found = walk(tmp_path)
    next(found)
    first = time.perf_counter() - started
    assert sum(1 for _ in found) == 1999
    assert first < (time.perf_counter() - started) / 4


def test_a_missing_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        next(walk(tmp_path / "none"))
