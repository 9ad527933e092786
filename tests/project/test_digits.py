"""The digits come as a project that can be labelled by keys at once, and is measured from its first training on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from swither.errors import InputError
from swither.project import held_out
from swither.project.digits import BY, CLASSES, IMAGES, MARGIN, SIDE, digits_project, write_digits
from swither.project.queue import next_questions


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "digits"
    digits_project(folder).close()
    return folder


def test_every_digit_is_a_file_that_shows_it(folder: Path) -> None:
    files = sorted(folder.glob("*.png"))
    assert len(files) == IMAGES
    for number in (0, 1000, 1796):
        inner = (MARGIN, MARGIN, SIDE - MARGIN, SIDE - MARGIN)
        shown = Image.open(files[number]).convert("L").crop(inner).resize((8, 8), Image.Resampling.BOX)
        ink = 255 - np.asarray(shown, dtype=float)
        assert np.corrcoef(ink.ravel(), load_digits().images[number].ravel())[0, 1] > 0.95


def test_the_key_of_a_digit_is_the_digit(folder: Path) -> None:
    with digits_project(folder) as project:
        assert [(one.name, one.key) for one in project.ledger().classes] == [(name, name) for name in CLASSES]


def test_the_test_part_is_labelled_rightly_and_nothing_else_is(folder: Path) -> None:
    with digits_project(folder) as project:
        tested = held_out.counted_images(project)
        assert len(tested) == 250
        assert set(project.ledger().labels) == set(tested)
        assert {event.by for event in project.store.events()} == {BY}
        for image in tested[:20]:
            number = int(project.store.files_of(image)[0].path[6:10])
            assert project.ledger().labels[image] == f"digit-{load_digits().target[number]}"


def test_whoever_labels_is_asked_no_test_image(folder: Path) -> None:
    with digits_project(folder) as project:
        asked = next_questions(project, "Ailsa", 30)
        assert len(asked) == 30
        assert not {question.image for question in asked} & project.store.held_out()


def test_opened_again_nothing_is_added(folder: Path) -> None:
    with digits_project(folder) as project:
        before = project.ledger().sequence
    with digits_project(folder) as project:
        assert project.ledger().sequence == before
        assert "digit" in project.store.note("notice")


def test_what_was_interrupted_is_finished(tmp_path: Path) -> None:
    write_digits(tmp_path / "digits")
    (tmp_path / "digits" / "digit-0003.png").write_bytes(b"half")
    with digits_project(tmp_path / "digits") as project:
        assert len(project.ledger().classes) == 10
        assert (project.images / "digit-0003.png").stat().st_size > 100


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"holiday\.jpg"):
        digits_project(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]
