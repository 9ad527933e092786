"""A function of the user's own is compared like any other, and never two versions of one method together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swither.acquisition.catalogue import ACQUISITIONS
from swither.errors import InputError, OwnCodeFailed, SettingsDiffer
from swither.experiment import CompareSettings, compare, opinions
from swither.experiment.cells import Cell
from swither.experiment.compare import CellsFailed, rebuild
from swither.experiment.making import making_of, refuse_other_making
from swither.experiment.merging import merge_cells
from swither.experiment.opinion_rows import opinion_rows
from swither.experiment.packing import pack_cells
from swither.experiment.protocol import prepare
from swither.experiment.results import cells_of
from swither.experiment.running import run_cell
from swither.experiment.watch import Silent

DOUBT = "def doubt(probabilities, *, power=1.0):\n    return (1 - probabilities.max(axis=1)) ** power\n"
"""The same choice as least confidence."""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ideas").mkdir()
    (tmp_path / "ideas" / "mine.py").write_text(DOUBT)
    return tmp_path / "ideas" / "mine.py"


def selected(out: Path, method: str) -> list[Any]:
    import pyarrow.parquet

    rows = pyarrow.parquet.read_table(out / "selected.parquet").to_pylist()
    return [row["id"] for row in rows if row["method"] == method and row["batch"] == 1]


def own(quick: CompareSettings, *methods: str) -> CompareSettings:
    return replace(quick, acquisitions=methods, reference=False)


def test_a_function_of_ones_own_chooses_what_the_same_idea_in_the_catalogue_chooses(
    quick: CompareSettings, mine: Path, tmp_path: Path
) -> None:
    out, name = tmp_path / "out", "ideas/mine.py:doubt"
    methods = ("least-confidence", name, f"{name}:power=2")
    results = compare(own(quick, *methods), out)
    assert set(results.column("method").to_pylist()) == {"least-confidence", name, f"{name}:power=2.0"}
    assert selected(out, name) == selected(out, "least-confidence") == selected(out, f"{name}:power=2.0")
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "doubt (mine.py)" in page
    cell = json.loads((Cell(name, 0).folder(out) / "cell.json").read_text())
    assert cell["method"] == name
    assert cell["method_version"] == 1
    assert len(cell["method_file"]) == 32
    assert cell["method_file"] in page
    mine.unlink()  # the report needs no code
    rebuild(out)
    assert "doubt (mine.py)" in (out / "report.html").read_text(encoding="utf-8")


def test_worker_processes_load_it_too(quick: CompareSettings, mine: Path, tmp_path: Path) -> None:
    settings = replace(own(quick, "random", "ideas/mine.py:doubt"), jobs=2)
    assert compare(settings, tmp_path / "out").num_rows == 4


def test_a_changed_file_is_refused_before_anything_is_trained_and_nothing_is_mixed(
    quick: CompareSettings, mine: Path, tmp_path: Path
) -> None:
    out, name = tmp_path / "out", "ideas/mine.py:doubt"
    compare(own(quick, "random", name), out)
    mine.write_text(DOUBT.replace("1 -", "2 -"))
    with pytest.raises(SettingsDiffer, match=r"another content of ideas/mine\.py"):
        prepare(replace(own(quick, name), seeds=2), out, Silent())
    assert compare(own(quick, "random"), out).num_rows == 4  # others go on
    mine.write_text(DOUBT)
    assert compare(own(quick, name), out).num_rows == 4


def test_a_file_that_changes_while_a_comparison_runs_is_refused(
    quick: CompareSettings, mine: Path, tmp_path: Path
) -> None:
    experiment = prepare(own(quick, "ideas/mine.py:doubt"), tmp_path / "out", Silent())
    mine.write_text(DOUBT + "# a thought\n")
    with pytest.raises(InputError, match="was changed while the comparison ran"):
        run_cell(experiment, experiment.cells[0], Silent())


def test_a_function_that_raises_is_told_with_its_line_before_anything_is_trained(
    quick: CompareSettings, mine: Path, tmp_path: Path
) -> None:
    mine.write_text("def doubt(probabilities):\n    return 1 / 0\n")
    with pytest.raises(OwnCodeFailed, match=r"ZeroDivisionError in line 2 of ideas/mine\.py"):
        compare(own(quick, "random", "ideas/mine.py:doubt"), tmp_path / "out")
    assert not (tmp_path / "out" / "artifacts").exists()


def test_a_function_that_raises_later_fails_only_its_own_cell(
    quick: CompareSettings, mine: Path, tmp_path: Path
) -> None:
    mine.write_text("def doubt(probabilities):\n    return probabilities[:, 0] / (len(probabilities) == 60 or {})\n")
    with pytest.raises(CellsFailed, match=r"TypeError in line 2 of ideas/mine\.py"):
        compare(own(quick, "random", "ideas/mine.py:doubt"), tmp_path / "out")
    assert rebuild(tmp_path / "out").num_rows >= 2


def test_two_versions_are_not_merged_and_equal_ones_are(quick: CompareSettings, mine: Path, tmp_path: Path) -> None:
    name = "ideas/mine.py:doubt"
    settings = replace(own(quick, name), seeds=2)
    compare(replace(settings, only=(f"{name}--seed0",)), tmp_path / "one")
    compare(replace(settings, only=(Cell(name, 1).name,)), tmp_path / "two")
    (pack,) = pack_cells(tmp_path / "two", tmp_path / "two.zip")
    assert merge_cells(pack, tmp_path / "one").new == (Cell(name, 1).name,)
    assert rebuild(tmp_path / "one").num_rows == 4
    mine.write_text(DOUBT + "# another version\n")
    compare(replace(settings, only=(f"{name}--seed1",)), tmp_path / "three")
    (pack,) = pack_cells(tmp_path / "three", tmp_path / "three.zip")
    with pytest.raises(SettingsDiffer, match="another content"):
        merge_cells(pack, tmp_path / "one")
    compare(replace(settings, only=(f"{name}--seed0",)), tmp_path / "four")
    with pytest.raises(SettingsDiffer, match="another content"):
        merge_cells(tmp_path / "two", tmp_path / "four")


def test_opinions_ask_it_by_name_only(quick: CompareSettings, mine: Path, tmp_path: Path) -> None:
    out, name = tmp_path / "out", "ideas/mine.py:doubt"
    compare(own(quick, "random", name), out)
    (said,) = opinions(out, methods=(name, "least-confidence"))
    ids = {row["method"]: row["ids"] for row in said["rows"]}
    assert ids[name] == ids["least-confidence"]
    mine.write_text("raise SystemExit('a folder had code loaded that nobody named')\n")
    (said,) = opinions(out, methods=("margin",))
    assert "margin" in {row["method"] for row in said["rows"]}
    mine.write_text(DOUBT + "# another version\n")
    with pytest.raises(SettingsDiffer, match="another content"):
        opinions(out, methods=(name,))


def test_opinions_of_another_content_of_a_file_are_not_shown_beside_its_cells(
    quick: CompareSettings, mine: Path, tmp_path: Path
) -> None:
    out, name = tmp_path / "out", "ideas/mine.py:doubt"
    compare(own(quick, "random"), out)
    opinions(out, methods=(name, "margin"))
    shown = {row["method"] for row in opinion_rows(out, cells_of(out))[0]}
    assert name in shown
    mine.write_text(DOUBT.replace("1 -", "2 -"))
    compare(own(quick, name), out)
    rows = [row for row in opinion_rows(out, cells_of(out))[0] if row["method"] == name]
    assert len(rows) <= 1  # the cell's own
    (said,) = opinions(out, methods=(name,))
    assert said["rows"][-1]["method_file"] == making_of(name)["method_file"]


def test_a_pack_that_brings_code_is_refused(quick: CompareSettings, tmp_path: Path) -> None:
    import zipfile

    from swither.errors import DamagedState

    compare(own(quick, "random"), tmp_path / "out")
    (tmp_path / "out" / "cells" / "random--seed0" / "evil.py").write_text("x = 1\n")
    (pack,) = pack_cells(tmp_path / "out", tmp_path / "pack.zip")
    with zipfile.ZipFile(pack) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".py")]
    with zipfile.ZipFile(pack, "a") as archive:
        archive.writestr("cells/random--seed0/evil.py", "x = 1\n")
    with pytest.raises(DamagedState, match=r"evil\.py"):
        merge_cells(pack, tmp_path / "other")


def test_a_cell_of_another_version_of_a_method_is_refused(
    quick: CompareSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare(own(quick, "random"), tmp_path)
    newer = replace(ACQUISITIONS["random"], version=2)
    monkeypatch.setattr("swither.acquisition.catalogue.ACQUISITIONS", {**ACQUISITIONS, "random": newer})
    assert making_of("random") == {"method_version": 2}
    with pytest.raises(SettingsDiffer, match="made by version 1 of random, and here is version 2"):
        prepare(own(quick, "random"), tmp_path, Silent())
    rebuild(tmp_path)  # what is there is still shown


def test_a_cell_from_before_versions_counts_as_the_first() -> None:
    refuse_other_making("random", {}, {"method_version": 1}, "there")
    with pytest.raises(SettingsDiffer):
        refuse_other_making("random", {}, {"method_version": 2}, "there")
