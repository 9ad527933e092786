"""A cycle: the experiments' learner on a project's labels, measured on what it never saw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from swither.loop import Learner, SimulatedAnnotator
from swither.loop.trainings import Trainings, TrainingTask
from swither.project import cycle as cycle_module
from swither.project import held_out
from swither.project.accuracy import live, note_of
from swither.project.clock import now
from swither.project.cycle import learner_settings, make_plan, run_cycle
from swither.project.due import request_cycle
from swither.project.embeddings import image_set, look_again
from swither.project.held_out import counted_images, settle
from swither.project.histories import history_of
from swither.project.notes import WALKED
from swither.project.plan import Plan, plan_path
from swither.project.records import Cycle, Job
from swither.project.worker import Worker

pytestmark = pytest.mark.usefixtures("quick", "no_indexing")


def quietly(what: str, done: int, of: int) -> None:
    """Nobody watches."""


def done(made: Any) -> Cycle:
    """Ask for a cycle and do it."""
    request_cycle(made.project)
    worker = Worker(made.project)
    assert worker.once()
    jobs = made.project.store.jobs(1)
    assert jobs[0].state == "done", jobs[0].error
    return made.project.store.cycles()[-1]


def taken(made: Any, worker: str = "w") -> Job:
    request_cycle(made.project)
    job = made.project.store.take_job(worker, now(), now(30))
    assert job is not None
    return job


def test_held_out_ids_occur_in_no_training_and_no_batch(labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[str] = set()
    before = TrainingTask.__init__

    def spy(self: Any, labels: Any, settings: Any, number: int) -> None:
        seen.update(map(str, labels.ids))
        before(self, labels, settings, number)

    monkeypatch.setattr(TrainingTask, "__init__", spy)
    for image in labelled.truth:
        if len(labelled.project.ledger().labels) < 60:
            labelled.label(image)
    one = done(labelled)
    held = labelled.project.store.held_out()
    assert len(held) > 15
    assert seen
    assert not seen & held
    assert not set(one.ids) & held
    assert one.labelled == sum(i not in held for i in labelled.project.ledger().labels) == len(seen)


def test_it_chooses_what_the_learner_of_experiments_chooses(labelled: Any, tmp_path: Any) -> None:
    """Same images, labels and settings: the same ids in the same order."""
    project = labelled.project
    settle(project)
    told = labelled.label_some(15)
    one = done(labelled)
    images = image_set(project, one.classes, project.store.held_out())
    learner = Learner(images, learner_settings(project), tmp_path / "experiment")
    learner.tell({image: labelled.truth[image] for image in told})
    assert one.ids == learner.ask(60)
    assert one.training == learner.trained().key


def test_the_accuracy_is_that_of_the_network_on_the_held_out_labels(labelled: Any) -> None:
    assert len(settle(labelled.project)) > 15
    for image in [*list(labelled.truth)[:60], *counted_images(labelled.project)[:10]]:
        labelled.label(image)
    one = done(labelled)
    project, held = labelled.project, labelled.project.store.held_out()
    predicted = project.store.note(note_of(str(one.training)))["predicted"]
    counted = [i for i in held if project.ledger().label_of(i)]
    right = sum(predicted[i] == labelled.truth[i] for i in counted)
    accuracy = one.facts["accuracy"]
    order = counted_images(project)
    prefix = next((n for n, i in enumerate(order) if i not in counted), len(order))
    assert 10 <= accuracy["counted"] == prefix < len(counted), "those behind the first without an answer do not count"
    assert accuracy["right"] <= right
    assert accuracy["low"] < accuracy["right"] / accuracy["counted"] <= accuracy["high"]


def test_the_network_that_is_measured_is_the_one_that_was_trained(labelled: Any) -> None:
    """Predicted again from the stored weights."""
    from swither.training.clean_pass import predict_labels

    for image in labelled.truth:
        labelled.label(image)
    one = done(labelled)
    project, held = labelled.project, sorted(labelled.project.store.held_out())
    known = [i for i in labelled.truth if i not in held]
    images = image_set(project, one.classes)
    rows = images.labelled(known, [one.classes.index(labelled.truth[i]) for i in known])
    trained = Trainings(project.derived("artifacts")).find(TrainingTask(rows, learner_settings(project), 0))
    assert trained is not None
    labels = predict_labels(trained.model, images.take(images.positions(held)), trained.normalisation)
    predicted = {i: one.classes[label] for i, label in zip(held, labels, strict=True)}
    assert predicted == project.store.note(note_of(str(one.training)))["predicted"]
    assert one.facts["accuracy"]["right"] == sum(predicted[i] == labelled.truth[i] for i in held)
    assert one.ids == (), "every image has an answer"


def test_test_images_without_a_label_are_recorded_like_the_pool(labelled: Any) -> None:
    settle(labelled.project)
    labelled.label_some(12)
    one = done(labelled)
    history = history_of(labelled.project, str(one.training))
    assert history is not None
    assert labelled.project.store.held_out() <= {str(i) for i in history.ids}
    assert history.epochs == one.facts["recordings"]


def test_labels_given_later_count_in_the_live_accuracy(labelled: Any) -> None:
    settle(labelled.project)
    labelled.label_some(12)
    one = done(labelled)
    assert one.facts["accuracy"] is None
    assert live(labelled.project, one) is None
    for image in counted_images(labelled.project)[:5]:
        labelled.label(image)
    found = live(labelled.project, one)
    assert found is not None
    assert found.counted == 5


def test_it_says_openly_why_there_is_no_network_yet(make_labelled: Any) -> None:
    made = make_labelled(150)
    made.add_classes()
    one = done(made)
    assert (one.training, one.ids, one.facts["source"]) == (None, (), "random")
    assert "no image has a label yet" in one.facts["why"]
    many = make_labelled(260, name="many")
    many.add_classes()
    settle(many.project)
    many.label_some(1)
    two = done(many)
    assert two.facts["source"] == "typical"
    assert "all of one class" in two.facts["why"]
    assert len(set(two.ids)) == 60
    assert not set(two.ids) & (many.project.store.held_out() | many.project.ledger().labels.keys())


def test_typical_images_are_none_that_test_though_they_are_not_held_out_yet(
    make_labelled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_labelled(260)
    made.add_classes()
    monkeypatch.setattr(held_out, "settle", lambda *_: frozenset())
    one = done(made)
    assert one.facts["source"] == "typical"
    assert not set(one.ids) & {lot.image for lot in held_out.reserve_of(made.project)}


def test_what_may_come_to_test_is_not_trained_on_before_the_walk_is_whole(labelled: Any) -> None:
    labelled.project.store.set_note(WALKED, None)
    for image in labelled.truth:
        labelled.label(image)
    plan = make_plan(labelled.project, taken(labelled))
    labelled.project.store.set_note(WALKED, now())
    reserve = {lot.image for lot in held_out.reserve_of(labelled.project)}
    assert len(plan.ids) > 60
    assert not reserve & set(plan.ids)


@pytest.mark.parametrize("tests", ["none", "open", "answered"])
def test_a_project_whose_images_are_all_labelled_is_trained_and_measured(make_labelled: Any, tests: str) -> None:
    made = make_labelled(40, test_limit=0 if tests == "none" else 250)
    made.add_classes()
    held = settle(made.project)
    for image in made.truth:
        if tests != "open" or image not in held:
            made.label(image)
    one = done(made)
    assert one.training is not None
    assert one.ids == ()
    assert (one.labelled, one.facts["pool"]) == (40 - len(held), 0)
    assert (one.facts["accuracy"] is not None) == (tests == "answered")


def test_groups_too_large_to_test_are_trained_on_and_told_of(labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = dict.fromkeys(sorted(labelled.truth)[:70], "camera")
    for module in (held_out, cycle_module):
        monkeypatch.setattr(module, "large_groups", lambda _: camera)
    for image in labelled.truth:
        labelled.label(image)
    plan = make_plan(labelled.project, taken(labelled))
    assert set(camera) <= set(plan.ids)
    assert "1 group of more than 50 images that look the same, 70 images together" in plan.words


def test_labels_of_images_whose_files_are_moved_or_gone_are_trained_on(labelled: Any) -> None:
    settle(labelled.project)
    told = labelled.label_some(30)
    gone = set(told[:12])
    store = labelled.project.store
    store.put_files([replace(file, present=False) for file in store.files() if file.image in gone])
    look_again(labelled.project)
    one = done(labelled)
    assert one.labelled == 30
    assert not set(one.ids) & gone


def test_a_plan_goes_on_though_files_of_it_went_meanwhile(labelled: Any) -> None:
    settle(labelled.project)
    labelled.label_some(12)
    job = taken(labelled)
    plan = make_plan(labelled.project, job)
    plan.write(plan_path(labelled.project, job.number))
    free = next(i for i in plan.ids if labelled.project.ledger().label_of(i) is None)
    store = labelled.project.store
    store.put_files([replace(file, present=False) for file in store.files_of(free)])
    look_again(labelled.project)
    labelled.label_some(9)
    assert run_cycle(labelled.project, job, quietly).labelled == 12


def test_labels_of_two_classes_without_embeddings_are_not_called_one_class(make_labelled: Any) -> None:
    made = make_labelled(150, embedded=0)
    made.add_classes()
    made.label_some(12)
    assert "embedded" in done(made).facts["why"].partition(",")[0]


def test_a_batch_holds_one_of_near_copies_and_is_no_smaller(labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(labelled.project)
    labelled.label_some(12)
    free = [i for i in sorted(labelled.truth) if i not in labelled.project.store.held_out()][12:]
    groups = {image: free[n - n % 2] for n, image in enumerate(free[:30])}
    monkeypatch.setattr(cycle_module, "near_copies", lambda _: groups)
    ids = done(labelled).ids
    assert len(ids) == 60
    assert len({groups.get(i, i) for i in ids}) == 60


def test_what_a_training_leaves_in_the_store_does_not_grow_with_the_labels(labelled: Any) -> None:
    settle(labelled.project)
    labelled.label_some(60)
    note = labelled.project.store.note(note_of(str(done(labelled).training)))
    assert sum(map(len, note.values())) == len(labelled.project.store.held_out())


def test_the_live_accuracy_leaves_out_test_images_with_a_trained_near_copy(
    labelled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(labelled.project)
    told = labelled.label_some(12)
    tests = counted_images(labelled.project)
    for image in tests:
        labelled.label(image)
    one = done(labelled)
    later = labelled.label_some(1)[0]
    groups = {told[0]: "a", tests[0]: "a", later: "b", tests[1]: "b", tests[2]: "c", tests[3]: "c"}
    monkeypatch.setattr("swither.project.accuracy.near_copies", lambda _: groups)
    found = live(labelled.project, one)
    assert found is not None
    assert (found.counted, found.left_out) == (len(tests) - 1, 1)


def test_classes_that_only_test_images_have_are_not_outputs(labelled: Any) -> None:
    held = settle(labelled.project)
    free = [i for i in labelled.truth if i not in held]
    for n, image in enumerate(free[:12]):
        labelled.label(image, ("bee", "ant")[n % 2])
    for image in held:
        labelled.label(image, "cat")
    one = done(labelled)
    assert one.classes == ("ant", "bee")
    assert one.facts["accuracy"]["right"] == 0


def test_merged_classes_are_trained_as_one(labelled: Any) -> None:
    settle(labelled.project)
    labelled.label_some(30)
    labelled.say("class_merged", class_id="cat", into="bee")
    assert done(labelled).classes == ("ant", "bee")


def test_a_cycle_that_is_begun_again_works_on_what_was_planned(labelled: Any) -> None:
    settle(labelled.project)
    labelled.label_some(12)
    job = taken(labelled)
    plan = make_plan(labelled.project, job)
    plan.write(plan_path(labelled.project, job.number))
    before = run_cycle(labelled.project, job, quietly)
    labelled.label_some(9)
    after = run_cycle(labelled.project, job, quietly)
    assert (after.events, after.labelled, after.training, after.ids) == (
        before.events,
        12,
        before.training,
        before.ids,
    )


def test_an_interrupted_training_goes_on_from_its_checkpoint(
    labelled: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(cycle_module, "CHECKPOINT_SECONDS", 0.0)
    settle(labelled.project)
    labelled.label_some(12)
    job = taken(labelled)

    class Killed(Exception):
        pass

    def until_half(what: str, done: int, of: int) -> None:
        if what == "training" and done >= of // 2:
            raise Killed

    with pytest.raises(Killed):
        run_cycle(labelled.project, job, until_half)
    epochs: list[int] = []
    one = run_cycle(labelled.project, job, lambda what, done, of: epochs.append(done) if what == "training" else None)
    assert epochs[0] == 9, "the epochs before the interruption are not trained again"
    labels = np.array(history_of(labelled.project, str(one.training)).labels)  # type: ignore[union-attr]
    for name in ("artifacts", "learner"):
        labelled.project.derived(name).rename(tmp_path / name)
    again = run_cycle(labelled.project, job, quietly)
    assert again.training == one.training
    assert again.ids == one.ids
    assert np.array_equal(labels, history_of(labelled.project, str(again.training)).labels)  # type: ignore[union-attr]


def test_a_plan_of_embeddings_that_are_gone_is_made_anew(labelled: Any) -> None:
    settle(labelled.project)
    labelled.label_some(12)
    job = taken(labelled)
    Plan(job.number, 1, {}, ["ant", "bee"], ["f" * 32], [], 1, 20, 5, 5, "").write(
        plan_path(labelled.project, job.number)
    )
    assert run_cycle(labelled.project, job, quietly).labelled == 12


def test_a_part_of_the_pool_is_drawn_where_the_budget_says_so(labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swither.project.budget.LEAST_CANDIDATES", 20)
    labelled.project.change(seconds_per_cycle=0.01)
    settle(labelled.project)
    told = labelled.label_some(12)
    one = done(labelled)
    assert (one.facts["candidates"], one.facts["recordings"], one.labelled) == (20, 20, 12)
    assert "a part of the pool" in one.facts["budget"]
    assert len(one.ids) == 20
    assert not set(one.ids) & set(told)
    labelled.label(one.ids[0])
    assert set(done(labelled).ids) - set(one.ids), "another part is drawn for another cycle"


def test_the_simulated_annotator_of_experiments_and_the_page_write_the_same_truth(labelled: Any) -> None:
    """The loop of an experiment, with a project's store in the place of its file of events."""
    settle(labelled.project)
    labelled.label_some(12)
    for _ in range(2):
        one = done(labelled)
        images = image_set(labelled.project, one.classes).labelled(
            labelled.truth, [("ant", "bee", "cat").index(c) for c in labelled.truth.values()]
        )
        for image, name in SimulatedAnnotator(images).answer(one.ids[:5]).items():
            labelled.label(image, name)
    assert labelled.project.store.cycles()[-1].labelled == 17
