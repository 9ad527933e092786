"""The paper's cells, as many as a time allows: first the choice of open settings, then references, then methods."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.compare import tasks_of
from swither.experiment.executor import Executor
from swither.experiment.local_processes import LocalProcesses
from swither.experiment.paper import PaperRun
from swither.experiment.protocol import prepare, record
from swither.files import locked

LAST = "vaal"
"""Run after all others: at its authors' number of iterations it takes longer than all of them together."""


class TimeIsUp(KeyboardInterrupt):
    """What has finished is on disk, and what has not goes on another time."""


@dataclass
class Outcome:
    """What happened in the time.

    Attributes:
        finished: a line for every cycle that was finished now.
        phases: name -> whether nothing of it is left.
        failures: cell -> why it failed.
        ended_by_time: whether the time was up before the work.
    """

    finished: list[dict[str, Any]] = field(default_factory=list)
    phases: dict[str, bool] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    ended_by_time: bool = False


class Lines:
    """A watcher that prints a line for every finished cycle, and keeps it."""

    def __init__(self, outcome: Outcome, cycles: int | None = None) -> None:
        self._outcome, self._cycles, self._began = outcome, cycles, time.monotonic()

    def note(self, message: str) -> None:
        """Print it."""
        print(f"  {message}", flush=True)

    def stage(self, what: str, done: int, total: int) -> None:
        """All of a few, and the end of many."""
        if done == total or total < 50:
            self.note(f"{what}: {done:,} of {total:,}")

    def working(self, cell: Cell, cycle: int, what: str, done: int, total: int) -> None:
        """Nothing: epochs are too many to print."""

    def finished(self, cell: Cell, row: Mapping[str, Any]) -> None:
        """Print and keep."""
        names = ("cycle", "labelled", "accuracy", "seconds_training", "seconds_recording")
        self._outcome.finished.append({"cell": cell.name, **{name: row[name] for name in names}})
        seconds = row["seconds_training"] + row["seconds_recording"]
        print(
            f"  {time.monotonic() - self._began:5.0f} s  {cell.name} cycle {row['cycle']}: {row['labelled']:,} labels, "
            f"accuracy {row['accuracy']:.4f}, {seconds:.1f} s",
            flush=True,
        )
        if len(self._outcome.finished) == self._cycles:
            raise TimeIsUp


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise `TimeIsUp` in the block when the time is up, as soon as this process runs Python."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(0.01, seconds))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run_cells(run: PaperRun, jobs: int, seconds: float, command: str, cycles: int | None = None) -> Outcome:
    """Do what can be done of a repetition of the paper in so many seconds.

    Args:
        run: as `prepare_paper` gives it.
        jobs: processes side by side.
        seconds: from now.
        command: stands in the results as what made them.
        cycles: end after so many finished ones too, as if the time were up.
    """
    outcome = Outcome()
    # A single run has a process of its own too: it can be ended wherever it is, also in a solver that no signal stops.
    watcher, executor = Lines(outcome, cycles), LocalProcesses(jobs)
    try:
        with deadline(seconds):
            print("choice of open settings", flush=True)
            run = run.chosen(watcher, executor)
            outcome.phases["choice"] = True
            for name, cells in _phases(run).items():
                print(name, flush=True)
                failures = _run(replace(run, settings=replace(run.settings, only=cells)), watcher, executor, command)
                outcome.failures |= failures
                outcome.phases[name] = not failures
    except TimeIsUp:
        outcome.ended_by_time = True
        print("The time is up; what has finished is kept.", flush=True)
    return outcome


def _phases(run: PaperRun) -> dict[str, tuple[str, ...]]:
    """Name -> the cells of it, in the order in which they are run."""
    settings = run.settings
    if settings.only:
        return {"cells": settings.only}
    seeds = range(settings.seeds)
    last = [method for method in settings.acquisitions if method.partition(":")[0] == LAST]
    first = [method for method in settings.acquisitions if method not in last]
    phases = {
        "references": tuple(Cell(REFERENCE, seed).name for seed in seeds if settings.reference),
        "methods": tuple(Cell(method, seed).name for seed in seeds for method in first),
        LAST: tuple(Cell(method, seed).name for seed in seeds for method in last),
    }
    return {name: cells for name, cells in phases.items() if cells}


def _run(run: PaperRun, watcher: Lines, executor: Executor, command: str) -> dict[str, str]:
    """As `swither.experiment.compare`, without tables and report, which are drawn where the results go."""
    experiment = prepare(run.settings, run.out, watcher, run.taking_part)
    with locked(run.out / "lock"):
        record(experiment, command)
        failures = executor.run(experiment, tasks_of(experiment), watcher)
    for failure in failures:
        print(f"  {failure.task.cell.name} failed: {failure.reason}", flush=True)
    return {failure.task.cell.name: failure.reason for failure in failures}
