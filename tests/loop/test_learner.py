from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swither.acquisition import ACQUISITIONS
from swither.data import ImageSet
from swither.errors import InputError, UnknownIds, UnknownName
from swither.files import key_of
from swither.loop import EventFile, LabelEvent, Learner, SimulatedAnnotator, Trainings, run
from swither.loop import trainings as trainings_module

MakeLearner = Callable[..., Learner]


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the trainings that really ran: one entry each, the number of labelled images."""
    counted: list[int] = []
    real = trainings_module.fit

    def counting(model: Any, images: ImageSet, *arguments: Any, **options: Any) -> Any:
        counted.append(len(images))
        return real(model, images, *arguments, **options)

    monkeypatch.setattr(trainings_module, "fit", counting)
    return counted


def test_without_labels_the_first_batch_is_a_random_draw_without_training(
    make_learner: MakeLearner, fits: list[int]
) -> None:
    draws = {make_learner(seed=seed, folder=str(seed)).ask(5) for seed in range(4)}
    assert len(draws) == 4
    assert fits == []


def test_every_method_of_a_seed_starts_from_the_same_images(make_learner: MakeLearner) -> None:
    assert len({make_learner(name, folder=name).ask(9) for name in ("margin", "random", "kcenter", "dispersion")}) == 1


def test_asking_again_without_new_events_gives_the_same_batch_without_training(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, fits: list[int]
) -> None:
    learner = make_learner()
    learner.tell(annotator.answer(learner.ask(20)))
    batch = learner.ask(6)
    assert fits == [20]
    assert learner.ask(6) == batch
    assert learner.ask(4) == batch[:4]
    assert make_learner().ask(6) == batch  # another process, the same folder
    assert fits == [20]


def test_a_larger_count_ranks_again_from_what_is_stored_and_keeps_the_first_ids(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, fits: list[int]
) -> None:
    learner = make_learner("dispersion")
    learner.tell(annotator.answer(learner.ask(20)))
    batch = learner.ask(6)
    assert learner.ask(11)[:6] == batch
    assert fits == [20]


def test_the_same_label_told_again_trains_nothing_and_writes_nothing(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, fits: list[int], tmp_path: Path
) -> None:
    learner = make_learner()
    answers = annotator.answer(learner.ask(20))
    learner.tell(answers)
    batch, written = learner.ask(5), (tmp_path / "learner" / "events.jsonl").read_bytes()
    learner.tell(answers)
    assert learner.ask(5) == batch
    assert fits == [20]
    assert (tmp_path / "learner" / "events.jsonl").read_bytes() == written


def test_part_of_a_batch_and_ids_never_asked_may_be_told(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, digits: ImageSet
) -> None:
    learner = make_learner()
    first = learner.ask(20)
    never_asked = next(str(i) for i in digits.ids if str(i) not in first)
    learner.tell(annotator.answer([*first[:12], never_asked]))
    standing = learner.standing()
    assert set(standing.labels) == {*first[:12], never_asked}
    batch = learner.ask(10)
    assert not set(batch) & set(standing.labels)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"0" * 32: "1"}, UnknownIds),
        ([LabelEvent("declined", "nobody")], UnknownIds),
        ("first: eleven", UnknownName),
    ],
)
def test_an_unknown_id_or_class_is_refused_before_anything_is_written(
    make_learner: MakeLearner, answers: Any, error: type[Exception], tmp_path: Path
) -> None:
    learner = make_learner()
    known = learner.ask(2)
    told = {known[0]: "1", known[1]: "eleven"} if answers == "first: eleven" else answers
    with pytest.raises(error):
        learner.tell(told)
    assert not (tmp_path / "learner" / "events.jsonl").exists()


def test_declined_images_leave_the_pool_and_are_never_trained_on(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, fits: list[int]
) -> None:
    learner = make_learner()
    first = learner.ask(30)
    learner.tell([LabelEvent("declined", i) for i in first[:10]])
    learner.tell(annotator.answer(first[10:]))
    asked = learner.ask(90)
    assert fits == [20]
    assert len(asked) == 90
    assert not set(asked) & set(first)
    with pytest.raises(InputError, match="expected 1 to 90"):
        learner.ask(91)


def test_a_withdrawn_label_brings_the_image_back_into_the_pool(
    make_learner: MakeLearner, annotator: SimulatedAnnotator
) -> None:
    learner = make_learner()
    first = learner.ask(20)
    learner.tell(annotator.answer(first))
    learner.tell([LabelEvent("withdrawn", first[0])])
    assert first[0] in learner.ask(101)


def test_ids_answered_while_it_worked_are_not_in_the_batch(
    make_learner: MakeLearner, annotator: SimulatedAnnotator
) -> None:
    quiet = make_learner(folder="quiet")
    quiet.tell(annotator.answer(quiet.ask(20)))
    expected = quiet.ask(8)
    learner: Learner

    def answer_meanwhile(cycle: int, what: str, done: int, total: int) -> None:
        if what == "selecting" and done and learner.standing().labels:
            learner.tell({expected[0]: "3"})
            learner.tell([LabelEvent("declined", expected[2])])

    learner = make_learner(folder="busy", progress=answer_meanwhile)
    learner.tell(annotator.answer(learner.ask(20)))
    assert learner.ask(8) == (expected[1], *expected[3:])


@pytest.mark.parametrize("count", [0, -1, 121])
def test_an_impossible_count_is_refused_with_what_is_possible(make_learner: MakeLearner, count: int) -> None:
    with pytest.raises(InputError, match="expected 1 to 120"):
        make_learner().ask(count)


def test_the_oracle_is_refused_where_nobody_may_know_the_labels(
    make_learner: MakeLearner, annotator: SimulatedAnnotator
) -> None:
    learner = make_learner("oracle")
    learner.tell(annotator.answer(learner.ask(20)))
    with pytest.raises(InputError, match="true labels"):
        learner.ask(5)


def test_the_learner_never_sees_the_labels_of_the_images_that_it_is_given(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, digits: ImageSet
) -> None:
    asked = []
    for name, images in (("true", digits), ("none", digits.without_labels())):
        learner = make_learner("dispersion", folder=name, images=images)
        learner.tell(annotator.answer(learner.ask(20)))
        asked.append(learner.ask(10))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("name", [name for name in ACQUISITIONS if name != "random"])
def test_source_order_and_order_of_telling_change_nothing_through_a_whole_cycle(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, digits: ImageSet, name: str
) -> None:
    shuffled = digits.take(np.random.default_rng(5).permutation(len(digits)))
    in_order = shuffled.take(np.argsort(shuffled.ids))  # what opening a shuffled source gives
    asked = []
    for folder, images, turn in (("one", digits, 1), ("other", in_order, -1)):
        reveal = annotator.reveal if name == "oracle" else None
        learner = make_learner(name, folder=folder, images=images, reveal=reveal)
        answers = annotator.answer(learner.ask(20)[::turn])
        for image, label in answers.items():
            learner.tell({image: label})
        asked.append(learner.ask(12))
    assert asked[0] == asked[1]


def test_methods_share_the_first_training_because_their_keys_are_equal(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, fits: list[int], tmp_path: Path
) -> None:
    trainings = Trainings(tmp_path / "shared")
    for name in ("margin", "entropy", "kcenter"):
        learner = make_learner(name, folder=name, trainings=trainings)
        learner.tell(annotator.answer(learner.ask(20)))
        learner.ask(5)
    assert fits == [20]


def test_a_run_that_lost_its_batches_makes_the_same_ones_again(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, fits: list[int], tmp_path: Path
) -> None:
    counts = (20, 5, 5)
    standings = [s.key for s in run(make_learner(), annotator, counts)]
    batches = (tmp_path / "learner" / "batches.jsonl").read_text()
    trained = len(fits)
    (tmp_path / "learner" / "batches.jsonl").unlink()
    assert [s.key for s in run(make_learner(), annotator, counts)] == standings
    assert len(fits) == trained
    lost = [line.split('"ids"')[1].split("]")[0] for line in batches.splitlines()]
    made = (tmp_path / "learner" / "batches.jsonl").read_text().splitlines()
    assert [line.split('"ids"')[1].split("]")[0] for line in made] == lost


def test_events_of_a_run_name_the_batch_that_they_answer(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, tmp_path: Path
) -> None:
    list(run(make_learner("random"), annotator, (6, 3, 3)))
    events = EventFile(tmp_path / "learner" / "events.jsonl").read()
    assert [event.batch for event in events] == [0] * 6 + [1] * 3 + [2] * 3


def test_another_learner_in_the_same_folder_gets_its_own_batch(
    make_learner: MakeLearner, annotator: SimulatedAnnotator
) -> None:
    learner = make_learner("margin")
    learner.tell(annotator.answer(learner.ask(20)))
    asked = {name: make_learner(name).ask(10) for name in ("margin", "kcenter", "dispersion")}
    assert len(set(asked.values())) == 3


def test_an_image_that_left_the_pool_unasked_costs_no_training(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, fits: list[int]
) -> None:
    learner = make_learner("dispersion")
    learner.tell(annotator.answer(learner.ask(20)))
    batch = learner.ask(5)
    unasked = next(str(i) for i in learner.pool(learner.standing()).ids if str(i) not in batch)
    learner.tell([LabelEvent("declined", unasked)])
    assert learner.ask(5) == batch
    assert fits == [20]


def test_an_event_cannot_claim_to_answer_a_batch_that_never_asked_for_it(make_learner: MakeLearner) -> None:
    learner = make_learner()
    asked = learner.ask(5)
    with pytest.raises(InputError, match="answers batch 77"):
        learner.tell([LabelEvent("labelled", asked[0], "1", batch=77)])
    assert learner.standing().cycle == 0
    learner.tell([LabelEvent("labelled", asked[0], "1", batch=0)])
    assert len(learner.standing().labels) == 1


def test_a_batch_that_was_lost_is_rebuilt_from_the_events_that_answer_it_not_chosen_anew(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, tmp_path: Path
) -> None:
    """On another machine the choice might come out otherwise, and labels would stand beside labels."""
    first = make_learner("margin")
    asked = [first.batch(0, 20)]
    first.tell(annotator.answer(asked[0]))
    asked.append(first.batch(1, 5))
    first.tell(annotator.answer(asked[1]))
    (tmp_path / "learner" / "batches.jsonl").unlink()
    other_machine = make_learner("margin", trainings=Trainings(tmp_path / "elsewhere"))
    assert [set(other_machine.batch(number, len(batch))) for number, batch in enumerate(asked)] == [
        set(batch) for batch in asked
    ]


@pytest.mark.parametrize("answers", [["an id"], [("an id", "1")]])
def test_answers_of_another_form_are_refused_in_words(make_learner: MakeLearner, answers: Any) -> None:
    with pytest.raises(InputError, match="mapping from id to class name"):
        make_learner().tell(answers)


@pytest.mark.parametrize("count", ["5", 2.0, True])
def test_a_count_that_is_no_whole_number_is_refused_in_words(make_learner: MakeLearner, count: Any) -> None:
    with pytest.raises(InputError, match="whole number"):
        make_learner().ask(count)


def test_no_images_may_not_be_asked_for_even_when_a_batch_is_at_hand(make_learner: MakeLearner) -> None:
    learner = make_learner()
    learner.ask(5)
    with pytest.raises(InputError, match="expected 1 to 120"):
        learner.ask(0)


def test_a_misspelt_acquisition_is_named_at_once(make_learner: MakeLearner) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'margin'"):
        make_learner("marign")


def test_a_function_of_the_users_own_asks_again_where_its_file_has_changed(
    make_learner: MakeLearner, annotator: SimulatedAnnotator, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("def sure(probabilities):\n    return probabilities.max(axis=1)\n")
    learner = make_learner(f"{mine}:sure")
    learner.tell(annotator.answer(learner.ask(20)))
    surest = learner.ask(5)
    assert make_learner(f"{mine}:sure").ask(5) == surest
    mine.write_text("def sure(probabilities):\n    return -probabilities.max(axis=1)\n")
    other = make_learner("least-confidence", folder="other")
    other.tell(annotator.answer(other.ask(20)))
    assert make_learner(f"{mine}:sure").ask(5) == other.ask(5)


def test_a_first_version_has_the_key_it_always_had_and_a_later_one_another(
    make_learner: MakeLearner, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = make_learner("margin")
    first = learner._key(learner.standing())
    values = {**asdict(learner.settings), "recipe": learner.settings.recipe.values}
    values = {name: values[name] for name in values.keys() - {"record", "record_folded"}}  # came later
    assert first == key_of(learner.standing().key, values, learner._images_key)
    monkeypatch.setattr(learner, "acquisition", replace(learner.acquisition, version=2))
    assert learner._key(learner.standing()) != first
