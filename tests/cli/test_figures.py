from __future__ import annotations

from pathlib import Path

import pytest

from swither.cli import main

KEPT = Path(__file__).parents[1] / "experiment" / "formats" / "v1"


def test_what_was_written_is_counted_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", str(KEPT), "--out", str(tmp_path / "draft")]) == 0
    said = capsys.readouterr().out
    pdfs = list((tmp_path / "draft" / "figures").glob("*.pdf"))
    assert f"{len(pdfs)} figures" in said
    assert str(tmp_path / "draft") in said


def test_a_folder_without_results_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", str(tmp_path)]) != 0
    captured = capsys.readouterr()
    assert "holds no experiment" in captured.out + captured.err


def test_a_target_that_is_a_file_is_refused_before_anything_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swither.report.manuscript.writing.Comparison", lambda _: pytest.fail("drawn"))
    (tmp_path / "file").write_text("mine")
    assert main(["figures", str(KEPT), "--out", str(tmp_path / "file")]) != 0
    assert "cannot be written" in capsys.readouterr().err
