"""The paper's experiments on the screen: the plan with the choice in it, the question of time, the table at the end."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from swither.cli import main
from swither.cli.paper_running import whole_command
from swither.experiment import forecast, paper_protocol
from swither.experiment.paper import prepare_paper
from swither.experiment.paper_folder import record_paper
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


def test_the_command_of_a_folder_makes_the_same_again_elsewhere(
    toy: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["--scale", "small", "--train-images", "150"]
    vaal = "vaal:width=4,iterations=20"
    words = ["swither", *toy(*typed)]
    fields = {"data": words[4], "cache": words[6], "model": {"name": "tiny", "width": 4}, "device": "cpu"}
    fields |= {"scale": "small", "train_images": 150, "recipe": {"epochs": 1}}
    out = tmp_path / "out"
    first = prepare_paper("cifar10", out, methods=(vaal,), **fields)
    record_paper(out, "cifar10", first.settings)
    again = prepare_paper("cifar10", out, seeds_now=(0,), **fields)
    command = whole_command(shlex.join(words), again, threads=2)
    assert command.endswith(f"--with {vaal} --threads 2")
    elsewhere = shlex.split(command.replace(str(out), str(tmp_path / "new")))
    assert main([*elsewhere[1:], "--dry-run"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"{vaal}, dispersion, oracle; 3 seeds; and training on all images" in said
    assert "now only" not in said


def test_a_part_is_named_in_the_plan_and_its_flags_add_up(toy: Any, capsys: pytest.CaptureFixture[str]) -> None:
    part = ["--method", "random", "bald", "--seed", "0", "2", "--reference-only", "--cell", "margin--seed1"]
    assert main(toy(*GIVEN, "--dry-run", *part)) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "now only random, bald and training on all images (seeds 0 and 2), margin (seed 1)" in said


def test_a_seed_below_zero_is_refused_plainly(toy: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(toy("--dry-run", "--seed", "-1")) == 1
    said = capsys.readouterr().err
    assert "seeds from 0 to 2, got -1" in said
    assert "Did you mean" not in said


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
    assert "\u00b1 sample deviation over seeds (the report's sentences give" in " ".join(said.split())
    assert "not the paper" in said
    assert "1 of 27 runs finished; to go on with everything:" in said
    (goes_on,) = [line for line in said.splitlines() if line.startswith("  swither paper ")]
    assert "--cell" not in goes_on
    assert str(tmp_path / "out" / "report.html") in said
    assert main(["report", str(tmp_path / "out")]) == 0
    assert "To go on with everything: " in (tmp_path / "out" / "report.html").read_text()
    assert "The paper\u2019s Table 1" in (tmp_path / "out" / "report.html").read_text()


def test_claims_that_a_recording_in_part_leaves_open_are_said_before_anything_begins(
    toy: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(toy(*GIVEN, "--dry-run", "--record", "deferred")) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "--record deferred leaves two of the paper\u2019s six claims open" in said
    assert main(toy(*GIVEN, "--dry-run")) == 0
    assert "claims open" not in capsys.readouterr().out
