from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from swither.project.discovery import Discovery
from swither.project.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    folder = tmp_path / "images"
    for name in ("a.jpg", "b.jpg", "sub/c.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    with Project.create(folder) as made:
        yield made


def walked(project: Project) -> Discovery:
    discovery = Discovery(project)
    discovery.run()
    return discovery


def known(project: Project) -> dict[str, tuple[str | None, bool]]:
    return {file.path: (file.image, file.present) for file in project.store.files()}


def mark_read(project: Project, *paths: str) -> None:
    """As if the files had been read; each content is named after the path."""
    files = {file.path: file for file in project.store.files()}
    ids = {path: path.encode().hex().ljust(32, "0") for path in paths}
    project.store.put_files(replace(files[path], image=ids[path], width=4, height=3) for path in paths)


def test_the_store_knows_every_file_after_a_walk(project: Project) -> None:
    discovery = walked(project)
    assert known(project) == dict.fromkeys(("a.jpg", "b.jpg", "sub/c.jpg"), (None, True))
    assert (discovery.found, discovery.changed, discovery.vanished) == (3, 3, 0)
    assert discovery.words().startswith("3 image files")


def test_what_was_read_is_kept_by_the_next_walk_and_nothing_is_written(project: Project) -> None:
    walked(project)
    mark_read(project, "a.jpg", "b.jpg")
    before, writes = project.store.files(), project.store.changes()
    discovery = walked(project)
    assert project.store.files() == before
    assert discovery.changed == 0
    assert project.store.changes() == writes


def test_a_changed_file_is_read_anew_and_a_vanished_one_is_marked(project: Project) -> None:
    walked(project)
    mark_read(project, "a.jpg", "b.jpg", "sub/c.jpg")
    (project.images / "a.jpg").write_bytes(b"something longer")
    shutil.rmtree(project.images / "sub")
    discovery = walked(project)
    read = known(project)
    assert read["a.jpg"] == (None, True)
    assert read["b.jpg"][0] is not None
    assert read["sub/c.jpg"][0] is not None
    assert not read["sub/c.jpg"][1]
    assert (discovery.changed, discovery.vanished) == (1, 1)


def test_a_file_that_comes_back_is_what_it_was(project: Project) -> None:
    walked(project)
    mark_read(project, "b.jpg")
    aside = project.images.parent / "aside"
    os.rename(project.images / "b.jpg", aside)
    walked(project)
    assert known(project)["b.jpg"][1] is False
    os.rename(aside, project.images / "b.jpg")
    walked(project)
    assert known(project)["b.jpg"] == (b"b.jpg".hex().ljust(32, "0"), True)


def test_a_folder_that_is_not_mounted_marks_nothing_as_vanished(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "a.jpg").write_bytes(b"a")
    with Project.create(tmp_path / "disk", tmp_path / "project") as project:
        walked(project)
        os.rename(tmp_path / "disk", tmp_path / "elsewhere")
        discovery = walked(project)
        assert "cannot be opened" in (discovery.problem or "")
        assert discovery.words() == discovery.problem
        assert known(project) == {"a.jpg": (None, True)}
        os.rename(tmp_path / "elsewhere", tmp_path / "disk")
        assert walked(project).problem is None


def test_files_below_a_folder_that_cannot_be_opened_are_not_taken_for_vanished(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked(project)
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).rstrip("/").endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    discovery = walked(project)
    assert known(project)["sub/c.jpg"] == (None, True)
    assert discovery.vanished == 0
    assert "1 folder could not be opened" in discovery.words()


def test_the_first_files_are_told_before_the_walk_is_at_its_end(project: Project) -> None:
    for number in range(500):
        (project.images / f"n{number:03}.jpg").write_bytes(b"x")
    discovery = Discovery(project)
    assert discovery.step(0.0)  # one block
    assert 0 < len(project.store.files()) < 100
    discovery.run()
    assert len(project.store.files()) == 503


def test_a_walk_that_is_given_up_marks_nothing_as_vanished_and_lets_the_next_one_in(project: Project) -> None:
    walked(project)
    for number in range(500):
        (project.images / f"0{number:03}.jpg").write_bytes(b"x")
    discovery = Discovery(project)
    discovery.step(0.0)
    discovery.close()
    assert all(present for _, present in known(project).values())
    assert walked(project).found == 503


def test_two_walks_at_once_are_one(project: Project) -> None:
    for number in range(200):
        (project.images / f"n{number:03}.jpg").write_bytes(b"x")
    first, second = Discovery(project), Discovery(project)
    first.step(0.0)
    assert not second.step(1.0)
    assert second.busy
    first.run()
    assert len(project.store.files()) == 203
