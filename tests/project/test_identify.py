"""A file that is about to be shown: what it is, or why it cannot be shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from swither.data.identity import content_id
from swither.project.identify import identify
from swither.project.project import Project


def test_a_picture_is_known_by_its_content_and_size(picture_folder: Callable[..., Path]) -> None:
    folder = picture_folder(1)
    with Project.create(folder) as project:
        image = identify(project, "0000.png")
        assert image == content_id((folder / "0000.png").read_bytes())
        file = project.store.files()[0]
        assert (file.image, file.width, file.height, file.problem) == (image, 16, 12, None)
        assert file.size == (folder / "0000.png").stat().st_size


def test_what_cannot_be_shown_is_noted_with_the_reason(picture_folder: Callable[..., Path]) -> None:
    folder = picture_folder(1)
    (folder / "bad.png").write_bytes(b"no picture")
    with Project.create(folder) as project:
        assert identify(project, "bad.png") is None
        assert identify(project, "gone.png") is None
        bad, gone = project.store.files()
        assert bad.problem
        assert bad.present
        assert not gone.present
