"""The held-out part: uniform whatever is asked, whole with its copies, and never trained on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swither.project import held_out
from swither.project.clock import now
from swither.project.discovery import Discovery
from swither.project.held_out import counted_images, next_test_image, reserve_of, settle, walked
from swither.project.identify import identify
from swither.project.lots import lots_of
from swither.project.project import Project
from swither.project.queue import next_questions
from swither.project.records import ImageFile, Question


def test_the_reserve_is_held_out_before_anything_is_asked(make_labelled: Any) -> None:
    project = make_labelled(100, test_every=5).project
    held = settle(project)
    assert len(held) == 20
    assert held == project.store.held_out() == set(counted_images(project))
    assert settle(project) == held


def test_nothing_is_reserved_before_the_folder_was_walked(tmp_path: Path) -> None:
    project = Project.create(tmp_path)
    project.store.put_files([ImageFile("a.jpg", 1, 1, "a" * 32)])
    assert not walked(project)
    assert reserve_of(project) == ()
    assert settle(project) == frozenset()


@pytest.mark.parametrize("taste", ["first class first", "last file first"])
def test_the_sample_is_uniform_whatever_is_asked_for_training(make_labelled: Any, taste: str) -> None:
    counts: dict[str, list[int]] = {"early": [], "late": []}
    fixed = []
    for seed in range(12):
        made = make_labelled(60, name=f"images-{seed}", seed=seed, test_every=3, test_limit=12)
        made.add_classes()
        order = sorted(made.truth, key=lambda i: (made.truth[i], i) if taste == "first class first" else i)
        if taste != "first class first":
            order.reverse()
        before = {lot.image for lot in reserve_of(made.project)}
        for image in order[:20]:  # an acquisition with a strong taste, within what it may ask
            if image not in settle(made.project):
                made.label(image, query=None)
        after = settle(made.project)
        fixed.append(before == after == set(counted_images(made.project)))
        places = {i: n for n, i in enumerate(sorted(made.truth))}
        counts["early"].append(sum(places[i] < 30 for i in after))
        counts["late"].append(sum(places[i] >= 30 for i in after))
    assert all(fixed)
    assert abs(sum(counts["early"]) - sum(counts["late"])) < 4 * np.sqrt(12 * 12)


def test_what_was_asked_for_training_is_not_held_out_later(make_labelled: Any) -> None:
    made = make_labelled(50, test_every=5)
    made.add_classes()
    image = reserve_of(made.project)[0].image
    assert image is not None
    made.project.store.put_questions([Question("t", image, "batch", "ann", now(), now(60), 0)])
    made.label(image, query="t")
    assert image not in settle(made.project)
    assert len(settle(made.project)) == 9


def test_imported_labels_of_reserved_images_test(make_labelled: Any) -> None:
    made = make_labelled(50, test_every=5)
    made.add_classes()
    for image in made.truth:
        made.label(image)
    assert len(settle(made.project)) == 10


def test_near_copies_of_a_test_image_are_held_out_but_not_counted(
    make_labelled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_labelled(50, test_every=5)
    made.add_classes()
    first = reserve_of(made.project)[0].image
    outside = [i for i in made.truth if i not in {lot.image for lot in reserve_of(made.project)}][:2]
    assert first is not None
    made.project.store.put_questions([Question("t", outside[1], "batch", "ann", now(), now(60), 0)])
    made.label(outside[1], query="t")
    monkeypatch.setattr(held_out, "near_copies", lambda _: dict.fromkeys([first, *outside], "group"))
    held = settle(made.project)
    assert outside[0] in held
    assert outside[0] not in counted_images(made.project)
    assert outside[1] not in held, "it was asked for training before"


def test_test_images_come_in_the_order_of_their_priority(labelled: Any) -> None:
    project = labelled.project
    settle(project)
    asked = []
    while (image := next_test_image(project, project.ledger())) is not None:
        asked.append(image)
        labelled.label(image)
    assert asked == list(counted_images(project))


def test_an_unread_reserved_file_is_read_when_it_is_its_turn(picture_folder: Callable[..., Path]) -> None:
    with Project.create(picture_folder(20), test_every=4) as project:
        next_questions(project, "ann", 1)  # lists the folder
        assert walked(project)
        wanted = reserve_of(project, lots_of(project, fresh=True))[0].path
        image = next_test_image(project, project.ledger())
        assert image is not None
        assert [file.path for file in project.store.files_of(image)] == [wanted]
        assert image in project.store.held_out()


def test_a_copy_that_is_read_later_is_held_out_with_its_test_image(picture_folder: Callable[..., Path]) -> None:
    folder = picture_folder(30)
    for n in range(30):
        (folder / f"copy-{n:04}.png").write_bytes((folder / f"{n:04}.png").read_bytes())
    with Project.create(folder, test_every=4) as project:
        asked = {q.image: q.source for q in next_questions(project, "ann", 40)}
        held = project.store.held_out()
        assert held
        assert all((source == "test") == (image in held) for image, source in asked.items())
        assert len(asked) == 30 - (len(held) - sum(source == "test" for source in asked.values()))


def test_renaming_every_file_keeps_what_tests(picture_folder: Callable[..., Path]) -> None:
    folder = picture_folder(40)
    with Project.create(folder, test_every=4) as project:
        Discovery(project).run()
        for file in project.store.files():
            identify(project, file.path)
        held, order = settle(project, lots_of(project, fresh=True)), counted_images(project)
        assert len(held) == 10
        (folder / "moved").mkdir()
        for path in sorted(folder.glob("*.png")):
            path.rename(folder / "moved" / f"new-{path.name}")
        Discovery(project).run()
        lots_of(project, fresh=True)
        asked = next_questions(project, "ann", 30)
        assert all((q.source == "test") == (q.image in held) for q in asked)
        for file in project.store.files():
            if file.present:
                identify(project, file.path)
        assert settle(project, lots_of(project, fresh=True)) == held
        assert counted_images(project) == order
