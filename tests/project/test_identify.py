"""A file that is about to be shown: what it is, or why it cannot be shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swither.data.identity import content_id
from swither.project.discovery import Discovery
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


def test_a_disk_that_fails_for_a_while_bans_a_file(
    picture_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = picture_folder(1)
    with Project.create(folder) as project:
        Discovery(project).run()
        before = project.store.files()
        with monkeypatch.context() as failing:
            failing.setattr("swither.project.reading.os.open", fail)
            assert identify(project, "0000.png") is None
        assert project.store.files() == before
        monkeypatch.setattr("swither.project.identify.AGAIN_SECONDS", 0.0)
        assert identify(project, "0000.png") == content_id((folder / "0000.png").read_bytes())


def test_a_file_that_is_gone_loses_its_content(picture_folder: Callable[..., Path]) -> None:
    folder = picture_folder(1)
    with Project.create(folder) as project:
        image = identify(project, "0000.png")
        (folder / "0000.png").unlink()
        assert identify(project, "0000.png") is None
        (file,) = project.store.files()
        assert (file.image, file.present) == (image, False)


def fail(*_: object, **__: object) -> int:
    raise OSError(5, "Input/output error")
