from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from swither.errors import InputError
from swither.experiment.manuscript import manuscript
from swither.experiment.results import results_table

KEPT = Path(__file__).parent / "formats" / "v1"


def test_a_folder_gives_its_figures_beside_its_results(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    shutil.copytree(KEPT, folder)
    written = manuscript(folder)
    assert folder / "paper" / "protocol.txt" in written
    with (folder / "paper" / "figures" / "learning-curves.csv").open(newline="") as file:
        shown = {(row["method"], row["cycle"]): float(row["mean"]) for row in csv.DictReader(file)}
    for row in results_table(folder).to_pylist():
        cycle = "" if row["method"] == "reference" else str(row["cycle"])
        assert shown[row["method"], cycle] == row["accuracy"]


def test_it_can_be_written_elsewhere_and_leaves_the_results_alone(tmp_path: Path) -> None:
    before = sorted(KEPT.rglob("*"))
    written = manuscript(KEPT, tmp_path / "draft")
    assert all(path.is_relative_to(tmp_path / "draft") for path in written)
    assert sorted(KEPT.rglob("*")) == before


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no experiment"):
        manuscript(tmp_path)


def test_a_folder_that_has_only_begun_is_refused(tmp_path: Path) -> None:
    shutil.copy(KEPT / "experiment.json", tmp_path)
    with pytest.raises(InputError, match="nothing to draw yet"):
        manuscript(tmp_path)
    assert not (tmp_path / "paper").exists()
