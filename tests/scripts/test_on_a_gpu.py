"""The whole of the GPU's script at toy size, on the CPU, with only the libraries that a borrowed machine has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from swither.acquisition import Variant
from swither.data import DataSettings, open_dataset
from swither.experiment import CompareSettings, rebuild
from swither.experiment.choice import read_choice
from swither.experiment.merging import merge_cells
from swither.experiment.paper import PaperRun
from swither.experiment.paper_protocol import EXPECTED, Expected
from swither.models import ModelSettings
from swither.training import Recipe

REPOSITORY = Path(__file__).resolve().parents[2]
BARE = """
import importlib.metadata, sys


class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"cyclopts", "yaml", "matplotlib"}:
            raise ImportError(f"{name} is not on a bare machine")


sys.meta_path.insert(0, Missing())
known = importlib.metadata.version


def version(name):
    if name == "swither":
        raise importlib.metadata.PackageNotFoundError(name)
    return known(name)


importlib.metadata.version = version
"""
STUCK = """
import ctypes, os, signal, threading
from pathlib import Path


def stuck(probabilities):
    if len(probabilities) > 60:  # not where it is tried before anything is trained
        threading.Timer(1, os.kill, ({main}, signal.SIGALRM)).start()  # the time is up
        signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGALRM}})
        try:
            ctypes.CDLL(None).sleep(30)  # as a solver, which comes back to Python when it is through
        finally:
            Path({after!r}).touch()
    return probabilities.max(axis=1)
"""


def run_bare(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script as on a machine where swither is not installed."""
    (tmp_path / "bare").mkdir(exist_ok=True)
    (tmp_path / "bare" / "sitecustomize.py").write_text(BARE)
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "bare"), "OMP_NUM_THREADS": "1"}
    script = str(REPOSITORY / "scripts" / "on_a_gpu.py")
    command = [sys.executable, script, *arguments, "--device", "cpu", "--work", str(tmp_path / "work")]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=280, check=False)


@pytest.mark.slow
def test_a_rehearsal_does_every_step_and_its_results_merge(tmp_path: Path) -> None:
    done = run_bare(tmp_path, "--rehearse", "--to", str(tmp_path / "out"))
    assert done.returncode == 0, done.stdout + done.stderr
    facts = json.loads((tmp_path / "out" / "gpu.json").read_text())
    assert facts["shards"]["rows"] == {"train": 120, "test": 40}
    assert {check["name"] for check in facts["checks"]} >= {
        "augmentation: pixels that differ",
        "logits, bfloat16: relative distance",
        "gradients, float32: relative distance",
        "pool labels that differ, bfloat16",
        "dispersion, bfloat16: mean difference",
    }
    exact = [check for check in facts["checks"] if "bfloat16" not in check["name"]]
    assert len(exact) == 5
    assert all(check["passed"] for check in exact), "the card is the CPU here"
    assert [one["variant"]["runs"] for one in facts["timing"]] == [1, 2]
    assert all(one["training"] > 0 and one["recording"] > 0 for one in facts["timing"])
    assert facts["cells"]["phases"] == {"choice": True, "references": True, "methods": True}
    merge_cells(tmp_path / "out" / "results.zip", tmp_path / "merged")
    results = rebuild(tmp_path / "merged")
    assert set(results.column("method").to_pylist()) == {"random", "margin", "dispersion", "reference"}
    assert set(results.column("precision").to_pylist()) == {"bfloat16, last layer in float32"}
    assert read_choice(tmp_path / "merged") is not None


@pytest.mark.slow
def test_what_one_call_left_unfinished_another_machine_finishes(tmp_path: Path) -> None:
    hurried = ["--rehearse", "--skip", "checks", "timing", "--jobs", "1"]
    first = run_bare(tmp_path, *hurried, "--to", str(tmp_path / "one"), "--cycles-now", "2")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "The time is up" in first.stdout
    done = json.loads((tmp_path / "one" / "gpu.json").read_text())["cells"]
    assert done["ended_by_time"]
    first_two = [(row["cell"], row["cycle"]) for row in done["finished"]][:2]
    assert first_two == [("reference--seed0", 0), ("random--seed0", 0)]
    (tmp_path / "work").rename(tmp_path / "gone with its machine")
    packs = sorted((tmp_path / "one").glob("*.zip"))
    assert packs, "what had finished came back"
    second = run_bare(tmp_path, *hurried, "--results", *map(str, packs), "--to", str(tmp_path / "two"))
    assert second.returncode == 0, second.stdout + second.stderr
    left = json.loads((tmp_path / "two" / "gpu.json").read_text())["cells"]
    assert not left["ended_by_time"]
    again = {(row["cell"], row["cycle"]) for row in left["finished"]}
    assert again >= {(f"{method}--seed0", cycle) for method in ("margin", "dispersion") for cycle in (0, 1)}
    assert not again & {(row["cell"], row["cycle"]) for row in done["finished"]}, "what is known is not made again"
    for pack in (*packs, tmp_path / "two" / "results.zip"):
        merge_cells(pack, tmp_path / "merged")
    rows = {(row["method"], row["cycle"]): row["accuracy"] for row in rebuild(tmp_path / "merged").to_pylist()}
    assert len(rows) == 7
    for row in done["finished"]:
        assert rows[row["cell"].partition("--")[0], row["cycle"]] == row["accuracy"], "as the first machine had it"


