"""The accuracy: the beginning of a uniform order, whatever somebody looked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from swither.project import accuracy
from swither.project.accuracy import accuracy_by_now, counted_labels, measured, note_of
from swither.project.clock import now
from swither.project.held_out import counted_images, settle
from swither.project.records import Cycle, Question
from swither.project.status import status_of, where_it_stands
from swither.statistics.proportion import wilson_interval
from swither.web.workspace import Workspace


@pytest.mark.parametrize("seed", range(5))
def test_right_and_counted_are_those_of_a_plain_count(seed: int) -> None:
    draw = np.random.default_rng(seed)
    truth = {str(n): "abc"[draw.integers(3)] for n in range(40) if draw.random() < 0.7}
    predicted = {str(n): "abc"[draw.integers(3)] for n in range(40) if draw.random() < 0.9}
    found = measured(truth, predicted)
    both = [i for i in truth if i in predicted]
    right = [i for i in both if truth[i] == predicted[i]]
    assert found is not None
    assert (found.right, found.counted) == (len(right), len(both))
    assert (found.low, found.high) == wilson_interval(len(right), len(both))[:2]
    for name, (ours, counted) in found.per_class.items():
        assert counted == sum(truth[i] == name for i in both)
        assert ours == sum(truth[i] == name for i in right)


def test_no_answer_is_no_accuracy() -> None:
    assert measured({}, {"a": "ant"}) is None
    assert measured({"a": "ant"}, {}) is None


def test_a_label_found_by_looking_counts_only_once_the_asking_has_come_past_it(labelled: Any) -> None:
    settle(labelled.project)
    order = counted_images(labelled.project)
    labelled.label(order[5])
    assert counted_labels(labelled.project, labelled.project.ledger(), ()) == ({}, 0)
    labelled.label(order[0])
    assert set(counted_labels(labelled.project, labelled.project.ledger(), ())[0]) == {order[0]}
    labelled.project.store.put_questions([Question("t", order[8], "test", "ann", now(), now(60))])
    labelled.label(order[8], query="t")
    assert set(counted_labels(labelled.project, labelled.project.ledger(), ())[0]) == {order[0], order[5], order[8]}


def test_declined_test_images_do_not_stop_the_count(labelled: Any) -> None:
    settle(labelled.project)
    order = counted_images(labelled.project)
    labelled.say("declined", image=order[0], text="cannot tell")
    labelled.label(order[1])
    assert set(counted_labels(labelled.project, labelled.project.ledger(), ())[0]) == {order[1]}


def test_a_test_image_with_a_near_copy_in_the_training_is_left_out(
    labelled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(labelled.project)
    order = counted_images(labelled.project)
    for image in order[:3]:
        labelled.label(image)
    monkeypatch.setattr(accuracy, "near_copies", lambda _: {order[1]: "g", "f" * 32: "g"})
    labels, left_out = counted_labels(labelled.project, labelled.project.ledger(), ["f" * 32])
    assert (set(labels), left_out) == ({order[0], order[2]}, 1)


def test_the_status_the_page_and_the_exported_model_tell_one_accuracy(labelled: Any) -> None:
    settle(labelled.project)
    store, order = labelled.project.store, counted_images(labelled.project)
    labelled.label(order[0])
    store.request_job("cycle", now())
    store.take_job("w", now(), now(60))
    then = {"right": 1, "counted": 1, "low": 0.2, "high": 1.0}
    trained = Cycle(1, 1, labelled.project.ledger().sequence, 20, (), (), "key", {"accuracy": then}, now())
    assert store.publish(trained, "w")
    assert accuracy_by_now(labelled.project, trained) == then, "where no predictions are kept, as it was measured"
    wrong = next(name for name in labelled.truth.values() if name != labelled.truth[order[1]])
    predicted = {image: labelled.truth[image] for image in order} | {order[1]: wrong}
    store.set_note(note_of("key"), {"predicted": predicted})
    labelled.label(order[1])
    live = accuracy_by_now(labelled.project, trained)
    assert live is not None
    assert (live["right"], live["counted"]) == (1, 2)
    status, workspace = status_of(labelled.project), Workspace(labelled.project, "Ailsa")
    assert status.accuracy == live == workspace.tested()[1]
    assert "right on 1 of 2 test images" in "\n".join(where_it_stands(labelled.project, status))
