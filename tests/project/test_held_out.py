"""The held-out part: uniform whatever is asked, whole with its copies, and never trained on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swither.errors import InputError
from swither.project import held_out
from swither.project.askable import askable
from swither.project.clock import now
from swither.project.discovery import Discovery
from swither.project.held_out import (
    check_limit,
    counted_images,
    kept_back,
    next_test_image,
    reserve_of,
    settle,
    share,
    threshold,
    walked,
)
from swither.project.identify import identify
from swither.project.lots import lots_of
from swither.project.notes import WALKED
from swither.project.project import Project
from swither.project.queue import next_questions
from swither.project.records import ImageFile, Question


def test_the_reserve_is_held_out_before_anything_is_asked(make_labelled: Any) -> None:
    project = make_labelled(100, test_every=5).project
    held = settle(project)
    assert len(held) == len(reserve_of(project)) > 10
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
        made = make_labelled(60, name=f"images-{seed}", seed=seed, test_every=3, test_limit=30)
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
    assert abs(sum(counts["early"]) - sum(counts["late"])) < 4 * np.sqrt(12 * 20)


def test_what_was_asked_for_training_is_not_held_out_later(make_labelled: Any) -> None:
    made = make_labelled(50, test_every=5)
    made.add_classes()
    image, count = reserve_of(made.project)[0].image, len(reserve_of(made.project))
    assert image is not None
    made.project.store.put_questions([Question("t", image, "batch", "ann", now(), now(60), 0)])
    made.label(image, query="t")
    assert image not in settle(made.project)
    assert len(settle(made.project)) == count - 1


def test_imported_labels_of_reserved_images_test(make_labelled: Any) -> None:
    made = make_labelled(50, test_every=5)
    made.add_classes()
    for image in made.truth:
        made.label(image)
    assert settle(made.project) == {lot.image for lot in reserve_of(made.project)}


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
        assert len(held) > 4
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


def test_a_deleted_file_stops_no_holding_out_and_lets_nobody_train_on_what_tests(
    picture_folder: Callable[..., Path], publish: Callable[..., None]
) -> None:
    folder = picture_folder(60)
    with Project.create(folder) as project:
        Discovery(project).run()
        paths = [file.path for file in project.store.files()]
        identify(project, paths[0])
        (folder / paths[0]).unlink()
        Discovery(project).run()
        for path in paths[1:31]:
            identify(project, path)
        lots = lots_of(project, fresh=True)
        reserve = {lot.image for lot in reserve_of(project, lots)}
        assert len(reserve) > 2
        assert settle(project, lots) == reserve
        publish(project, sorted(map(str, reserve)))  # an acquisition that wants them
        asked = next_questions(project, "ann", 8)
        assert all((q.source == "test") == (q.image in project.store.held_out()) for q in asked)


def test_reserved_images_are_not_asked_for_training_before_they_are_held_out(
    make_labelled: Any, monkeypatch: pytest.MonkeyPatch, publish: Callable[..., None]
) -> None:
    made = make_labelled(60)
    reserve = {str(lot.image) for lot in reserve_of(made.project)}
    monkeypatch.setattr(held_out, "settle", lambda *_: frozenset())
    publish(made.project, sorted(reserve))
    assert not {q.image for q in next_questions(made.project, "ann", 30)} & reserve
    assert not reserve & set(askable(made.project, made.truth))


def test_before_the_walk_is_whole_everything_that_may_come_to_test_is_kept_back(make_labelled: Any) -> None:
    made = make_labelled(100)
    made.project.store.set_note(WALKED, None)
    kept = kept_back(made.project)
    early = {image for image in made.truth if image in kept}
    made.project.store.set_note(WALKED, now())
    assert {lot.image for lot in reserve_of(made.project)} <= early
    assert len(early) < 50


def test_the_threshold_is_never_raised_and_lowered_where_the_folder_grows(make_labelled: Any) -> None:
    made = make_labelled(100, test_limit=4)
    first = threshold(made.project)
    assert first == share(100, 4, 5)
    made.project.store.put_files(ImageFile(f"{n:05}.jpg", 0, 0, present=False) for n in range(80))
    assert threshold(made.project, lots_of(made.project, fresh=True)) == first
    made.project.store.put_files(ImageFile(f"new-{n}.jpg", 0, 0) for n in range(400))
    grown = lots_of(made.project, fresh=True)
    assert threshold(made.project, grown) == share(len(grown), 4, 5) < first


def test_a_test_part_that_would_lack_what_was_asked_for_training_is_refused(make_labelled: Any) -> None:
    made = make_labelled(100, test_limit=4)
    settle(made.project)
    check_limit(made.project, 6)  # nothing has been said yet
    before = threshold(made.project)
    assert before == share(100, 6, 5)
    made.add_classes()
    made.label_some(3)
    check_limit(made.project, 2)
    with pytest.raises(InputError, match="Give 6 or less"):
        check_limit(made.project, 20)
    assert threshold(made.project) == before


def test_a_test_part_that_is_whole_may_be_asked_for_more(make_labelled: Any) -> None:
    made = make_labelled(60, test_limit=50)
    settle(made.project)
    made.add_classes()
    made.label_some(3)
    check_limit(made.project, 250)  # one of five tests, and not a fixed number of them
    assert threshold(made.project) == 0.2


def test_images_of_large_groups_train_and_never_test(make_labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_labelled(100)
    frames = dict.fromkeys(sorted(made.truth)[:60], "camera")
    monkeypatch.setattr(held_out, "large_groups", lambda _: frames)
    held = settle(made.project)
    assert held
    assert not held & frames.keys()
    assert not any(image in kept_back(made.project) for image in frames)
    assert not set(counted_images(made.project)) & frames.keys()


def test_all_test_images_answered_before_a_class_are_asked_again_and_once(make_labelled: Any) -> None:
    made = make_labelled(60)
    made.add_classes()
    settle(made.project)
    tests = counted_images(made.project)
    for image in tests:
        made.label(image)
    assert next_test_image(made.project, made.project.ledger()) is None
    made.say("class_added", class_id="new", text="hornet")
    made.label(next(i for i in sorted(made.truth) if i not in tests), "new")
    assert next_test_image(made.project, made.project.ledger()) is None, "one label may be a mistake"
    made.label(next(i for i in sorted(made.truth, reverse=True) if i not in tests), "new")
    asked = []
    while some := next_questions(made.project, "ann", 10):
        for question in some:
            made.label(question.image, query=question.token)
        asked += [question.image for question in some]
    assert sorted(set(asked)) == sorted(asked)
    assert set(tests) <= set(asked)