def test_one_run_alone_is_ended_in_time_though_no_signal_reaches_it(
    few_digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
    cells, after = import_module("on_card.cells"), tmp_path / "it went on"
    (tmp_path / "mine.py").write_text(STUCK.format(main=os.getpid(), after=str(after)))
    settings = CompareSettings(
        DataSettings(str(few_digits), cache=str(tmp_path / "cache")),
        acquisitions=(Variant.named(f"{tmp_path / 'mine.py'}:stuck").spec,),
        seeds=1,
        reference=False,
        initial="20",
        step="10",
        cycles=1,
        model=ModelSettings("tiny", width=4),
        recipe=Recipe(epochs=2, least_steps=2),
        jobs=1,
        device="cpu",
    )
    run = PaperRun("cifar10", settings, tmp_path / "out", open_dataset(settings.data), {})
    outcome = cells.run_cells(run, 1, 600.0, "python scripts/on_a_gpu.py")
    assert outcome.ended_by_time
    assert not after.exists(), "the results would have been packed too late"


@pytest.mark.parametrize(
    ("typed", "open_still"),
    [
        ([], {"weight_decay", "batch_size", "nesterov"}),
        (["--batch-size", "256", "--nesterov", "no"], {"weight_decay"}),
        (["--weight-decay", "0", "--batch-size", "256", "--nesterov", "no"], set()),
    ],
)
def test_open_settings_that_are_given_are_taken_and_only_the_others_chosen(
    typed: list[str], open_still: set[str], few_digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
    monkeypatch.setitem(EXPECTED, "cifar10", Expected(191, 49, 10, (8, 8, 1)))
    script = import_module("on_a_gpu")
    images = open_dataset(DataSettings(str(few_digits), cache=str(tmp_path / "cache")))
    run = script._paper_run(images, tmp_path / "out", {"device": "cpu"}, script._parser().parse_args(typed))
    assert {name for name, values in run.grid.items() if len(values) > 1} == open_still
    taken = {"weight_decay": 0.0, "batch_size": 256, "nesterov": False}
    given = {name: value for name, value in taken.items() if name not in open_still}
    assert {name: getattr(run.settings.recipe, name) for name in given} == given


def test_an_error_in_the_cells_does_not_lose_what_had_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
    script = import_module("on_a_gpu")

    def broken(run: PaperRun, *given: object) -> object:
        (run.out / "cells" / "random--seed0").mkdir(parents=True)
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    def pack(out: Path, path: Path, **how: object) -> list[Path]:
        path.write_text("packed")
        return [path]

    monkeypatch.setattr(script, "run_cells", broken)
    monkeypatch.setattr(script, "cell_folders", lambda out: [*(out / "cells").iterdir()])
    monkeypatch.setattr(script, "pack_cells", pack)
    given = script._parser().parse_args(["--rehearse"])
    facts: dict[str, object] = {"command": "python scripts/on_a_gpu.py"}
    best, began = script.Variant(script.NO_GRAPHS, 1), time.monotonic()
    with pytest.raises(RuntimeError, match="illegal memory access"):
        script._cells(open_dataset("digits"), best, "float32", tmp_path, tmp_path / "work", given, facts, began)
    assert (tmp_path / "results.zip").exists()
    assert facts["packed"] == ["results.zip"]


def test_no_cell_is_started_while_a_shard_is_missing(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path / "data"
    folder.mkdir()
    cells = pa.array(
        [{"bytes": b"no image", "path": None}] * 3, pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    )
    table = pa.table({"img": cells, "label": pa.array(np.arange(3))})
    pq.write_table(table, folder / "train-00000-of-00002.parquet")
    done = run_bare(
        tmp_path, "--rehearse", "--skip", "checks", "timing", "--data", str(folder), "--to", str(tmp_path / "out")
    )
    assert done.returncode == 1
    assert "MISSING  train-00001-of-00002.parquet" in done.stdout
    assert "MISSING  test-*.parquet" in done.stdout
    assert "No paper cell was started: shards are missing" in done.stdout
    facts = json.loads((tmp_path / "out" / "gpu.json").read_text())
    assert facts["shards"]["seen"] == ["train-00000-of-00002.parquet"]
    assert "cells" not in facts


def test_without_a_card_nothing_is_begun_that_would_take_days(tmp_path: Path) -> None:
    done = run_bare(tmp_path, "--to", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "Expected a CUDA card, found cpu" in done.stderr
