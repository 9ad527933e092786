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
    assert reason_for_cycle(made.project) == "40 images were answered since"
    _publish(made, 0, None)
    assert reason_for_cycle(made.project) is None, "nothing can be trained on yet"
    made.embed(sorted(made.truth)[:100])
    assert "labelled images are embedded, too few were" in reason_for_cycle(made.project)
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
    cycle = run_cycle(made.project, made.project.store.request_job("cycle", now()), lambda *_: None)
    assert cycle.training is None
    assert cycle.labelled >= 20
    _publish(made, cycle.labelled, None)
    assert reason_for_cycle(made.project) is None, "nothing can be trained on yet"
    made.embed([image for image in sorted(made.truth) if image not in made.project.ledger().labels][:9])
    assert reason_for_cycle(made.project) is None, "no label is embedded yet"
    made.embed(sorted(made.truth))
    assert "labelled images are embedded" in reason_for_cycle(made.project)


def test_answers_before_the_first_choice_count_towards_the_first_training(make_labelled):
    made = make_labelled(count=300)
    made.add_classes()
    made.label_some(12)
    _publish(made, 0, None)  # a choice by embeddings
    assert reason_for_cycle(made.project) is None
    made.label_some(8)
    assert "20 labelled images are embedded" in reason_for_cycle(made.project)
