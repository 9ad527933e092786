"""Cells side by side, in processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from typing import Any

from swither.dynamics import CoarseScores
from swither.experiment.cells import Cell
from swither.experiment.executor import Failure, Task, attempt
from swither.experiment.protocol import Experiment
from swither.experiment.watch import Watcher

DIED = (
    "Its process died twice, without a word. The system may have ended it for want of memory: try fewer --jobs. In a "
    'script, call compare under `if __name__ == "__main__":`.'
)


class LocalProcesses:
    """Runs tasks side by side in processes of their own, which end with this one.

    A process that dies takes the others of its pool with it, so a new pool is made and what was running is begun
    again, once: a task goes on where it was.

    Args:
        jobs: how many.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def run(self, experiment: Experiment, tasks: Sequence[Task], watcher: Watcher) -> list[Failure]:
        """Run all tasks; the answer names those that failed."""
        work = _Work(tasks)
        while work.left:
            _Pool(min(self.jobs, len(tasks)), experiment, watcher).run(work)
        return work.failures


class _Work:
    """What is waiting, running, finished and failed."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.waiting = list(tasks)
        self.running: dict[Future[str | None], Task] = {}
        self.finished: set[Task] = set()
        self.failures: list[Failure] = []
        self._deaths: Counter[Task] = Counter()

    @property
    def left(self) -> bool:
        return bool(self.waiting or self.running)

    def next(self) -> Task | None:
        """The first task that need not wait; those that wait for a failed one are dropped."""
        failed = {failure.task for failure in self.failures}
        self.waiting = [task for task in self.waiting if task.after not in failed]
        ready = [task for task in self.waiting if task.after is None or task.after in self.finished]
        if not ready:
            return None
        self.waiting.remove(ready[0])
        return ready[0]

    def end(self, task: Task, reason: str | None) -> None:
        """A task has ended; `reason` says why it failed, if it did."""
        if reason:
            self.failures.append(Failure(task, reason))
        else:
            self.finished.add(task)

    def begin_again(self) -> None:
        """The pool died: what was running goes to the front, or has failed if this is its second death."""
        again = list(self.running.values())
        self.running = {}
        self._deaths.update(again)
        for task in again:
            if self._deaths[task] > 1:
                self.end(task, DIED)
        self.waiting = [task for task in again if self._deaths[task] == 1] + self.waiting


class _Pool:
    """Some processes that live and die together."""

    def __init__(self, jobs: int, experiment: Experiment, watcher: Watcher) -> None:
        context = multiprocessing.get_context("spawn")
        self._jobs, self._watcher = jobs, watcher
        self._messages: Any = context.SimpleQueue()  # written to at once: what a worker said comes before its result
        self._pool = ProcessPoolExecutor(
            jobs, mp_context=context, initializer=_begin_worker, initargs=(experiment, self._messages)
        )

    def run(self, work: _Work) -> None:
        """Run all that is left, or until a process dies."""
        try:
            while work.left:
                self._hand_out(work)
                done, _ = wait(work.running, timeout=0.1, return_when=FIRST_COMPLETED)
                self._pass_on()
                for future in done:
                    reason = future.result()  # raises where the process died, and the task counts as running
                    work.end(work.running.pop(future), reason)
        except BrokenExecutor:
            work.begin_again()
        except BaseException:
            for process in list(self._pool._processes.values()):
                process.kill()  # what they did so far is on disk, and what they are doing is made again
            raise
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pass_on()
            self._messages.close()

    def _hand_out(self, work: _Work) -> None:
        # No more than there are processes: what waits in the pool would be run before tasks that stand before it.
        while len(work.running) < self._jobs and (task := work.next()):
            try:
                work.running[self._pool.submit(_run_in_worker, task)] = task
            except BrokenExecutor:
                work.waiting.insert(0, task)
                raise

    def _pass_on(self) -> None:
        while not self._messages.empty():
            name, arguments = self._messages.get()
            getattr(self._watcher, name)(*arguments)


class _Sender:
    """A watcher in a worker, whose words are passed on in the main process."""

    def __init__(self, messages: Any) -> None:
        self._messages = messages
        self._last = 0.0

    def note(self, message: str) -> None:
        self._messages.put(("note", (message,)))

    def stage(self, what: str, done: int, total: int) -> None:
        """The main process has shown it already."""

    def working(self, cell: Cell, cycle: int, what: str, done: int, total: int) -> None:
        if done in (0, total) or time.monotonic() - self._last > 0.2:  # a quick epoch is not worth a message
            self._last = time.monotonic()
            self._messages.put(("working", (cell, cycle, what, done, total)))

    def finished(self, cell: Cell, row: Any) -> None:
        self._messages.put(("finished", (cell, dict(row))))


_worker: tuple[Experiment, Watcher] | None = None


def _begin_worker(experiment: Experiment, messages: Any) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process decides what ^C means
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sender = _Sender(messages)
    warnings.simplefilter("ignore", CoarseScores)  # the plan and the report say it once, for all trainings
    warnings.showwarning = lambda message, *_, **__: sender.note(str(message))
    _worker = experiment, sender


def _end_with_parent() -> None:
    """End this process when its parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _run_in_worker(task: Task) -> str | None:
    assert _worker is not None
    return attempt(_worker[0], task, _worker[1])
