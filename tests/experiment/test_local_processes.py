"""Cells side by side end as cells one by one, whoever dies meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from swither.data import open_dataset
from swither.experiment import CompareSettings, compare
from swither.experiment.cells import Cell
from swither.experiment.local_processes import LocalProcesses
from swither.experiment.results import results_table
from swither.experiment.watch import Silent


def results(out: Path) -> list[dict[str, Any]]:
    return results_table(out).drop_columns(["seconds_training", "seconds_recording", "seconds_selecting"]).to_pylist()


class Counting(Silent):
    """A watcher that counts."""

    def __init__(self) -> None:
        self.finished_cycles = 0

    def finished(self, cell: Cell, row: Mapping[str, Any]) -> None:
        self.finished_cycles += 1


def test_processes_side_by_side_give_what_one_process_gives(quick: CompareSettings, tmp_path: Path) -> None:
    compare(quick, tmp_path / "one")
    watcher = Counting()
    compare(quick, tmp_path / "two", executor=LocalProcesses(2), watcher=watcher)
    assert results(tmp_path / "two") == results(tmp_path / "one")
    assert watcher.finished_cycles == 5


class KillingOnce(Silent):
    """A watcher that ends a worker, as a system short of memory does."""

    def __init__(self) -> None:
        self.killed = 0

    def working(self, cell: Cell, cycle: int, what: str, done: int, total: int) -> None:
        if not self.killed:
            victim = multiprocessing.active_children()[0]
            os.kill(victim.pid, signal.SIGKILL)  # type: ignore[arg-type]
            self.killed += 1


def test_a_worker_that_dies_is_replaced_and_its_cell_goes_on(quick: CompareSettings, tmp_path: Path) -> None:
    compare(quick, tmp_path / "whole")
    watcher = KillingOnce()
    compare(quick, tmp_path / "hurt", executor=LocalProcesses(2), watcher=watcher)
    assert watcher.killed == 1
    assert results(tmp_path / "hurt") == results(tmp_path / "whole")


def test_images_that_are_open_already_reach_every_process(quick: CompareSettings, tmp_path: Path) -> None:
    opened = open_dataset(quick.data)
    part = replace(opened, train=opened.train.take(np.arange(60)))
    settings = replace(quick, acquisitions=("random",), reference=False)
    compare(settings, tmp_path / "one", dataset=part)
    compare(settings, tmp_path / "two", dataset=part, executor=LocalProcesses(1))
    assert results(tmp_path / "two") == results(tmp_path / "one")
