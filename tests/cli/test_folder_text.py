from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from swither.cli.folder_text import not_finished
from swither.experiment.results import results_table
from swither.files import write_json

KEPT = Path(__file__).parents[1] / "experiment" / "formats" / "v1"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT, tmp_path / "out"))


def planned(out: Path, **more: Any) -> None:
    facts = json.loads((out / "experiment.json").read_text())
    (out / "experiment.json").write_text(json.dumps(facts | more))


def repeats_the_paper(out: Path) -> None:
    facts = {"dataset": "cifar10", "scale": "full", "methods": {"random": "random", "dispersion": "dispersion"}}
    write_json(out / "paper.json", "swither paper", 1, {**facts, "reductions": [], "beside": None})


def test_the_command_that_is_offered_is_of_this_folder_and_of_all_its_methods(out: Path) -> None:
    planned(out, methods=["random", "dispersion", "entropy"], commands=["swither compare d --out there"])
    ((said, command),) = not_finished(out, results_table(out))
    assert said == "3 of 4 runs finished; to go on:"
    assert command == f"swither compare d --out {out} --seeds 1 --acquisition random dispersion entropy"


def test_runs_that_are_not_of_the_paper_are_counted_apart_and_named(out: Path) -> None:
    repeats_the_paper(out)
    methods = ["random", "dispersion", "entropy", "badge"]
    planned(out, methods=methods, seeds=2, commands=["swither paper cifar10 --out there"])
    (mine, command), (apart, none) = not_finished(out, results_table(out))
    assert mine == "3 of 6 runs of the paper finished; to go on with everything of the paper:"
    assert command == f"swither paper cifar10 --out {out} --seeds 2"
    assert apart == "0 of 4 runs not of the paper finished; swither compare goes on with entropy and badge."
    assert none == ""


def test_nothing_is_said_of_a_folder_that_lacks_nothing(out: Path) -> None:
    assert not_finished(out, results_table(out)) == []
