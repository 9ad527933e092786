from __future__ import annotations

from pathlib import Path

import pytest

from swither.cli import main
from swither.experiment.packing import unpacked

KEPT = Path(__file__).parents[1] / "experiment" / "formats" / "v1"


@pytest.mark.parametrize("flag", ["--probabilities", "--no-probabilities"])
def test_a_pack_holds_what_was_asked_for_and_is_named(
    flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "results.zip"
    assert main(["pack", str(KEPT), "--to", str(file), flag]) == 0
    assert "3 cells" in capsys.readouterr().out
    with unpacked(file) as folder:
        assert any(folder.rglob("cycle-*.npy")) == (flag == "--probabilities")
        assert any(folder.rglob("cycle-*.left-out")) != (flag == "--probabilities")


def test_a_folder_without_results_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", str(tmp_path), "--to", str(tmp_path / "results.zip")]) != 0
    captured = capsys.readouterr()
    assert "holds no experiment" in captured.out + captured.err


def test_a_target_that_cannot_be_written_is_refused_in_words_before_anything_is_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swither.experiment.packing.files_of_a_cell", lambda _: pytest.fail("packed"))
    (tmp_path / "file").write_text("mine")
    for target in (tmp_path, tmp_path / "file" / "x.zip"):
        assert main(["pack", str(KEPT), "--to", str(target)]) != 0
        assert "cannot be written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
