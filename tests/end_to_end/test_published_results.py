"""What is published goes on as its page says: merged into a folder, with the command, finished cells finished."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from swither.cli import main
from swither.experiment import forecast
from swither.experiment.merging import merge_cells
from swither.experiment.work import Speeds

RESULTS = Path(__file__).parents[2] / "results"
SCALE = "--train-images 10000 --model tiny --dropout 0.5 --epochs 30 --cycles 4"
COMMANDS = {
    "cifar10-small": "paper cifar10 --data DATA --scale small --seeds 10",
    "cifar100-small": "paper cifar100 --data DATA --scale small --seeds 3",
    "mnist-small": f"compare DATA {SCALE} --initial 200 --step 100 --seeds 10 --acquisition random margin bald "
    "dispersion",
}
"""As they stand in the pages beside the cells."""
FINISHED = {"cifar10-small": 70, "cifar100-small": 27, "mnist-small": 50}


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_published_cells_are_gone_on_with_and_none_that_is_finished_is_run_again(
    name: str,
    real_data: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pack = RESULTS / name / "cells.zip"
    if not pack.exists():
        pytest.skip("the published results are not beside the package")
    images, out = str(real_data(name.partition("-")[0])), str(tmp_path / "out")
    speeds = Speeds(0.0, 0.0, 0.0, 0.0, 10**9, 10**7, 512)
    monkeypatch.setattr(forecast, "measure_speeds", lambda *arguments, **settings: speeds)
    monkeypatch.setattr(forecast, "measure_vaal", lambda *arguments, **settings: 0.0)
    merge_cells(pack, out)
    words = [images if word == "DATA" else word for word in COMMANDS[name].split()]
    assert main([*words, "--out", out, "--dry-run"]) == 0
    assert f"{FINISHED[name]} runs finished already" in " ".join(capsys.readouterr().out.split())
