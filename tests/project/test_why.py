"""Why an image was asked: the same of test images as of all others."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pytest

from swither.project.due import request_cycle
from swither.project.grid import grid
from swither.project.held_out import counted_images, settle
from swither.project.histories import KEPT, history_of, last_history, remove_old
from swither.project.queue import next_questions
from swither.project.records import Cycle
from swither.project.why import why
from swither.project.worker import Worker

pytestmark = pytest.mark.usefixtures("quick", "no_indexing")


@pytest.fixture
def trained(labelled: Any) -> tuple[Any, Cycle]:
    """A project after its first training."""
    settle(labelled.project)
    labelled.label_some(12)
    request_cycle(labelled.project)
    assert Worker(labelled.project).once()
    return labelled, labelled.project.store.cycles()[-1]


def test_it_says_what_the_history_says(trained: tuple[Any, Cycle]) -> None:
    made, cycle = trained
    image = cycle.ids[0]
    history = history_of(made.project, str(cycle.training))
    assert history is not None
    labels = [cycle.classes[c] for c in history.of([image])[:, 0]]
    told = why(made.project, image)
    assert told["labels"] == labels
    assert told["epochs"] == list(range(1, 21))
    assert told["dispersion"] == pytest.approx(1 - max(Counter(labels).values()) / 20)
    assert len(told["confidence"]) == 20
    assert 1 <= told["rank"] <= told["of"] == len(history.ids)
    assert f"In the end it said {labels[-1]}" in told["words"]


def test_an_image_that_was_embedded_after_a_training_is_told_of_by_the_next_on_the_same_labels(
    make_labelled: Any,
) -> None:
    made = make_labelled(embedded=80)
    made.add_classes()
    settle(made.project)
    made.label_some(12)
    _cycle_now(made)
    known = {str(i) for i in last_history(made.project)[1].ids}  # type: ignore[index]
    late = [i for i in sorted(made.truth) if i not in known and i not in made.project.ledger().labels]
    assert why(made.project, late[-1])["labels"] == []
    made.embed(late)
    _cycle_now(made)
    first, second = made.project.store.cycles()
    assert first.training == second.training
    assert len(why(made.project, late[-1])["labels"]) == 20


def _cycle_now(made: Any) -> None:
    request_cycle(made.project)
    assert Worker(made.project).once()


def test_ranks_follow_the_dispersion(trained: tuple[Any, Cycle]) -> None:
    made, _ = trained
    free = [i for i in made.truth if i not in made.project.ledger().labels][:30]
    told = sorted((why(made.project, i) for i in free), key=lambda one: one["rank"])
    assert all(a["dispersion"] >= b["dispersion"] for a, b in itertools.pairwise(told))


def test_test_images_cannot_be_told_by_it(trained: tuple[Any, Cycle]) -> None:
    made, cycle = trained
    test, other = why(made.project, counted_images(made.project)[0]), why(made.project, cycle.ids[0])
    assert test.keys() == other.keys()
    assert test["epochs"] == other["epochs"]
    assert (test["acquisition"], test["of"]) == (other["acquisition"], other["of"])
    assert test["words"].split(". ")[-1] == other["words"].split(". ")[-1]


def test_neighbours_are_labelled_and_nearest(trained: tuple[Any, Cycle]) -> None:
    made, cycle = trained
    for image in counted_images(made.project)[:10]:
        made.label(image)
    told = why(made.project, cycle.ids[0])["nearest"]
    labels = made.project.ledger().labels
    assert all(one["image"] in labels and one["class_id"] == labels[one["image"]] for one in told)
    assert not {one["image"] for one in told} & made.project.store.held_out()
    assert [one["distance"] for one in told] == sorted(one["distance"] for one in told)


def test_before_a_training_it_says_so(labelled: Any) -> None:
    told = why(labelled.project, next(iter(labelled.truth)))
    assert told["epochs"] == []
    assert told["labels"] == []
    assert told["words"] == "Nothing has been trained yet. Images are drawn at random."


def test_a_labelled_image_keeps_what_it_was_asked_for(trained: tuple[Any, Cycle]) -> None:
    made, cycle = trained
    before = why(made.project, cycle.ids[0])
    for image in cycle.ids[:3]:
        made.label(image)
    request_cycle(made.project)
    assert Worker(made.project).once()
    assert why(made.project, cycle.ids[0])["labels"] == before["labels"]


def test_the_grid_shows_one_class_the_surest_first_without_test_images(trained: tuple[Any, Cycle]) -> None:
    made, cycle = trained
    found = last_history(made.project)
    assert found is not None
    history = found[1]
    last = dict(zip(map(str, history.ids), history.labels[-1], strict=True))
    shown = grid(made.project, "bee", 12)
    assert shown
    assert all(one["predicted"] == "bee" == cycle.classes[last[one["image"]]] for one in shown)
    assert [one["confidence"] for one in shown] == sorted((one["confidence"] for one in shown), reverse=True)
    everything = {one["image"] for one in grid(made.project, "bee", 500)}
    assert not everything & (made.project.store.held_out() | made.project.ledger().labels.keys())
    most = grid(made.project, None, 1)[0]["predicted"]
    counts = {name: len(grid(made.project, name, 500)) for name in cycle.classes}
    assert counts[most] == max(counts.values())


def test_the_grid_leaves_out_what_is_before_somebody(trained: tuple[Any, Cycle]) -> None:
    made, _ = trained
    asked = {q.image for q in next_questions(made.project, "ann", 50)}
    assert not asked & {one["image"] for name in ("ant", "bee", "cat") for one in grid(made.project, name, 500)}


def test_there_is_no_grid_before_a_training(labelled: Any) -> None:
    assert grid(labelled.project, None, 10) == []


def test_a_merged_class_is_shown_under_its_new_one(trained: tuple[Any, Cycle]) -> None:
    made, _ = trained
    counts = [len(grid(made.project, name, 500)) for name in ("bee", "cat")]
    made.say("class_merged", class_id="cat", into="bee")
    assert len(grid(made.project, "bee", 500)) == sum(counts)


def test_old_trainings_are_removed_and_the_last_ones_kept(
    trained: tuple[Any, Cycle], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, cycle = trained
    folder = made.project.derived("artifacts") / "history"
    old = folder / "0123"
    old.mkdir()
    remove_old(made.project)
    assert old.exists(), f"there are not {KEPT} trainings yet"
    monkeypatch.setattr("swither.project.histories.KEPT", 1)
    remove_old(made.project)
    assert not old.exists()
    assert history_of(made.project, str(cycle.training)) is not None


def test_a_damaged_history_explains_nothing_and_breaks_nothing(trained: tuple[Any, Cycle]) -> None:
    made, cycle = trained
    for file in (made.project.derived("artifacts") / "history").glob("*/*/labels.npy"):
        file.write_bytes(b"broken")
    told = why(made.project, cycle.ids[0])
    assert told["epochs"] == []
    assert "did not look at" in told["words"]
