"""From another program's paths to the files of a project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swither.project.discovery import Discovery
from swither.project.identify import identify
from swither.project.matching import Matching, read_ids
from swither.project.project import Project

NAMES = ["a/1.png", "b/1.png", "b/deep/2.png", "3.png"]


@pytest.fixture
def project(tmp_path: Path, write_photographs: Callable[..., dict[str, str]]) -> Project:
    write_photographs(tmp_path / "photos", NAMES)
    project = Project.create(tmp_path / "photos")
    Discovery(project).run()
    return project


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("a/1.png", "a/1.png"),
        ("./a//1.png", "a/1.png"),
        ("b\\deep\\2.png", "b/deep/2.png"),
        ("2.png", "b/deep/2.png"),
        ("deep/2.png", "b/deep/2.png"),
        ("1.png", None),
        ("x/1.png", None),
        ("/home/bob/b/1.png", "b/1.png"),
        ("c:\\photos\\b\\1.png", "b/1.png"),
        ("/home/bob/3.png", None),
        ("photos/3.png", "3.png"),
        ("../a/1.png", "a/1.png"),
        ("", None),
        ("/", None),
        ("..", None),
    ],
)
def test_a_path_is_found_only_where_it_means_one_file(
    reference: str, path: str | None, project: Project, tmp_path: Path
) -> None:
    assert Matching(project, tmp_path).find(reference) == path


def test_an_absolute_path_is_found_through_links(project: Project, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project.images)
    assert Matching(project, tmp_path).find(str(tmp_path / "link" / "3.png")) == "3.png"


def test_files_are_read_once_and_their_sizes_kept(project: Project, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    found = read_ids(project, ["3.png"], lambda *count: calls.append(count))
    assert list(found) == ["3.png"]
    assert calls == [(0, 1)]
    file = project.store.files_of(found["3.png"])[0]
    assert (file.width, file.height, file.size) == (32, 24, (project.images / "3.png").stat().st_size)
    assert len(read_ids(project)) == 4
    calls.clear()
    assert len(read_ids(project, None, lambda *count: calls.append(count))) == 4
    assert calls == []


def test_a_link_out_of_the_folder_is_not_read(project: Project, tmp_path: Path) -> None:
    outside = (project.images / "3.png").rename(tmp_path / "outside.png")
    (project.images / "3.png").symlink_to(outside)
    assert "3.png" not in read_ids(project)
    assert identify(project, "3.png") is None
