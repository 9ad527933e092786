"""The paper's experiments on the screen: the plan with the choice in it, the question of time, the table at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from swither.cli import main
from swither.experiment import forecast, paper_protocol
from swither.experiment.paper_protocol import Expected
from swither.experiment.work import Speeds


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, few_digits: Path, tmp_path: Path) -> Any:
    """The command on digits that pass for CIFAR-10, on a machine that needs so long for an image."""

    def command(*more: str, image_seconds: float = 0.0) -> list[str]:
        speeds = Speeds(0.0, image_seconds, 0.0, 0.0, 10**9, 10**7, 512)
        monkeypatch.setattr(forecast, "measure_speeds", lambda *arguments, **settings: speeds)
        monkeypatch.setattr(forecast, "measure_vaal", lambda *arguments, **settings: 0.0)
        words = f"paper cifar10 --data {few_digits} --cache {tmp_path / 'cache'} --out {tmp_path / 'out'} --jobs 1"
        return [*words.split(), "--model", "tiny", "--width", "4", "--epochs", "1", "--device", "cpu", *more]

    monkeypatch.setitem(paper_protocol.EXPECTED, "cifar10", Expected(191, 49, 10, (8, 8, 1)))
    return command


GIVEN = ("--weight-decay", "0.0005", "--batch-size", "128", "--nesterov")


def test_a_dry_run_counts_the_choice_and_begins_nothing(
    toy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(toy("--dry-run")) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "random, margin, bald, kcenter, coreset, vaal, dispersion, oracle; 3 seeds" in said
    assert "weight decay 0.0005 | 0.0001 | 0, batch size 128 | 256, nesterov on | off" in said
    assert "12 trainings" in said
    assert "Together" in said
    assert not (tmp_path / "out").exists()
    assert main(toy("--dry-run", *GIVEN)) == 0
    assert "Together" not in capsys.readouterr().out, "nothing is left to choose"


def test_more_than_three_hours_are_not_begun(toy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(toy(*GIVEN, image_seconds=10.0)) == 3
    assert "--yes" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


def test_a_part_runs_and_the_table_stands_beside_the_papers(
    toy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(toy(*GIVEN, "--scale", "small", "--train-images", "150", "--cell", "random--seed0")) == 0
    said = capsys.readouterr().out
    assert "90.74" in said
    assert "VAAL (reduced)" in said
    assert "not the paper" in said
    assert "1 of 27 runs finished; to go on:" in said
    (goes_on,) = [line for line in said.splitlines() if line.startswith("  swither paper ")]
    assert "--cell" not in goes_on
    assert str(tmp_path / "out" / "report.html") in said
    assert main(["report", str(tmp_path / "out")]) == 0
    assert "The paper\u2019s Table 1" in (tmp_path / "out" / "report.html").read_text()
