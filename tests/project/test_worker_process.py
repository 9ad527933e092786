"""The worker as a process: one for each project, killed at any moment without loss, outliving its server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from swither.project.due import request_cycle
from swither.project.held_out import settle
from swither.project.project import Project
from swither.project.queue import next_questions
from swither.project.records import Job
from swither.project.worker_process import LOG, ensure_worker, stop_worker, worker_lives

SLOWED = """
import sys, time
from swither.project import cycle, worker, worker_process
from swither.project.budget import Pace
from swither.training import Recipe

worker.Worker._index = lambda self: False
cycle.recipe_for = lambda _: Recipe(epochs=40, least_steps=0, least_steps_per_epoch=1)
cycle.pace_of = lambda *_: Pace(1e-4, 1e-3, 1e-7, 0.1, "made up")
cycle.CHECKPOINT_SECONDS = 0.0
worker._SAY_SECONDS = 0.0
say = worker._Lease.say

def slowly(self, what, done, of):
    if what == "training":
        print(done, flush=True)
    say(self, what, done, of)
    time.sleep(0.02)

worker._Lease.say = slowly
sys.exit(worker_process.main(sys.argv[1:]))
"""

Started = Callable[..., tuple["subprocess.Popen[bytes]", Path]]


@pytest.fixture
def start() -> Iterator[Started]:
    """Start a slowed worker's process; none is left behind."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(project: Project, idle: float = 60.0) -> tuple[subprocess.Popen[bytes], Path]:
        command = [sys.executable, "-c", SLOWED, str(project.folder), str(idle)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        said = project.folder / f"said-{len(started)}.txt"
        with said.open("wb") as output:
            started.append(subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment))
        return started[-1], said

    yield begin
    for process in started:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool], what: str, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} s until {what}"
        time.sleep(0.01)


def latest(project: Project) -> Job:
    return project.store.jobs(1)[0]


MOMENTS: dict[str, Callable[[Job], bool]] = {
    "it is planned": lambda job: job.progress.get("what") == "planning",
    "training has begun": lambda job: job.progress.get("what") == "training",
    "half is trained": lambda job: job.progress.get("what") == "training" and job.progress["done"] >= 20,
    "the batch is chosen": lambda job: job.progress.get("what") == "selecting",
    "it is measured": lambda job: job.progress.get("what") == "measuring",
}


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_lost_and_the_next_worker_goes_on(make_labelled: Any, start: Started) -> None:
    killed, whole = make_labelled(120, name="killed"), make_labelled(120, name="whole")
    for made in (killed, whole):
        made.add_classes()
        settle(made.project)
        made.label_some(12)
        request_cycle(made.project)
    project = killed.project
    seen: list[int] = []
    for moment, is_now in MOMENTS.items():
        process, said = start(project)
        until(lambda is_now=is_now: is_now(latest(project)) or latest(project).state == "done", moment)  # type: ignore[misc]
        process.send_signal(signal.SIGKILL)
        process.wait()
        epochs = [int(line) for line in said.read_text().splitlines() if line.isdecimal()]
        killed.label(next(i for i in killed.truth if i not in project.ledger().labels))  # somebody labels meanwhile
        if epochs and seen:
            assert epochs[0] >= seen[-1] - 1, "it goes on from the epoch checkpoint"
        seen += epochs
    assert latest(project).attempts >= 3, "the kills came while it worked"
    until(lambda: not worker_lives(project), "the lock is free")
    for made in (killed, whole):
        start(made.project)
        until(lambda made=made: latest(made.project).state in ("done", "failed"), "the job is done")  # type: ignore[misc]
        assert latest(made.project).state == "done", latest(made.project).error
    ours, theirs = killed.project.store.cycles(), whole.project.store.cycles()
    assert len(ours) == len(theirs) == 1
    assert (ours[0].training, ours[0].ids) == (theirs[0].training, theirs[0].ids), "as if nobody had killed anything"
    assert len(project.store.events()) == len({event.event for event in project.store.events()})


def test_a_second_worker_of_a_project_ends_at_once(labelled: Any, start: Started) -> None:
    start(labelled.project)
    until(lambda: worker_lives(labelled.project), "the first one lives")
    second, _ = start(labelled.project)
    assert second.wait(60) == 0
    assert worker_lives(labelled.project)


def test_it_ends_by_itself_when_nobody_needs_it(labelled: Any, start: Started) -> None:
    process, _ = start(labelled.project, idle=0.5)
    assert process.wait(60) == 0


def test_people_label_while_it_trains_and_the_batch_changes_over(make_labelled: Any, start: Started) -> None:
    made = make_labelled(160)
    made.add_classes()
    project = made.project
    settle(project)
    made.label_some(20)
    request_cycle(project)
    process, _ = start(project)
    until(lambda: latest(project).progress.get("what") == "training", "it trains")
    answered = []
    while not project.store.cycles():
        for question in next_questions(project, "ann", 2):
            made.label(question.image, query=question.token)
            answered.append(question.image)
        time.sleep(0.05)
    assert answered
    process.kill()
    process.wait()
    assert project.store.cycles()[0].labelled == 20, "what was said meanwhile is the next training's"
    cycle = project.store.cycles()[-1]
    after = next_questions(project, "ann", 40)
    assert not {q.image for q in after} & set(answered)
    assert [q.image for q in after if q.source == "batch"][:5] == [i for i in cycle.ids if i not in answered][:5]


@pytest.mark.slow
def test_it_outlives_the_server_that_started_it_and_a_second_server_starts_no_second(
    picture_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = picture_folder(12)
    server = (
        "import sys; from pathlib import Path\n"
        "from swither.project.project import Project\n"
        "from swither.project.worker_process import ensure_worker\n"
        f"project = Project.open_or_create(Path({str(folder)!r}))\n"
        "print(ensure_worker(project), ensure_worker(project))\n"
        "assert 'torch' not in sys.modules\n"
    )
    first = subprocess.run([sys.executable, "-c", server], capture_output=True, text=True, check=True, timeout=60)
    assert first.stdout.split() == ["True", "False"]
    with Project.open(folder) as project:
        try:
            until(lambda: worker_lives(project), "the worker is up")
            second = subprocess.run(
                [sys.executable, "-c", server], capture_output=True, text=True, check=True, timeout=60
            )
            assert second.stdout.split() == ["False", "False"]
            assert not ensure_worker(project)
            until(lambda: (project.store.note("indexing") or {}).get("what") == "done", "the pictures are read")
            assert "begins" in project.derived(LOG).read_text()
        finally:
            stop_worker(project)
        until(lambda: not worker_lives(project), "it has ended")
