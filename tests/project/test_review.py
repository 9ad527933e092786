"""Review: earlier images that may belong to a class that came later."""

from __future__ import annotations

from typing import Any

import pytest

from swither.project import review
from swither.project.held_out import settle
from swither.project.review import review_queue


@pytest.fixture
def without_bees(labelled: Any) -> Any:
    """Bees were labelled as ants, before anybody thought of bees."""
    labelled.say("class_merged", class_id="bee", into="ant")
    held = settle(labelled.project)
    free = [i for i in sorted(labelled.truth) if i not in held]
    for image in free[:60]:
        labelled.label(image, "cat" if labelled.truth[image] == "cat" else "ant")
    labelled.say("class_added", class_id="new", text="hornet")
    return labelled


def bees(made: Any, answered: bool) -> list[str]:
    labels = made.project.ledger().labels
    return [i for i in sorted(made.truth) if made.truth[i] == "bee" and (i in labels) == answered]


def test_nothing_comes_up_before_the_new_class_has_examples(without_bees: Any) -> None:
    assert review_queue(without_bees.project) == []
    without_bees.label(bees(without_bees, answered=False)[0], "new")
    assert review_queue(without_bees.project) == []


def test_earlier_images_that_look_like_the_new_class_come_up(without_bees: Any) -> None:
    earlier = bees(without_bees, answered=True)
    for image in bees(without_bees, answered=False)[:4]:
        without_bees.label(image, "new")
    found = review_queue(without_bees.project)
    hits = [one["image"] in earlier for one in found]
    assert hits
    assert sum(hits) / len(hits) > 0.7
    assert found[0]["reason"] == "new class"
    assert {one["suggested"] for one in found} == {"new"}
    assert "hornet was added after this was labelled" in found[0]["words"]


def test_an_image_that_is_labelled_again_leaves_the_list(without_bees: Any) -> None:
    for image in bees(without_bees, answered=False)[:4]:
        without_bees.label(image, "new")
    first = review_queue(without_bees.project)[0]
    without_bees.label(first["image"], first["class_id"])
    assert first["image"] not in {one["image"] for one in review_queue(without_bees.project)}


def test_labels_that_look_wrong_come_up_too(labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from swither.project.suspects import Suspect

    image = labelled.label_some(1)[0]
    suspect = Suspect(image, "ant", "bee", 0.9, -2.0, 0.1, -1.0)
    monkeypatch.setattr(review, "suspects", lambda _: (suspect, suspect))
    found = review_queue(labelled.project)
    assert [(one["image"], one["reason"], one["suggested"]) for one in found] == [(image, "suspect", "bee")]
    assert found[0]["words"].startswith("Labelled ant, perhaps bee.")
