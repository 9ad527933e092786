"""The worker: one job at a time under a lease, published whole or not at all."""

from __future__ import annotations

import time
from typing import Any

import pytest

from swither.errors import InputError
from swither.files import locked
from swither.project import cycle, worker, worker_process
from swither.project.clock import now
from swither.project.due import reason_for_cycle, request_cycle, request_if_due
from swither.project.held_out import settle
from swither.project.project import Project
from swither.project.records import Job
from swither.project.worker import SERVER, STOP, Stopped, Worker

pytestmark = pytest.mark.usefixtures("quick", "no_indexing")


@pytest.fixture
def ready(labelled: Any) -> Any:
    """A project with labels to train on, and a job."""
    settle(labelled.project)
    labelled.label_some(12)
    request_cycle(labelled.project)
    return labelled


def latest(made: Any) -> Job:
    return made.project.store.jobs(1)[0]  # type: ignore[no-any-return]


def test_a_job_ends_with_a_published_cycle(ready: Any) -> None:
    assert Worker(ready.project).once()
    assert latest(ready).state == "done"
    assert len(ready.project.store.cycles()) == 1
    assert not Worker(ready.project).once()


def test_progress_is_said_while_it_works(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    keep = type(ready.project.store).keep_job

    def spy(self: Any, number: int, name: str, until: str, progress: Any) -> bool:
        said.append(progress["what"])
        return keep(self, number, name, until, progress)

    monkeypatch.setattr(type(ready.project.store), "keep_job", spy)
    Worker(ready.project).once()
    assert [what for n, what in enumerate(said) if what not in said[:n]] == [
        "beginning",
        "planning",
        "training",
        "selecting",
        "measuring",
    ]


def test_an_error_of_the_users_fails_the_job_in_words(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise InputError("The training diverged: label otherwise.")

    monkeypatch.setattr(cycle, "run_cycle", fail)
    Worker(ready.project).once()
    assert (latest(ready).state, latest(ready).error) == ("failed", "The training diverged: label otherwise.")
    assert request_if_due(ready.project) is None, "what failed is not tried again on the same labels"
    ready.label_some(20)
    assert request_if_due(ready.project) is not None


def test_a_broken_job_is_tried_again_three_times_at_most(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(cycle, "run_cycle", fail)
    for expected in ("waiting", "waiting", "failed"):
        Worker(ready.project).once()
        assert latest(ready).state == expected
    assert latest(ready).error == "ZeroDivisionError: by zero"


def test_a_worker_that_lost_its_lease_stops_and_publishes_nothing(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Worker(ready.project)
    run = cycle.run_cycle

    def overtaken(project: Any, job: Job, progress: Any) -> Any:
        taken = project.store.take_job(other.name, now(3600), now(7200))
        assert taken is not None
        with pytest.raises(Stopped):
            run(project, job, progress)
        raise Stopped("as the worker sees it")

    monkeypatch.setattr(cycle, "run_cycle", overtaken)
    Worker(ready.project).once()
    assert ready.project.store.cycles() == ()
    assert (latest(ready).state, latest(ready).worker) == ("running", other.name)


def test_a_worker_that_is_asked_to_end_gives_its_job_back(ready: Any) -> None:
    one = Worker(ready.project)
    asked: list[bool] = []
    one._stop = lambda: bool(asked)
    run = ready.project.store.keep_job

    def keep(number: int, name: str, until: str, progress: Any) -> bool:
        if progress["what"] == "training":
            asked.append(True)
        return run(number, name, until, progress)  # type: ignore[no-any-return]

    ready.project.store.keep_job = keep
    one.once()
    assert (latest(ready).state, latest(ready).worker) == ("waiting", "")
    ready.project.store.keep_job = run
    Worker(ready.project).once()
    assert latest(ready).state == "done"


def test_the_lease_is_lengthened_while_the_work_says_nothing(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(worker, "LEASE_SECONDS", 0.4)
    run = cycle.run_cycle

    def slow(project: Any, job: Job, progress: Any) -> Any:
        until = time.monotonic() + 1.2
        while time.monotonic() < until:
            assert project.store.take_job("thief", now(), now(30)) is None
            time.sleep(0.05)
        return run(project, job, progress)

    monkeypatch.setattr(cycle, "run_cycle", slow)
    Worker(ready.project).once()
    assert latest(ready).state == "done"


def test_what_a_dead_worker_of_this_machine_held_is_given_back_at_once(ready: Any) -> None:
    dead = Worker(ready.project)
    assert ready.project.store.take_job(dead.name, now(), now(3600)) is not None
    one = Worker(ready.project, idle_seconds=0.0)
    one.run()
    assert latest(ready).state == "waiting"
    one.once()
    assert latest(ready).state == "done"


def test_a_worker_of_another_machine_keeps_its_lease(ready: Any) -> None:
    assert ready.project.store.take_job("elsewhere:1:x", now(), now(3600)) is not None
    one = Worker(ready.project)
    one.give_back_of_the_dead()
    assert not one.once()
    assert latest(ready).worker == "elsewhere:1:x"


def test_a_job_that_kills_its_workers_is_given_up(ready: Any) -> None:
    for _ in range(worker.MOST_DEATHS):
        dead = Worker(ready.project)
        assert ready.project.store.take_job(dead.name, now(), now(3600)) is not None
        Worker(ready.project).give_back_of_the_dead()
    Worker(ready.project).once()
    assert latest(ready).state == "failed"
    assert "killed again and again" in latest(ready).error


def test_it_ends_when_it_is_asked_to(ready: Any) -> None:
    one = Worker(ready.project)
    ready.project.store.set_note(STOP, now(1))
    one.run()
    assert latest(ready).state == "waiting"


def test_it_stays_while_a_server_is_there(labelled: Any) -> None:
    labelled.project.store.set_note(SERVER, {"at": now()})
    one = Worker(labelled.project, idle_seconds=0.0)
    one._busy_at = time.monotonic() - 1
    assert not one._is_idle()
    labelled.project.store.set_note(SERVER, {"at": now(-1000)})
    assert one._is_idle()
    labelled.project.store.set_note(SERVER, None)
    assert one._is_idle()


def test_a_cycle_is_due_after_enough_answers_and_not_before(labelled: Any) -> None:
    settle(labelled.project)
    labelled.label_some(19)
    assert reason_for_cycle(labelled.project) is None
    labelled.label_some(1)
    assert reason_for_cycle(labelled.project) == "20 labelled images are embedded"
    assert Worker(labelled.project).once()
    assert reason_for_cycle(labelled.project) is None
    for image in list(labelled.project.store.held_out())[:22]:
        labelled.label(image)
    assert reason_for_cycle(labelled.project) is None, "test images are trained on by nobody"
    labelled.say("class_merged", class_id="cat", into="bee")
    assert reason_for_cycle(labelled.project) == "classes were merged"


def test_a_first_choice_is_made_once_enough_is_embedded(make_labelled: Any) -> None:
    made = make_labelled(260, embedded=150)
    assert reason_for_cycle(made.project) is None
    many = make_labelled(260, name="many")
    assert reason_for_cycle(many.project) == "260 images are embedded"
    assert Worker(many.project).once()
    assert reason_for_cycle(many.project) is None


def test_what_was_labelled_is_embedded_first(make_labelled: Any) -> None:
    made = make_labelled(60, embedded=10)
    made.add_classes()
    one = Worker(made.project)
    one._indexer._todo.extend(made.project.store.files())
    later = [file for file in made.project.store.files() if file.path >= "00050.jpg"]
    for file in later:
        made.label(file.image)
    one._prefer_labelled()
    assert [file.path for file in one._indexer._todo][:10] == [file.path for file in later]
    assert len(one._indexer._todo) == 60


def test_a_worker_that_has_nothing_to_do_writes_nothing(labelled: Any) -> None:
    one = Worker(labelled.project)
    one.once()
    before = labelled.project.store.changes()
    for _ in range(5):
        assert not one.once()
        assert not one.is_to_stop()
        assert not one._is_idle()
    assert labelled.project.store.changes() == before


def test_settings_that_were_changed_elsewhere_are_taken(labelled: Any) -> None:
    one = Worker(labelled.project)
    with Project.open(labelled.project.folder) as other:
        other.change(retrain_after=3)
        other.store.set_note("anything", 1)
    one.once()
    assert labelled.project.settings.retrain_after == 3


def test_a_worker_of_an_older_version_is_asked_to_end(labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    project = labelled.project
    one = Worker(project, idle_seconds=0.0)
    one.run()
    with locked(project.derived(worker_process.LOCK)):  # as if it still lived
        assert not worker_process.ensure_worker(project)
        assert not Worker(project).is_to_stop()
        assert project.store.note(STOP) is None
        monkeypatch.setattr(worker, "__version__", "99.0")
        assert not worker_process.ensure_worker(project)
        assert one.is_to_stop()
        said = project.store.note(STOP)
        worker_process.ensure_worker(project)
        assert project.store.note(STOP) == said, "it is asked once"
