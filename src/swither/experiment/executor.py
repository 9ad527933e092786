"""Where cells run: side by side in processes of this machine, or in this process; more places may join.

An executor gets tasks, each with the tasks that must be finished before it, and runs every one of them once. A task
is harmless to run again: what it has finished is on disk. One that fails stops nothing but those that wait for it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

from swither.errors import SwitherError
from swither.experiment.cells import Cell
from swither.experiment.protocol import Experiment, prepare
from swither.experiment.running import run_cell, train_first_cycle
from swither.experiment.settings import CompareSettings
from swither.experiment.watch import Silent, Watcher
from swither.training.device import use_threads


@dataclass(frozen=True)
class Task:
    """A cell to run, or, where `first_cycle` is set, the training that the methods of its seed share."""

    cell: Cell
    first_cycle: bool = False
    after: Task | None = None


@dataclass(frozen=True)
class Failure:
    """A task that did not finish, and why in words."""

    task: Task
    reason: str


class Executor(Protocol):
    """Runs tasks somewhere.

    The contract: every task is run once, none before the one that it comes after; the watcher is called in the
    calling process; on KeyboardInterrupt no task goes on once the exception has left `run`.
    """

    def run(self, experiment: Experiment, tasks: Sequence[Task], watcher: Watcher) -> list[Failure]:
        """Run all tasks; the answer names those that failed."""


class InThisProcess:
    """Runs one task after the other, here: for one job, and for debugging."""

    def run(self, experiment: Experiment, tasks: Sequence[Task], watcher: Watcher) -> list[Failure]:
        """Run all tasks; the answer names those that failed."""
        failures = []
        failed: set[Task] = set()
        for task in tasks:
            if task.after in failed:
                failed.add(task)
                continue
            reason = _attempt(experiment, task, watcher)
            if reason:
                failed.add(task)
                failures.append(Failure(task, reason))
        return failures


class LocalProcesses:
    """Runs tasks side by side in processes of their own, which end with this one.

    Args:
        jobs: how many.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def run(self, experiment: Experiment, tasks: Sequence[Task], watcher: Watcher) -> list[Failure]:
        """Run all tasks; the answer names those that failed."""
        context = multiprocessing.get_context("spawn")
        messages: Any = context.SimpleQueue()  # written to at once: what a worker said has come before its result
        pool = ProcessPoolExecutor(
            min(self.jobs, max(1, len(tasks))),
            mp_context=context,
            initializer=_begin_worker,
            initargs=(experiment.settings, str(experiment.out), messages, os.getpid()),
        )
        try:
            return self._run(pool, messages, tasks, watcher)
        except BaseException:
            for process in list(pool._processes.values()):
                process.kill()  # what they did so far is on disk, and what they are doing is made again
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            messages.close()

    def _run(self, pool: ProcessPoolExecutor, messages: Any, tasks: Sequence[Task], watcher: Watcher) -> list[Failure]:
        waiting, failures = list(tasks), []
        running: dict[Future[str | None], Task] = {}
        finished: set[Task] = set()
        failed: set[Task] = set()
        while waiting or running:
            for task in list(waiting):
                if task.after in failed:
                    waiting.remove(task)
                    failed.add(task)
                elif len(running) == self.jobs:
                    break  # what is handed over early would be run before tasks that stand before it
                elif task.after is None or task.after in finished:
                    waiting.remove(task)
                    running[pool.submit(_run_in_worker, task)] = task
            done, _ = wait(running, timeout=0.1, return_when=FIRST_COMPLETED)
            _pass_on(messages, watcher)
            for future in done:
                task = running.pop(future)
                reason = future.result()
                if reason:
                    failures.append(Failure(task, reason))
                (failed if reason else finished).add(task)
        _pass_on(messages, watcher)
        return failures


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


def _begin_worker(settings: CompareSettings, out: str, messages: Any, parent: int) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process decides what ^C means
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    sender = _Sender(messages)
    warnings.showwarning = lambda message, *_, **__: sender.note(str(message))
    _worker = prepare(settings, out, Silent()), sender


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, however it went."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def _run_in_worker(task: Task) -> str | None:
    assert _worker is not None
    return _attempt(_worker[0], task, _worker[1])


def _attempt(experiment: Experiment, task: Task, watcher: Watcher) -> str | None:
    """Run a task; None, or why it failed."""
    try:
        with use_threads(experiment.settings.threads):
            if task.first_cycle:
                train_first_cycle(experiment, task.cell.seed, watcher)
            else:
                run_cell(experiment, task.cell, watcher)
    except SwitherError as error:
        return str(error)
    except Exception:
        return traceback.format_exc()
    return None


def _pass_on(messages: Any, watcher: Watcher) -> None:
    while not messages.empty():
        name, arguments = messages.get()
        getattr(watcher, name)(*arguments)
