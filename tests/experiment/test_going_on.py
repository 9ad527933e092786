"""What is offered for going on names the folder at hand, and leaves out nothing without saying so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from swither.experiment import rebuild
from swither.experiment.contents import report_data
from swither.experiment.going_on import command_on
from swither.experiment.results import results_table, selected_table
from swither.files import write_json
from swither.report.page import write_report

KEPT = Path(__file__).parent / "formats" / "v1"
BEGUN = {"methods": ["random", "margin"], "seeds": 3, "reference": True}


def goes_on(*commands: str, of_paper: bool = False, **more: Any) -> str:
    return command_on(Path("here"), {**BEGUN, "commands": list(commands), **more}, of_paper=of_paper)


def test_the_folder_at_hand_stands_for_the_one_that_was_typed() -> None:
    said = "swither compare d --out {} --acquisition random margin"
    assert goes_on(said.format("/there/mine")) == said.format("here")
    assert goes_on("swither demo") == "swither demo --out here"
    assert goes_on("swither compare --out=-x -- -d") == "swither compare --out here --acquisition random margin -- -d"


def test_every_method_and_seed_that_the_folder_is_to_hold_is_in_the_command() -> None:
    part = "swither compare d --acquisition random --seeds 2 --no-reference --yes"
    assert goes_on(part) == "swither compare d --acquisition random margin --seeds 3 --yes --out here"
    one_by_one = "swither compare d --out here --acquisition=random --acquisition=-x.py:f"
    assert goes_on(one_by_one, methods=["random", "-x.py:f", "margin"]) == f"{one_by_one} --acquisition=margin"
    usual = ["random", "margin", "bald", "kcenter", "dispersion"]
    assert goes_on("swither compare d --out x", methods=usual) == "swither compare d --out here"
    assert goes_on("swither paper cifar10 --out x", of_paper=True, seeds=10).endswith("--out here --seeds 10")


def test_the_command_is_one_that_goes_on_with_such_a_folder() -> None:
    paper, compare = "swither paper cifar10 --out here", "swither compare d --out here --acquisition random margin"
    assert goes_on(paper, compare, of_paper=True) == paper
    assert goes_on(compare, of_paper=True) == ""
    assert goes_on(compare, "swither demo") == compare
    assert goes_on("python mine.py 'unclosed") == "python mine.py 'unclosed"
    assert goes_on() == ""


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A folder with a method that nobody has begun, under another name than the command says."""
    out = Path(shutil.copytree(KEPT, tmp_path / "moved"))
    facts = json.loads((out / "experiment.json").read_text())
    facts["methods"].append("entropy")
    facts["commands"] = ["swither paper cifar10 --out there --seeds 1", "swither compare d --acquisition entropy"]
    (out / "experiment.json").write_text(json.dumps(facts))
    return out


def test_the_report_names_the_folder_that_it_lies_in(moved: Path) -> None:
    rebuild(moved)
    page = (moved / "report.html").read_text()
    assert f"swither compare d --acquisition random dispersion entropy --out {moved} --seeds 1" in page


def test_methods_that_are_not_of_the_paper_are_told_apart(moved: Path) -> None:
    facts = {"dataset": "cifar10", "scale": "full", "methods": {"random": "random", "dispersion": "dispersion"}}
    write_json(moved / "paper.json", "swither paper", 1, {**facts, "reductions": [], "beside": None})
    data = report_data(moved, results_table(moved), selected_table(moved))
    page = write_report(data, moved).read_text()
    assert data.command == f"swither paper cifar10 --out {moved} --seeds 1"
    assert "3 of 4 runs finished" in page
    assert "Not of the paper, and gone on with by swither compare: 1 run of entropy." in page
    assert "To go on with everything" not in page, "all that is of the paper has finished"
    assert "makes the results again, but for those of entropy, which swither compare made:" in page
