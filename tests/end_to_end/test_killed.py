"""A run that is killed at any moment and started again ends as if nothing had happened."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file

from swither.data import DataSettings
from swither.experiment import CompareSettings, compare
from swither.experiment.executor import Executor, InThisProcess
from swither.experiment.local_processes import LocalProcesses
from swither.journal import DamageWarning
from swither.models import ModelSettings
from swither.training import Recipe

SETTINGS = CompareSettings(
    DataSettings("set by the fixture"),
    acquisitions=("dispersion", "bald", "kcenter"),
    seeds=1,
    initial="30",
    step="10",
    cycles=2,
    model=ModelSettings("tiny", width=4),
    recipe=Recipe(epochs=6, least_steps=6),
    device="cpu",
    checkpoint_seconds=0.0,
)
CLOCK = ("seconds_training", "seconds_recording", "seconds_selecting")
KILLS = 24


def run(out: Path, executor: Executor, record: str = "full") -> None:
    data = DataSettings(str(out.parent / "digits.npz"), cache=str(out.parent / "cache"))
    compare(replace(SETTINGS, data=data, record=record), out, executor=executor)


def run_and_kill(out: Path, executor: Executor, after: float, record: str = "full") -> bool:
    """Whether the run was killed: it is not when it finishes before."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch", "sklearn.datasets", "swither.experiment.compare", "swither.loop"])
    process = context.Process(target=run, args=(out, executor, record))
    process.start()
    process.join(after)
    if process.exitcode is None:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def contents(out: Path) -> dict[str, object]:
    """Everything that must be the same: ids, results but for the clock, probabilities, weights, histories."""
    found: dict[str, object] = {
        "selected": pq.read_table(out / "selected.parquet").to_pylist(),
        "results": pq.read_table(out / "results.parquet").drop_columns(list(CLOCK)).to_pylist(),
    }
    for path in sorted(out.glob("cells/*/probabilities/*.npy")) + sorted(out.glob("artifacts/history/*/*/labels.npy")):
        found[str(path.relative_to(out))] = np.load(path).tobytes()
    for path in sorted(out.glob("artifacts/training/*/weights.safetensors")):
        found[str(path.relative_to(out))] = {name: array.tobytes() for name, array in load_file(path).items()}
    return found


@pytest.fixture
def uninterrupted(tmp_path: Path, few_digits: Path) -> tuple[dict[str, object], float]:
    shutil.copy(few_digits, tmp_path)
    begin = time.monotonic()
    run(tmp_path / "uninterrupted", InThisProcess())
    return contents(tmp_path / "uninterrupted"), time.monotonic() - begin


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_random_moments_a_run_ends_with_the_same_ids_history_and_accuracies(
    uninterrupted: tuple[dict[str, object], float], tmp_path: Path
) -> None:
    expected, seconds = uninterrupted
    moments = random.Random(time.time_ns())
    kills, folder = 0, 0
    while kills < KILLS:
        out, folder = tmp_path / str(folder), folder + 1
        while run_and_kill(out, InThisProcess(), moments.uniform(0.0, seconds / 3)):
            kills += 1
            if kills >= KILLS:
                run(out, InThisProcess())
                break
        assert contents(out) == expected
    assert kills >= 20


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("record", ["online", "deferred"])
def test_killed_while_it_records_in_part_a_run_ends_with_the_same_ids_history_and_accuracies(
    few_digits: Path, tmp_path: Path, record: str
) -> None:
    shutil.copy(few_digits, tmp_path)
    begin = time.monotonic()
    run(tmp_path / "uninterrupted", InThisProcess(), record)
    seconds, expected = time.monotonic() - begin, contents(tmp_path / "uninterrupted")
    moments, kills = random.Random(time.time_ns()), 0
    while run_and_kill(tmp_path / "killed", InThisProcess(), moments.uniform(0.0, seconds / 3), record):
        kills += 1
        if kills == KILLS // 3:
            run(tmp_path / "killed", InThisProcess(), record)
            break
    assert kills > 0
    assert contents(tmp_path / "killed") == expected
    assert not list((tmp_path / "killed").glob("artifacts/history/*/*/weights"))


@pytest.mark.slow
def test_killed_with_its_workers_a_run_leaves_no_process_behind_and_ends_the_same(
    uninterrupted: tuple[dict[str, object], float], tmp_path: Path
) -> None:
    expected, _ = uninterrupted
    executor = LocalProcesses(2)
    out = tmp_path / "killed"
    for after in (3.0, 5.0, 7.0):
        run_and_kill(out, executor, after)
    run(out, executor)
    assert contents(out) == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", ["events.jsonl", "batches.jsonl", "cycles.jsonl"])
def test_a_finished_run_whose_journal_was_damaged_is_mended_to_the_same_results(
    uninterrupted: tuple[dict[str, object], float], tmp_path: Path, name: str
) -> None:
    expected, _ = uninterrupted
    out = tmp_path / "uninterrupted"
    path = out / "cells" / "dispersion--seed0" / name
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1][:5] + b"#" + lines[1][6:]
    path.write_bytes(b"".join(lines))
    with pytest.warns(DamageWarning, match=rf"{name} was damaged in line\(s\) 2"):
        run(out, InThisProcess())
    assert contents(out) == expected
