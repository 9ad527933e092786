"""What counts as new since a training: also what was taken back, and nothing that stands as it stood."""

from __future__ import annotations

from swither.project.clock import now
from swither.project.due import reason_for_cycle
from swither.project.news import News, news_since
from swither.project.records import Cycle


def test_labels_that_are_taken_back_after_a_training_count_and_are_told(labelled):
    images = sorted(labelled.truth)[:5]
    given = [labelled.label(image) for image in images]
    held = frozenset([images[4]])
    trained = labelled.project.ledger().sequence
    assert news_since(labelled.project, 0, held) == News(4, 0, 0)
    assert news_since(labelled.project, trained, held) == News(0, 0, 0)
    labelled.say("undone", undoes=given[0].event)
    labelled.say("undone", undoes=given[4].event)  # tests: no training is outdated by it
    labelled.label(images[1], "ant")
    labelled.label(sorted(labelled.truth)[5])
    found = news_since(labelled.project, trained, held)
    assert found == News(1, 1, 1)
    assert found.all == 3
    assert found.outdated() == "1 answer changed and 1 answer taken back"


def test_what_is_given_and_taken_back_since_is_no_news(labelled):
    first, second = sorted(labelled.truth)[:2]
    standing = labelled.label(first)
    trained = labelled.project.ledger().sequence
    labelled.say("undone", undoes=labelled.label(second).event)
    undone = labelled.say("undone", undoes=standing.event)
    assert news_since(labelled.project, trained, frozenset()) == News(0, 0, 1)
    labelled.say("undone", undoes=undone.event)
    labelled.say("skipped", image=second)
    assert news_since(labelled.project, trained, frozenset()) == News(0, 0, 0)


def test_a_sheet_that_is_withdrawn_after_a_training_asks_for_another_one(make_labelled):
    made = make_labelled(count=200, retrain_after=10)
    made.add_classes()
    made.label_some(30)
    sheet = [made.label(image) for image in sorted(set(made.truth) - set(made.project.ledger().labels))[:10]]
    store = made.project.store
    job = store.request_job("cycle", now())
    store.take_job("w", now(), now(60))
    facts = {"embedded": 200}
    assert store.publish(Cycle(job.number, 0, made.project.ledger().sequence, 40, (), (), "trained", facts), "w")
    assert reason_for_cycle(made.project) is None
    for event in sheet:
        made.say("undone", undoes=event.event)
    assert reason_for_cycle(made.project) == "10 images were answered since"
