"""From settings to the screen: the plan, the question of time, what is printed at the end or after ^C."""

from __future__ import annotations

import shlex
import signal
from pathlib import Path
from typing import Any

import pytest

from swither.cli import main, running
from swither.experiment import forecast
from swither.experiment.work import Speeds
from swither.models.settings import ModelSettings

QUICK = ["--model", "tiny", "--width", "4", "--initial", "20", "--step", "10", "--cycles", "1", "--seeds", "1"]
QUICK += ["--epochs", "2", "--least-steps", "4", "--acquisition", "random", "dispersion", "--no-reference"]
QUICK += ["--jobs", "1", "--device", "cpu"]


@pytest.fixture
def speed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pretends that an image of the widest network takes so long."""

    def pretend(image_seconds: float) -> None:
        def measured(model: ModelSettings, *arguments: Any, **more: Any) -> Speeds:
            share = {"resnet18": 1.0, "resnet8": 0.05, "tiny": 0.01}[model.name] * (model.width or 64) / 64
            return Speeds(0.0, image_seconds * share, image_seconds * share, 0.0, 10**9, 10**7, 512)

        monkeypatch.setattr(forecast, "measure_speeds", measured)

    return pretend


def printed_command(text: str, holding: str) -> list[str]:
    """The arguments of a command that was printed to be pasted."""
    (line,) = [line for line in text.splitlines() if line.startswith("  swither ") and holding in line]
    return shlex.split(line)[1:]


def test_a_dry_run_shows_the_plan_and_begins_nothing(
    speed: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    speed(0.001)
    assert main(["compare", "digits", "--out", str(tmp_path / "out"), *QUICK, "--dry-run"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "1,438 train and 359 test" in said
    assert "20, 30 images, cycle by cycle" in said
    assert "3 trainings" in said
    assert "Expected about" in said
    assert not (tmp_path / "out").exists()


def test_more_than_an_hour_is_not_begun_and_the_nearest_that_fits_is_offered(
    speed: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    speed(1.0)
    arguments = ["compare", "digits", "--out", str(tmp_path / "my out"), "--jobs", "1"]
    assert main(arguments) == 3
    said = capsys.readouterr().out
    assert not (tmp_path / "my out").exists()
    anyway, nearest = printed_command(said, "--yes"), printed_command(said, "--model")
    assert anyway == [*arguments, "--yes"]
    assert main([*nearest, "--dry-run"]) == 0


def test_yes_begins_however_long_it_takes(speed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    speed(1e6)
    begun: list[str] = []

    def stopped(*arguments: Any, command: str, **more: Any) -> None:
        begun.append(command)
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "compare", stopped)
    arguments = ["compare", "digits", "--out", str(tmp_path / "out"), *QUICK]
    assert main([*arguments, "--yes"]) == 130
    assert len(begun) == 1
    assert "--yes" in begun[0]


def test_a_command_that_is_told_to_end_ends_as_on_an_interruption(
    speed: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    speed(0.0001)
    before = signal.signal(signal.SIGTERM, lambda *_: pytest.fail("not told to the command"))
    try:
        monkeypatch.setattr(running, "compare", lambda *_, **__: signal.raise_signal(signal.SIGTERM))
        assert main(["compare", "digits", "--out", str(tmp_path / "out"), *QUICK]) == 130
        assert "Everything that has finished is kept" in capsys.readouterr().out
        assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_DFL, signal.default_int_handler), "put back"
    finally:
        signal.signal(signal.SIGTERM, before)


def test_after_an_interruption_the_printed_command_goes_on(
    speed: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    speed(0.0001)
    real, told = running.compare, []

    def interrupted(settings: Any, out: Any, *, watcher: Any, **more: Any) -> Any:
        def stop(cell: Any, row: Any) -> None:
            told.append(cell)
            raise KeyboardInterrupt

        watcher.finished = stop
        return real(settings, out, watcher=watcher, **more)

    monkeypatch.setattr(running, "compare", interrupted)
    assert main(["compare", "digits", "--out", str(tmp_path / "out"), *QUICK]) == 130
    said = capsys.readouterr().out
    assert "Everything that has finished is kept" in said
    again = printed_command(said, "--out")
    monkeypatch.setattr(running, "compare", real)
    assert main(["report", str(tmp_path / "out")]) == 0
    unfinished = capsys.readouterr().out
    assert "0 of 2 runs finished; to go on:" in unfinished
    assert printed_command(unfinished, "--out") == again
    assert main(again) == 0
    said = capsys.readouterr().out
    assert told
    assert "runs finished" not in said
    assert "test accuracy" in said
    assert str(tmp_path / "out" / "report.html") in said
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
    assert main(again) == 0
    assert "nothing to train" in capsys.readouterr().out
    assert main(["report", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "report.html" in said
    assert "to go on" not in said
    assert main([*(word for word in again if word != "random"), "--dry-run"]) == 0
    assert "The folder also holds random; the report shows that too." in capsys.readouterr().out
    (tmp_path / "out" / "experiment.json").write_text("{")
    assert main(["report", str(tmp_path / "out")]) == 1
    assert "Start the command of this folder again" in capsys.readouterr().err


def test_flags_win_over_the_file(speed: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    speed(0.0001)
    file = tmp_path / "comparison.yaml"
    file.write_text(f"data: digits\nout: {tmp_path / 'out'}\ninitial: 30\nstep: 7\ncycles: 2\nmodel: tiny\n")
    assert main(["compare", "--config", str(file), "--initial", "40", "--dry-run"]) == 0
    assert "40, 47, 54 images" in capsys.readouterr().out
