"""A project: where it lies, what it answers, and what cannot leave its folder of images."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from swither.errors import DamagedState, InputError, MissingExtra
from swither.project import project as project_module
from swither.project.project import DATABASE, FOLDER, Project
from swither.project.records import ImageFile, ProjectEvent

AT = "2026-03-01T12:30:00.000000Z"
IMAGE = "a" * 32


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def test_a_project_is_found_by_its_images_and_by_its_own_folder(photos: Path, tmp_path: Path) -> None:
    with Project.create(photos, seed=3) as project:
        assert project.folder == photos / FOLDER
        assert project.settings.name == "photos"
    for named in (photos, photos / FOLDER):
        with Project.open(named) as project:
            assert (project.images, project.settings.seed) == (photos, 3)
    elsewhere = tmp_path / "projects" / "birds"
    with Project.create(photos, elsewhere, name="birds") as project:
        assert (project.images, project.settings.name) == (photos, "birds")
    with Project.open(elsewhere) as project:
        assert project.images == photos


def test_a_project_moves_with_its_images(photos: Path, tmp_path: Path) -> None:
    Project.create(photos).close()
    moved = photos.rename(tmp_path / "moved")
    with Project.open(moved) as project:
        assert project.images == moved
        assert project.store.events() == ()


def test_a_project_is_not_begun_twice(photos: Path) -> None:
    Project.create(photos).close()
    with pytest.raises(InputError, match="already"):
        Project.create(photos)
    with Project.open_or_create(photos, seed=9) as project:
        assert project.settings.seed == 0
    with Project.open_or_create(photos / FOLDER) as project:
        assert project.folder == photos / FOLDER


def test_what_is_no_project_is_answered_in_words(photos: Path) -> None:
    with pytest.raises(InputError, match="swither init"):
        Project.open(photos)
    with pytest.raises(InputError, match="Expected a folder of images"):
        Project.create(photos / "none")
    with pytest.raises(InputError, match="test_every"):
        Project.create(photos, test_every=1)
    assert list(photos.iterdir()) == [photos / FOLDER]
    with pytest.raises(InputError, match="swither init"):
        Project.open(photos)


def test_a_project_without_its_labels_says_so_instead_of_beginning_anew(photos: Path) -> None:
    Project.create(photos).close()
    (photos / FOLDER / DATABASE).unlink()
    for opened in (Project.open(photos), Project.open_or_create(photos)):
        with pytest.raises(DamagedState, match="missing or empty"):
            opened.store  # noqa: B018
    assert not (photos / FOLDER / DATABASE).exists()


def test_a_beginning_that_was_killed_before_its_end_is_begun_again(photos: Path) -> None:
    (photos / FOLDER).mkdir()
    (photos / FOLDER / DATABASE).write_bytes(b"")
    with Project.open_or_create(photos) as project:
        assert project.store.events() == ()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every path is Unicode")
def test_a_folder_whose_name_is_no_utf8_is_a_project_all_the_same(tmp_path: Path) -> None:
    odd = tmp_path / "photos-\udcff"
    odd.mkdir()
    with Project.create(odd) as project:
        assert project.settings.name == "photos-\ufffd"
        assert project.store.events() == ()
    with Project.open(odd) as project:
        assert project.images == odd
        assert project.ledger().sequence == 0
    with pytest.raises(InputError, match="not UTF-8"):
        Project.create(odd, tmp_path / "elsewhere")


def test_a_ledger_that_was_given_stays_as_it_is_and_a_newer_one_knows_more(photos: Path) -> None:
    with Project.create(photos) as project, Project.open(photos) as other:
        project.store.put_files([ImageFile("a.jpg", 1, 1, IMAGE)])
        before = project.ledger()
        other.store.append(
            [
                ProjectEvent("e1", "class_added", AT, class_id="c", text="cat"),
                ProjectEvent("e2", "labelled", AT, image=IMAGE, class_id="c"),
            ],
            AT,
        )
        assert project.ledger().label_of(IMAGE) == "c"
        assert before.label_of(IMAGE) is None
        assert before.event("e2") is None
        assert project.ledger() is project.ledger()


def test_many_threads_share_one_store_and_one_ledger(photos: Path) -> None:
    with Project.create(photos) as project:
        project.store.put_files([ImageFile("a.jpg", 1, 1, IMAGE)])
        problems: list[BaseException] = []

        def work(number: int) -> None:
            try:
                for step in range(10):
                    project.store.append([ProjectEvent(f"{number}-{step}", "skipped", AT, image=IMAGE)], AT)
                    assert project.ledger().stands(f"{number}-{step}")
            except BaseException as problem:
                problems.append(problem)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not problems
        assert project.ledger().sequence == 40


def test_a_path_never_leads_out_of_the_images(photos: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"x")
    (photos / "inside.jpg").write_bytes(b"x")
    (photos / "link.jpg").symlink_to(secret)
    (photos / "good.jpg").symlink_to(photos / "inside.jpg")
    (photos / "out").symlink_to(tmp_path)
    names = {
        "1": "link.jpg",
        "2": "../secret.jpg",
        "3": str(secret),
        "4": "out/secret.jpg",
        "5": "gone.jpg",
        "6": ".",
    }
    with Project.create(photos) as project:
        project.store.put_files([ImageFile(path, 1, 1, name * 32) for name, path in names.items()])
        project.store.put_files([ImageFile("good.jpg", 1, 1, "7" * 32), ImageFile("z", 1, 1, "8" * 32, present=False)])
        assert [project.path_of(name * 32) for name in names] == [None] * 6
        assert project.path_of("7" * 32) == photos / "inside.jpg"
        assert project.path_of("8" * 32) is None
        assert project.path_of("9" * 32) is None


def test_a_renamed_copy_is_shown_where_the_first_file_is_gone(photos: Path) -> None:
    (photos / "b.jpg").write_bytes(b"x")
    with Project.create(photos) as project:
        project.store.put_files([ImageFile("a.jpg", 1, 1, IMAGE), ImageFile("b.jpg", 1, 1, IMAGE)])
        assert project.path_of(IMAGE) == photos / "b.jpg"


def test_without_its_libraries_a_project_says_what_to_install(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"swither\[label\]"):
        Project.create(photos)


def test_opening_a_project_loads_no_heavy_library(photos: Path) -> None:
    Project.create(photos).close()
    code = (
        "import sys; from swither.project.project import Project\n"
        "with Project.open(sys.argv[1]) as project: project.ledger(), project.store.files()\n"
        "print([name for name in ('torch', 'alembic', 'scipy', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(photos)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_derived_files_lie_together(photos: Path) -> None:
    with Project.create(photos) as project:
        place = project.derived("previews/large")
        assert place.parent.is_dir()
        assert place == photos / FOLDER / "derived" / "previews" / "large"
