"""The settings of a project: read as they were written, refused where they make no sense."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swither.errors import DamagedState, InputError, NewerFormat
from swither.project.project import FOLDER, Project
from swither.project.settings import FILE, ProjectSettings, read_settings, write_settings


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", DamagedState),
        ('{"format": "swither project", "version": 99}', NewerFormat),
        ('{"format": "swither project", "version": 1}', DamagedState),
        ('{"format": "swither project", "version": 1, "name": "n", "images": "..", "batch": 0}', DamagedState),
    ],
)
def test_settings_that_do_not_read_are_told(photos: Path, text: str, error: type[Exception]) -> None:
    Project.create(photos).close()
    (photos / FOLDER / FILE).write_text(text)
    with pytest.raises(error):
        Project.open(photos)
    with pytest.raises(error):
        Project.open_or_create(photos)


def test_changed_settings_stay_changed(photos: Path) -> None:
    with Project.create(photos) as project:
        project.change(batch=7)
        assert project.settings.batch == 7
        with pytest.raises(InputError):
            project.change(batch=0)
    with Project.open(photos) as project:
        assert project.settings == replace(project.settings, batch=7)


def test_settings_read_back_as_they_were_written(tmp_path: Path) -> None:
    settings = ProjectSettings("Vögel", "..", 5, 4, 100, 12.5, "margin", 10, 30, "tiny")
    write_settings(tmp_path, settings)
    assert read_settings(tmp_path) == settings


def test_what_an_older_version_did_not_know_has_its_default(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"format": "swither project", "version": 1, "name": "n", "images": ".."}')
    assert read_settings(tmp_path) == ProjectSettings("n", "..")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"images": 5},
        {"seed": -1},
        {"seed": True},
        {"test_every": 1},
        {"test_limit": -1},
        {"seconds_per_cycle": 0},
        {"seconds_per_cycle": float("inf")},
        {"seconds_per_cycle": "60"},
        {"batch": 0},
        {"retrain_after": 1.5},
        {"acquisition": ""},
        {"model": None},
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        ProjectSettings(**{"name": "n", "images": "..", **wrong})
