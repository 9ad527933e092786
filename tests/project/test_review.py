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


def test_no_test_label_is_corrected_because_its_image_looks_like_the_new_class(labelled: Any) -> None:
    labelled.say("class_merged", class_id="bee", into="ant")
    held = settle(labelled.project)
    for image in sorted(labelled.truth)[:80]:
        labelled.label(image, "cat" if labelled.truth[image] == "cat" else "ant")
    labelled.say("class_added", class_id="new", text="hornet")
    for image in bees(labelled, answered=False)[:4]:
        labelled.label(image, "new")
    found = {one["image"] for one in review_queue(labelled.project)}
    assert held & set(bees(labelled, answered=True))
    assert found
    assert not found & held


def test_an_image_that_is_labelled_again_leaves_the_list(without_bees: Any) -> None:
    for image in bees(without_bees, answered=False)[:4]:
        without_bees.label(image, "new")
    first = review_queue(without_bees.project)[0]
    without_bees.label(first["image"], first["class_id"])
    assert first["image"] not in {one["image"] for one in review_queue(without_bees.project)}


def test_images_that_test_are_corrected_where_they_resemble_a_new_class(without_bees: Any) -> None:
    held = without_bees.project.store.held_out()
    ledger = without_bees.project.ledger()
    tests = [i for i in sorted(held) if without_bees.truth[i] == "bee"]
    without_bees.say("class_added", class_id="newer", text="wasp")
    assert tests
    assert ledger.label_of(tests[0]) is None
    for image in tests:
        without_bees.label(image, "ant")
    without_bees.say("class_added", class_id="newest", text="hoverfly")
    for image in bees(without_bees, answered=False)[:4]:
        without_bees.label(image, "newest")
    found = {one["image"] for one in review_queue(without_bees.project)}
    assert found
    assert not found & held


def test_nothing_is_compared_where_all_classes_came_before_the_labels(
    labelled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    labelled.label_some(30)
    monkeypatch.setattr(review, "directions", lambda *_: pytest.fail("embeddings were compared"))
    assert review_queue(labelled.project) == []


def test_the_list_is_made_again_though_nothing_was_said(without_bees: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for image in bees(without_bees, answered=False)[:4]:
        without_bees.label(image, "new")
    first = review_queue(without_bees.project)
    with monkeypatch.context() as never:
        never.setattr(review, "_queue", lambda *_: pytest.fail("made again"))
        assert review_queue(without_bees.project) == first
    without_bees.label(first[0]["image"], first[0]["class_id"])
    assert review_queue(without_bees.project) != first


def test_each_image_is_compared_with_each(make_labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With many labels the examples of a class are a part of it, and the list is much the same."""
    made = make_labelled(600, test_limit=0)
    made.add_classes()
    made.say("class_merged", class_id="bee", into="ant")
    ids = sorted(made.truth)
    for image in ids[:500]:
        made.label(image, "cat" if made.truth[image] == "cat" else "ant")
    made.say("class_added", class_id="new", text="hornet")
    for image in [i for i in ids[500:] if made.truth[i] == "bee"]:
        made.label(image, "new")
    whole = review_queue(made.project)
    compared: list[int] = []
    before = review._Labelled.nearest

    def spy(self: Any, rows: Any, class_id: str) -> Any:
        compared.append(len(rows) * len(self.examples[class_id]))
        return before(self, rows, class_id)

    monkeypatch.setattr(review._Labelled, "nearest", spy)
    monkeypatch.setattr(review, "MOST_EXAMPLES", 90)
    review._known.clear()
    part = review_queue(made.project)
    assert sum(compared) <= 500 * 30 + 90 * 30
    for found in (whole, part):
        assert sum(made.truth[one["image"]] == "bee" for one in found) > 0.8 * len(found) > 20


def test_labels_that_look_wrong_come_up_too(labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from swither.project.suspects import Suspect

    image = labelled.label_some(1)[0]
    suspect = Suspect(image, "ant", "bee", 0.9, -2.0, 0.1, -1.0)
    monkeypatch.setattr(review, "suspects", lambda _: (suspect, suspect))
    found = review_queue(labelled.project)
    assert [(one["image"], one["reason"], one["suggested"]) for one in found] == [(image, "suspect", "bee")]
    assert found[0]["words"].startswith("Labelled ant, perhaps bee.")
