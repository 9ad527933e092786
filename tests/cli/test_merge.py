from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from swither.cli import main
from swither.experiment.packing import pack_cells

KEPT = Path(__file__).parents[1] / "experiment" / "formats" / "v1"


def test_merged_results_are_in_the_tables_and_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    shutil.copytree(KEPT, theirs)
    shutil.copytree(KEPT, ours)
    shutil.rmtree(ours / "cells" / "dispersion--seed0")
    (file,) = pack_cells(theirs, tmp_path / "pack.zip")
    assert main(["merge", str(file), "--into", str(ours)]) == 0
    said = capsys.readouterr().out
    assert "1 new cell, 0 that go on further, 2 known" in said
    assert "dispersion" in said
    assert (ours / "report.html").stat().st_size > 10_000


def test_results_of_another_protocol_are_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = tmp_path / "ours"
    shutil.copytree(KEPT, ours)
    for path in [ours / "experiment.json", *ours.glob("cells/*/cell.json")]:
        path.write_text(path.read_text().replace('"epochs": 2', '"epochs": 3'))
    (file,) = pack_cells(KEPT, tmp_path / "pack.zip")
    assert main(["merge", str(file), "--into", str(ours)]) != 0
    captured = capsys.readouterr()
    assert "recipe.epochs: 3 there, 2 now" in captured.out + captured.err


def test_trials_alone_are_taken_in_and_nothing_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun = tmp_path / "begun"
    trial = begun / "choice" / "nesterov=True" / "cells" / "reference--seed0"
    shutil.copytree(KEPT / "cells" / "reference--seed0", trial)
    (file,) = pack_cells(begun, tmp_path / "pack.zip")
    assert main(["merge", str(file), "--into", str(tmp_path / "ours")]) == 0
    assert "holds trials of open settings so far" in capsys.readouterr().out


def test_nothing_is_taken_where_one_of_several_files_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, other, broken = tmp_path / "ours", tmp_path / "other", tmp_path / "broken.zip"
    broken.write_bytes(b"no pack")
    shutil.copytree(KEPT, other)
    for path in [other / "experiment.json", *other.glob("cells/*/cell.json")]:
        path.write_text(path.read_text().replace('"epochs": 2', '"epochs": 3'))
    for refused in (broken, other):
        assert main(["merge", str(KEPT), str(refused), "--into", str(ours)]) != 0
        assert not list(ours.glob("cells/*"))
    said = capsys.readouterr().err
    assert f"{KEPT} holds results of another protocol than {other}:" in said
    assert "recipe.epochs: 2 there, 3 now" in said
    assert "another folder with --into" in said
    assert "--out" not in said
