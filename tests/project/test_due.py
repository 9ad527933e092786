from __future__ import annotations

from swither.project.clock import now
from swither.project.cycle import run_cycle
from swither.project.due import reason_for_cycle
from swither.project.indexing import NOTE as INDEXING
from swither.project.records import Cycle


def _publish(made, labelled, training):
    store = made.project.store
    job = store.request_job("cycle", now())
    store.take_job("w", now(), now(60))
    cycle = Cycle(job.number, 0, made.project.ledger().sequence, labelled, (), (), training, {"embedded": labelled})
    assert store.publish(cycle, "w")


def test_labels_that_were_not_embedded_when_a_cycle_ran_wait_for_more_labels(make_labelled):
    made = make_labelled(count=200, embedded=0)
    made.add_classes()
    made.label_some(40)
    assert reason_for_cycle(made.project) is None, "they may be embedded soon"
    made.project.store.set_note(INDEXING, {"running": False})
    assert reason_for_cycle(made.project) == "40 images were answered since"
    _publish(made, 0, None)
    assert reason_for_cycle(made.project) is None, "nothing can be trained on yet"
    made.embed(sorted(made.truth)[:100])
    assert "labelled images are embedded" in reason_for_cycle(made.project)
    _publish(made, 40, "trained")
    assert reason_for_cycle(made.project) is None


def test_every_few_images_that_are_read_ask_for_a_training_while_a_folder_is_read(make_labelled):
    made = make_labelled(count=300)
    made.add_classes()
    made.label_some(200)
    made.project.store.set_note(INDEXING, {"running": True})
    _publish(made, 150, "trained")
    assert reason_for_cycle(made.project) is None
    made.project.store.set_note(INDEXING, {"running": False})
    assert reason_for_cycle(made.project) == "200 labelled images are embedded, 150 were"


def test_labels_enough_for_a_training_are_trained_on_once_they_are_embedded(make_labelled):
    made = make_labelled(count=100, embedded=0)
    made.add_classes()
    made.label_some(30)
    cycle = run_cycle(made.project, made.project.store.request_job("cycle", now()), lambda *_: None)  # by the button
    assert cycle.training is None
    assert cycle.labelled >= 20
    _publish(made, cycle.labelled, None)
    made.project.store.set_note(INDEXING, {"running": True})
    labelled = sorted(made.project.ledger().labels)
    made.embed([*labelled[:12], *sorted(made.truth.keys() - set(labelled))])
    assert reason_for_cycle(made.project) is None, "too few labels are embedded, and the folder is being read"
    made.embed(labelled[12:])
    assert "labelled images are embedded" in reason_for_cycle(made.project)


def test_a_folder_of_which_few_labelled_images_can_be_embedded_is_trained_on_when_it_is_read(make_labelled):
    made = make_labelled(count=100, embedded=0)
    made.add_classes()
    some = made.label_some(30)
    made.embed(some[:12])
    made.project.store.set_note(INDEXING, {"running": True})
    assert reason_for_cycle(made.project) is None
    made.project.store.set_note(INDEXING, {"running": False})
    assert reason_for_cycle(made.project) == "12 labelled images are embedded"


def test_answers_before_the_first_choice_count_towards_the_first_training(make_labelled):
    made = make_labelled(count=300)
    made.add_classes()
    made.label_some(12)
    _publish(made, 0, None)  # a choice by embeddings
    assert reason_for_cycle(made.project) is None
    made.label_some(8)
    assert reason_for_cycle(made.project) == "20 labelled images are embedded"
