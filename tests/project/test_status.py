"""Where a project stands, in words that are true."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from swither.project.clock import now
from swither.project.discovery import Discovery
from swither.project.matching import read_ids
from swither.project.project import Project
from swither.project.records import Cycle, EventKind, ProjectEvent
from swither.project.status import status_of, what_next, where_it_stands

NAMES = [f"{n}.png" for n in range(6)]


@pytest.fixture
def ids(tmp_path: Path, write_photographs: Callable[..., dict[str, str]]) -> list[str]:
    return list(write_photographs(tmp_path / "photos", NAMES).values())


@pytest.fixture
def project(tmp_path: Path, ids: list[str]) -> Iterator[Project]:
    with Project.create(tmp_path / "photos", retrain_after=3) as project:
        yield project


def say(project: Project, kind: EventKind, **values: object) -> None:
    number = len(project.store.events())
    project.store.append([ProjectEvent(f"e{number}", kind, now(), **values)], now())  # type: ignore[arg-type]


def words(project: Project) -> str:
    now_ = status_of(project)
    return "\n".join([*where_it_stands(project, now_), what_next(project, now_)])


def test_every_stand_has_its_words(project: Project, ids: list[str]) -> None:
    assert "not been looked through" in words(project)
    Discovery(project).run()
    assert "6 images, 6 not read yet" in words(project)
    assert "Label the first images" in words(project)
    (project.images / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (project.images / "copy.png").write_bytes((project.images / "0.png").read_bytes())
    Discovery(project).run()
    read_ids(project)
    assert "Images: 6 images in 7 files; 1 more file cannot be shown" in words(project)
    for class_id in ("cat", "dog"):
        say(project, "class_added", class_id=class_id, text=class_id.title())
    say(project, "labelled", image=ids[0], class_id="cat")
    assert "All labels are of one class so far" in words(project)
    say(project, "labelled", image=ids[1], class_id="dog")
    say(project, "declined", image=ids[2])
    project.store.hold_out([ids[1]])
    text = words(project)
    assert "Labels: 2, of which 1 test and are never trained on; 1 declined" in text
    assert "Classes: Cat 1, Dog 1" in text
    assert "The first training begins after 1 more label while the page runs" in text


def test_trainings_are_told_with_their_interval_and_what_came_since(project: Project, ids: list[str]) -> None:
    Discovery(project).run()
    read_ids(project)
    for class_id, image in (("cat", ids[0]), ("dog", ids[1])):
        say(project, "class_added", class_id=class_id, text=class_id)
        say(project, "labelled", image=image, class_id=class_id)
    store = project.store
    store.request_job("cycle", now())
    assert "waits for the worker" in words(project)
    store.take_job("w", now(), now(later=60))
    store.keep_job(1, "w", now(later=60), {"what": "training", "done": 3, "of": 40})
    assert "Background: training, 3 of 40" in words(project)
    store.keep_job(1, "w", now(later=-1), {})
    assert "interrupted" in words(project)
    facts = {"accuracy": {"right": 9, "counted": 10, "low": 0.55, "high": 0.99}}
    store.publish(Cycle(1, 1, 4, 2, ("cat", "dog"), (), "key", facts, now()), "w")
    say(project, "labelled", image=ids[2], class_id="cat")
    text = words(project)
    assert "right on 9 of 10 test images (90%; between 55% and 99% with 95 % confidence); 1 answer since" in text
    assert "3 images without an answer. Go on" in text
    label = next(event for event in store.events() if event.kind == "labelled" and event.image == ids[0])
    say(project, "undone", undoes=label.event)
    assert "; 2 answers since, 1 answer taken back among them" in words(project)
    assert "Background" not in text
    store.request_job("cycle", now())
    store.take_job("w", now(), now(later=60))
    store.fail_job(2, "w", "no memory", again=False)
    assert "the last training failed: no memory" in words(project)
    assert "Labels are safe" in words(project)


def test_a_folder_without_images_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with Project.create(tmp_path / "empty") as project:
        Discovery(project).run()
        assert "There are no images in" in words(project)


def test_a_project_elsewhere_is_named_by_its_own_folder(project: Project, tmp_path: Path) -> None:
    with Project.create(project.images, tmp_path / "elsewhere") as other:
        assert f"swither label {tmp_path / 'elsewhere'}" in words(other)


def test_nothing_left_to_label_leads_to_the_export(project: Project, ids: list[str]) -> None:
    Discovery(project).run()
    read_ids(project)
    for class_id in ("cat", "dog"):
        say(project, "class_added", class_id=class_id, text=class_id)
    for number, image in enumerate(ids):
        say(project, "labelled", image=image, class_id=["cat", "dog"][number % 2])
    assert "swither export csv" in words(project)
    assert replace(status_of(project), labelled=0).images == 6


def test_saying_the_status_loads_no_heavy_library(project: Project) -> None:
    code = (
        "import sys; from swither.project.project import Project; from swither.project.status import *\n"
        "with Project.open(sys.argv[1]) as p: where_it_stands(p, status_of(p)), what_next(p, status_of(p))\n"
        "print([name for name in ('torch', 'alembic', 'scipy', 'sklearn', 'PIL', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(project.images)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
