"""``swither label`` serves a folder's project with what its flags say, and says in words what it cannot do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from swither.cli import label, main
from swither.cli.label import change_settings
from swither.errors import InputError
from swither.project.clock import now
from swither.project.notes import WALKED
from swither.project.project import Project
from swither.project.records import ImageFile, ProjectEvent
from swither.web.access import Access
from swither.web.server import listen
from swither.web.workspace import Workspace


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would have been served, instead of serving it."""
    found: list[dict[str, Any]] = []

    def serve(workspace: Workspace, listening: Any, access: Access, started: Any) -> None:
        found.append(
            {"project": workspace.project, "user": workspace.user, "access": access, "at": listening.getsockname()}
        )
        started()
        listening.close()

    monkeypatch.setattr("swither.web.server.serve", serve)
    monkeypatch.setattr("webbrowser.open", lambda address: found[-1].update(opened=address))
    return found


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    Image.new("RGB", (8, 8)).save(folder / "one.png")
    return folder


def test_a_folder_alone_is_enough(photographs: Path, served: list[dict[str, Any]], capsys: Any) -> None:
    assert main(["label", str(photographs), "--no-browser"]) == 0
    assert (photographs / ".swither" / "project.json").is_file()
    assert served[0]["access"].host == "127.0.0.1"
    assert served[0]["access"].token is None
    said = capsys.readouterr().out
    assert f"http://127.0.0.1:{served[0]['at'][1]}/" in said
    assert "Stopped. 0 images labelled" in said
    assert "opened" not in served[0]


def test_a_second_server_says_that_one_runs_and_where(
    photographs: Path, served: list[dict[str, Any]], capsys: Any
) -> None:
    with listen("127.0.0.1", 0) as running:
        port = running.getsockname()[1]
        with Project.open_or_create(photographs) as project:
            note = {"at": now(), "url": f"http://127.0.0.1:{port}/", "host": "127.0.0.1", "port": port}
            project.store.set_note("server", note)
        assert main(["label", str(photographs), "--no-browser"]) == 0
        assert f"This folder is served already, at http://127.0.0.1:{port}/" in capsys.readouterr().out
    assert main(["label", str(photographs), "--no-browser"]) == 0
    assert "served already" not in capsys.readouterr().out, "nobody answers there any more"


def test_flags_reach_the_project_and_the_page(photographs: Path, served: list[dict[str, Any]], tmp_path: Path) -> None:
    flags = [
        "--project",
        str(tmp_path / "p"),
        "--name",
        "Iain",
        "--seconds-per-cycle",
        "12.5",
        "--batch",
        "7",
        "--port",
        "0",
    ]
    assert main(["label", str(photographs), "--no-browser", *flags]) == 0
    assert served[0]["user"] == "Iain"
    settings = Project.open(tmp_path / "p").settings
    assert (settings.seconds_per_cycle, settings.batch, settings.test_limit) == (12.5, 7, 250)
    assert not (photographs / ".swither").exists()


def test_a_later_start_changes_what_it_names_and_keeps_the_rest(photographs: Path, served: list[Any]) -> None:
    main(["label", str(photographs), "--no-browser", "--batch", "7"])
    main(["label", str(photographs), "--no-browser", "--seconds-per-cycle", "30"])
    with Project.open(photographs) as project:
        assert (project.settings.batch, project.settings.seconds_per_cycle) == (7, 30)
        assert not change_settings(project, {"batch": 7})
        assert change_settings(project, {"batch": 8})


def test_a_larger_test_part_is_refused_once_others_were_labelled(photographs: Path, served: list[Any]) -> None:
    from swither.project.held_out import threshold

    main(["label", str(photographs), "--no-browser", "--test-limit", "1"])
    with Project.open(photographs) as project:
        project.store.set_note(WALKED, now())
        project.store.put_files(ImageFile(f"{n}.jpg", 0, 0) for n in range(40))
        threshold(project)
        project.store.append([ProjectEvent("e", "class_added", now(), class_id="c", text="cat")], now())
        with pytest.raises(InputError, match="Give 1 or less"):
            change_settings(project, {"test_limit": 30})
        assert project.settings.test_limit == 1
        assert change_settings(project, {"test_limit": 0})


def test_elsewhere_a_token_is_made_or_taken(
    photographs: Path, served: list[dict[str, Any]], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["label", str(photographs), "--no-browser", "--host", "0.0.0.0", "--known-as", "Labels.example"]) == 0
    made = served[0]["access"]
    assert len(made.token) > 30
    assert made.token in capsys.readouterr().out
    assert made.names == ("labels.example",)
    assert str(served[0]["at"][1]) in made.cookie
    monkeypatch.setenv("SWITHER_TOKEN", "one-from-the-environment")
    main(["label", str(photographs), "--no-browser", "--host", "0.0.0.0"])
    assert served[1]["access"].token == "one-from-the-environment"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--token", "short"], "at least 16"),
        (["--host", "203.0.113.7"], "Cannot listen"),
        (["--name", ""], "name"),
        (["--seconds-per-cycle", "-1"], "seconds_per_cycle"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    photographs: Path, served: list[Any], capsys: Any, flags: list[str], said: str
) -> None:
    assert main(["label", str(photographs), "--no-browser", *flags]) != 0
    assert said in capsys.readouterr().err
    assert not served


def test_a_folder_that_is_not_there_is_said_in_words(tmp_path: Path, served: list[Any], capsys: Any) -> None:
    assert main(["label", str(tmp_path / "nowhere"), "--no-browser"]) != 0
    assert "Expected a folder of images" in capsys.readouterr().err


def test_without_the_pages_libraries_the_command_that_installs_them_is_named(
    photographs: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["label", str(photographs)]) != 0
    assert "pip install 'swither[label]'" in capsys.readouterr().err
    assert callable(label.require_page)


def test_the_demo_serves_the_digits(tmp_path: Path, served: list[dict[str, Any]], capsys: Any) -> None:
    assert main(["demo", "--label", "--out", str(tmp_path / "digits"), "--no-browser"]) == 0
    assert served[0]["project"].images == tmp_path / "digits"
    assert len(list((tmp_path / "digits").glob("*.png"))) == 1797
