"""``swither opinions`` as it is typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from swither.cli import main
from swither.cli.flags import methods_typed
from swither.data import DataSettings
from swither.experiment import CompareSettings, compare
from swither.models import ModelSettings
from swither.training import Recipe


@pytest.fixture(scope="module")
def finished(few_digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    data = DataSettings(str(shutil.copy(few_digits, folder)), cache=str(folder / "cache"))
    settings = CompareSettings(
        data, ("random", "dispersion"), 1, False, "20", "10", 1, ModelSettings("tiny", 4), Recipe(3, least_steps=3),
        jobs=1, device="cpu",
    )  # fmt: skip
    compare(settings, folder / "out")
    return folder / "out"


def test_a_table_is_printed_and_kept_in_file_and_report(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["opinions", str(finished), "--method", "margin,entropy", "dispersion:stride=2", "--count", "12"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert all(word in said for word in ("margin", "entropy", "dispersion (stride 2)", "12 images each", "report.html"))
    kept = json.loads((finished / "opinions" / "seed0-cycle0.json").read_text())
    assert [row["method"] for row in kept["rows"]] == ["margin", "entropy", "dispersion:stride=2"]
    assert 'id="opinions"' in (finished / "report.html").read_text()


def test_what_was_left_out_is_said_with_its_reason(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["opinions", str(finished), "--cycle", "1", "--without", "kcenter", "badge", "typiclust"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Without dispersion: no record of the whole pool was there when it was asked" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seed", "7"], "seed 7 has not finished cycle 0"),
        (["--cycle", "9"], "--cycle from 0 to 1, got 9"),
        (["--seed", "-1"], "--seed as numbers from 0, got -1"),
        (["--count", "0"], "1 or more"),
        (["--method", "margn"], "margin"),
        (["--data", "nowhere"], "nowhere"),
        (["--cylce", "1"], "--cycle"),
    ],
)
def test_what_cannot_be_answered_ends_with_a_sentence(
    finished: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["opinions", str(finished), *arguments]) != 0
    out = capsys.readouterr()
    assert said in " ".join((out.err + out.out).split())
    assert "Traceback" not in out.err


def test_a_folder_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["opinions", str(tmp_path)]) == 1
    assert "holds no experiment" in " ".join(capsys.readouterr().err.split())


def test_commas_part_methods_and_settings_keep_theirs() -> None:
    assert methods_typed(["margin,entropy", "dispersion:window=5,stride=2,bald"]) == (
        "margin", "entropy", "dispersion:window=5,stride=2", "bald"
    )  # fmt: skip
    assert methods_typed(()) == ()
