from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swither.errors import NotEnoughSpace
from swither.experiment import CellsFailed, CompareSettings, compare, running
from swither.experiment import executor as executor_module
from swither.experiment.cells import Cell

FULL = "No space left on the disk while writing labels.npy."


def without_room(monkeypatch: pytest.MonkeyPatch, name: str, method: str | None = None) -> None:
    """Let `run_cell` or `train_first_cycle` fail as on a full disk, for one method or at once."""
    real = getattr(executor_module, name)

    def failing(experiment: Any, cell: Any, watcher: Any) -> None:
        if method is None or cell.method == method:
            raise NotEnoughSpace(FULL)
        real(experiment, cell, watcher)

    monkeypatch.setattr(executor_module, name, failing)


def test_a_full_disk_names_the_cell_though_the_report_has_no_room_either(
    quick: CompareSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_room(monkeypatch, "run_cell", "dispersion")

    def no_room(data: Any, out: Path) -> None:
        raise NotEnoughSpace("No space left on the disk while writing report.html.")

    monkeypatch.setattr("swither.report.write_report", no_room)
    with pytest.raises(CellsFailed) as caught:
        compare(replace(quick, reference=False), tmp_path / "out")
    said = str(caught.value)
    assert "1 cell did not finish: dispersion--seed0 (0 of 2 cycles done)." in said
    assert f"dispersion--seed0: {FULL}" in said
    assert "1 cell finished, and every finished training is kept in" in said
    assert "the same command goes on there" in said
    assert "Nor was the report made: No space left on the disk while writing report.html." in said


def test_where_the_shared_training_fails_every_cell_that_waits_for_it_is_named_and_nothing_is_said_to_be_kept(
    quick: CompareSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_room(monkeypatch, "train_first_cycle")
    with pytest.raises(CellsFailed) as caught:
        compare(replace(quick, reference=False), tmp_path / "out")
    said = str(caught.value)
    assert "2 cells did not finish: random--seed0 (0 of 2 cycles done), dispersion--seed0 (0 of 2" in said
    assert "The first training of seed 0, of random and dispersion, with the pool recorded for dispersion: No" in said
    assert "No cell is finished; every finished training" in said


def test_a_report_that_fails_alone_says_so_itself(
    quick: CompareSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(data: Any, out: Path) -> None:
        raise NotEnoughSpace("report.html")

    monkeypatch.setattr("swither.report.write_report", no_room)
    with pytest.raises(NotEnoughSpace, match=r"report\.html"):
        compare(replace(quick, acquisitions=("random",), reference=False), tmp_path / "out")


def test_a_cell_that_came_half_the_way_says_how_far(
    quick: CompareSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = running._finish_cycle

    def failing(experiment: Any, cell: Cell, folder: Path, cycle: int, *rest: Any) -> None:
        if cycle == 1:
            raise NotEnoughSpace(FULL)
        real(experiment, cell, folder, cycle, *rest)

    monkeypatch.setattr(running, "_finish_cycle", failing)
    settings = replace(quick, acquisitions=("random",), reference=False)
    with pytest.raises(CellsFailed, match=r"1 cell did not finish: random--seed0 \(1 of 2 cycles done\)"):
        compare(settings, tmp_path / "out")
    monkeypatch.undo()
    assert compare(settings, tmp_path / "out").num_rows == 2  # as it says: the same command goes on
