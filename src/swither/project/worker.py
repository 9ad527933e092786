"""The background worker, the only door to training: a job first, else indexing, else a check of the labels.

It takes a job under a lease, which a thread lengthens while the work goes on; it writes keyed folders only, until one
transaction publishes the cycle and ends the job. Killed at any moment it leaves a job whose lease runs out, a plan,
and a checkpoint; the next worker goes on from there.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from swither._version import __version__
from swither.errors import SwitherError
from swither.project.clock import now, seconds_between
from swither.project.due import request_if_due
from swither.project.embeddings import backbone_state, pool_features
from swither.project.indexing import Indexer
from swither.project.notes import SERVER
from swither.project.records import Job
from swither.project.settings import read_settings

if TYPE_CHECKING:
    from swither.project.project import Project

LEASE_SECONDS, HEARTBEAT_SECONDS = 30.0, 5.0
IDLE_SECONDS = 120.0
"""A worker ends when it had nothing to do for so long and no server was there."""

MOST_ATTEMPTS, MOST_DEATHS = 3, 20
"""A job that breaks is tried so often; one whose workers were killed, and so goes on where it was, more often."""

STOP, WORKER = "worker stop", "worker"
"""Notes: of somebody that the worker shall end; of the worker what it is made of."""

_SHOWN = ("grid", "similar", "review", "search")
_FORGET_SECONDS = 86_400.0  # what was shown and not answered is forgotten after a day; the queue's questions stay

_PAUSE, _INDEXING_STEP, _SAY_SECONDS = 0.2, 0.5, 0.5
_SERVER_IS_THERE = 120.0  # seconds after its last note

log = logging.getLogger(__name__)


def made_of(project: Project) -> list[str | None]:
    """The version of swither, and what it lacks: after an update or an installation an older worker is to end."""
    return [__version__, backbone_state(project)["missing"]]


class Stopped(SwitherError):
    """The worker was asked to end, or lost its job; what it did so far stays on disk."""


class Worker:
    """Works for one project until it is told to stop; the caller sees to it that there is one.

    Args:
        project: for which.
        stop: asked again and again; says whether to end.
        idle_seconds: how long it stays without a server and without work.
    """

    def __init__(
        self, project: Project, stop: Callable[[], bool] = lambda: False, idle_seconds: float = IDLE_SECONDS
    ) -> None:
        self.project = project
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._stop, self._idle_seconds = stop, idle_seconds
        self._began, self._busy_at = now(), time.monotonic()
        self._changes, self._checked, self._preferred = -1, -1, 0
        self._indexer = Indexer(project, self.is_to_stop)

    def run(self) -> None:
        """Work until it is told to stop, or has been idle for long."""
        self.give_back_of_the_dead()
        self.project.store.set_note(WORKER, {"at": now(), "made_of": made_of(self.project)})
        try:
            while not self.is_to_stop() and not self._is_idle():
                if self.once():
                    self._busy_at = time.monotonic()
                else:
                    time.sleep(_PAUSE)
        finally:
            self._indexer.close()

    def once(self) -> bool:
        """Do one job or one piece of the indexing; whether there was anything to do."""
        store = self.project.store
        if (changes := store.changes()) != self._changes:
            self._changes = changes
            self.project.settings = read_settings(self.project.folder)  # somebody may have changed them elsewhere
            request_if_due(self.project)
        job = store.take_job(self.name, now(), now(LEASE_SECONDS)) if self._is_one_free() else None
        if job is not None:
            self.work(job)
            return True
        return self._index()

    def work(self, job: Job) -> None:
        """Do one job to its end: published, failed, or given back."""
        store = self.project.store
        if job.attempts > MOST_DEATHS:
            store.fail_job(job.number, self.name, job.error or _DIED, again=False)
            self._note_failure()
            return
        try:
            with _Lease(self, job) as lease:
                from swither.project.cycle import run_cycle

                cycle = run_cycle(self.project, job, lease.say)
            if not store.publish(cycle, self.name):
                log.warning("job %d was taken by another worker meanwhile", job.number)
                return
            self._after_publishing()
        except Stopped:
            store.fail_job(job.number, self.name, "", again=True)
        except SwitherError as error:
            log.warning("job %d failed: %s", job.number, error)
            store.fail_job(job.number, self.name, str(error), again=False)
            self._note_failure()
        except Exception as error:
            log.exception("job %d broke", job.number)
            words = f"{type(error).__name__}: {error}"
            store.fail_job(job.number, self.name, words, again=job.attempts < MOST_ATTEMPTS)
            self._note_failure()

    def give_back_of_the_dead(self) -> None:
        """Give back what a worker of this machine held that is dead: this one has the lock that it had."""
        for job in self.project.store.jobs():
            if job.state == "running" and job.worker.split(":")[0] == socket.gethostname():
                self.project.store.fail_job(job.number, job.worker, "", again=True)

    def is_to_stop(self) -> bool:
        """Whether somebody wants this worker to end."""
        return self._stop() or str(self.project.store.note(STOP, "")) > self._began

    def _is_one_free(self) -> bool:
        """Whether a job may be taken: to try is a write, which everybody who watches the store would wake up for."""
        jobs, moment = self.project.store.jobs(), now()
        if any(job.state == "running" and job.lease_until >= moment for job in jobs):
            return False
        return any(job.state in ("waiting", "running") for job in jobs)

    def _index(self) -> bool:
        self._prefer_labelled()
        return self._indexer.step(_INDEXING_STEP) or self._check_labels()

    def _prefer_labelled(self) -> None:
        """Embed what was labelled before all else: it cannot be trained on before."""
        ledger = self.project.ledger()
        if ledger.sequence == self._preferred:
            return
        self._preferred = ledger.sequence
        pool = pool_features(self.project)
        embedded = set() if pool is None else {str(i) for i in pool.ids}
        wanted = [image for image in ledger.labels if image not in embedded]
        self._indexer.prefer({file.path for image in wanted for file in self.project.store.files_of(image)})

    def _check_labels(self) -> bool:
        """Look for wrong labels once after each cycle, and leave off where a new one is asked for."""
        cycles = self.project.store.cycles()
        number = cycles[-1].number if cycles else 0
        if number == self._checked:
            return False
        from swither.project.suspects import Interrupted, check_due, find_suspects

        try:
            if check_due(self.project):
                find_suspects(self.project, stop=self._has_other_work)
        except Interrupted:
            return True
        except SwitherError as error:
            log.warning("labels were not checked: %s", error)
        self._checked = number
        return True

    def _has_other_work(self) -> bool:
        request_if_due(self.project)
        jobs = self.project.store.jobs(1)
        return self.is_to_stop() or bool(jobs and jobs[0].state == "waiting")

    def _is_idle(self) -> bool:
        if time.monotonic() - self._busy_at < self._idle_seconds:
            return False
        said = (self.project.store.note(SERVER) or {}).get("at")
        return said is None or seconds_between(said, now()) > max(_SERVER_IS_THERE, self._idle_seconds)

    def _note_failure(self) -> None:
        self.project.store.set_note("failed at event", self.project.ledger().sequence)

    def _after_publishing(self) -> None:
        from swither.project.histories import remove_old

        self.project.store.forget_questions(_SHOWN, now(-_FORGET_SECONDS))
        try:
            remove_old(self.project)
        except OSError as error:  # only room on the disk
            log.warning("old trainings could not be removed: %s", error)


_DIED = "The worker was killed again and again while it did this. See the log of the worker in the project's folder."


class _Lease:
    """A lease that is lengthened by a thread for as long as it is entered."""

    def __init__(self, worker: Worker, job: Job) -> None:
        self._worker, self._job = worker, job
        self._progress: Mapping[str, Any] = {"what": "beginning", "done": 0, "of": 0}
        self._lost = self._stopped = False
        self._ended = threading.Event()
        self._said = 0.0
        self._thread = threading.Thread(target=self._beat, name="swither-lease", daemon=True)

    def __enter__(self) -> _Lease:
        self._keep()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def say(self, what: str, done: int, of: int) -> None:
        """Say how far it is, twice a second at most; raises where the work is to end."""
        news = what != self._progress["what"]
        self._progress = {"what": what, "done": done, "of": of}
        moment = time.monotonic()
        if news or moment - self._said > _SAY_SECONDS:
            self._said = moment
            self._keep()
            self._stopped = self._worker.is_to_stop()
        if self._lost or self._stopped:
            raise Stopped("another worker took the job" if self._lost else "the worker was asked to end")

    def _keep(self) -> None:
        store = self._worker.project.store
        kept = store.keep_job(self._job.number, self._worker.name, now(LEASE_SECONDS), self._progress)
        self._lost = self._lost or not kept

    def _beat(self) -> None:
        while not self._ended.wait(HEARTBEAT_SECONDS):
            try:
                self._keep()
            except SwitherError as error:  # the store is busy or full: the lease lasts for several beats
                log.warning("the lease was not lengthened: %s", error)
