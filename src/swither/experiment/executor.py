"""Where cells run: what every place promises, and the plainest place, this process.

An executor gets tasks, each with the task that must be finished before it, and runs every one of them once. A task is
harmless to run again: what it has finished is on disk. One that fails stops nothing but those that wait for it.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from swither.errors import SwitherError
from swither.experiment.cells import Cell
from swither.experiment.protocol import Experiment
from swither.experiment.running import run_cell, train_first_cycle
from swither.experiment.watch import Watcher
from swither.training.device import use_threads


@dataclass(frozen=True)
class Task:
    """A cell to run, or, where `first_cycle` is set, the training that the methods of its seed share.

    Attributes:
        cell: which one.
        first_cycle: only the training that the methods of its seed share.
        after: the task that must be finished before.
        trial: tells apart the same cell of several trials.
        experiment: what the cell is of, where it is a trial of other settings than those that are run.
    """

    cell: Cell
    first_cycle: bool = False
    after: Task | None = None
    trial: str = ""
    experiment: Experiment | None = field(default=None, compare=False, repr=False)


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
            reason = attempt(experiment, task, watcher)
            if reason:
                failed.add(task)
                failures.append(Failure(task, reason))
        return failures


def attempt(experiment: Experiment, task: Task, watcher: Watcher) -> str | None:
    """Run a task; None, or why it failed."""
    experiment = task.experiment or experiment
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
