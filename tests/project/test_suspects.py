from __future__ import annotations

import json

import pytest

from swither.project import suspects as room
from swither.project.clock import now
from swither.project.records import Question
from swither.project.suspects import LEAST, Interrupted, check_due, find_suspects, suspects


def _with_planted(make_labelled, wrong=3, count=90):
    made = make_labelled(count=160)
    made.add_classes()
    images = made.label_some(count)
    other = {"ant": "bee", "bee": "cat", "cat": "ant"}
    for image in images[:wrong]:
        made.label(image, other[made.truth[image]])
    return made, images, set(images[:wrong])


def test_planted_labels_are_not_found_or_the_truth_is_not_suggested(make_labelled):
    made, _, wrong = _with_planted(make_labelled)
    assert check_due(made.project)
    found = find_suspects(made.project)
    assert wrong <= {one.image for one in found}
    assert all(one.suggested == made.truth[one.image] for one in found if one.image in wrong)
    assert [one.doubt for one in found] == sorted((one.doubt for one in found), reverse=True)
    assert not check_due(made.project)
    assert suspects(made.project) == found


def test_a_label_that_was_corrected_is_still_suspect(make_labelled):
    made, _, wrong = _with_planted(make_labelled)
    find_suspects(made.project)
    corrected = sorted(wrong)[0]
    made.label(corrected)
    assert corrected not in {one.image for one in suspects(made.project)}
    assert check_due(made.project)


def test_a_label_that_a_person_confirmed_comes_up_again(make_labelled):
    made, _, wrong = _with_planted(make_labelled)
    find_suspects(made.project)
    image = sorted(wrong)[0]
    made.project.store.put_questions([Question("asked", image, "review", "ann", now(), now())])
    made.label(image, made.project.ledger().label_of(image), query="asked")
    assert image not in {one.image for one in suspects(made.project)}
    assert image not in {one.image for one in find_suspects(made.project)}


def test_classes_merged_since_are_suggested_as_they_were(make_labelled):
    made, _, _ = _with_planted(make_labelled)
    find_suspects(made.project)
    made.say("class_merged", class_id="bee", into="ant")
    for one in suspects(made.project):
        assert "bee" not in (one.class_id, one.suggested)
        assert one.class_id != one.suggested


def test_test_images_are_reviewed_where_the_network_contradicts_them(make_labelled):
    made, _, wrong = _with_planted(make_labelled)
    held = sorted(wrong)[0]
    made.project.store.hold_out([held])
    assert held not in {one.image for one in find_suspects(made.project)}


def test_few_labels_are_checked(make_labelled):
    made = make_labelled(count=160)
    made.add_classes()
    made.label_some(LEAST - 1)
    assert not check_due(made.project)
    assert find_suspects(made.project) == ()


def test_a_check_that_is_given_up_leaves_something_half_done(make_labelled):
    made, _, _ = _with_planted(make_labelled)
    with pytest.raises(Interrupted):
        find_suspects(made.project, stop=lambda: True)
    assert suspects(made.project) == ()
    assert check_due(made.project)


def test_a_damaged_file_of_suspects_stops_the_page(make_labelled):
    made, _, _ = _with_planted(make_labelled)
    before = find_suspects(made.project)
    path = room.suspects_path(made.project)
    path.write_text(json.dumps({"format": "else"}))
    assert suspects(made.project) == ()
    assert check_due(made.project)
    assert find_suspects(made.project) == before


def test_the_only_label_of_a_class_is_suspect(make_labelled):
    made, images, _ = _with_planted(make_labelled, wrong=0)
    made.say("class_added", class_id="yak", text="yak")
    made.label(images[0], "yak")
    assert images[0] not in {one.image for one in find_suspects(made.project)}
