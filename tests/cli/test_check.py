"""``swither check`` says of a function of one's own what fails and why, and ends with a code."""

from __future__ import annotations

from pathlib import Path

import pytest

from swither.acquisition.conformance import CHECKS
from swither.cli.check import WHY
from swither.cli.outcome import main


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mine.py"


def test_a_good_score_can_be_compared(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine.write_text("def doubt(probabilities, *, power=1.0):\n    return (1 - probabilities.max(axis=1)) ** power\n")
    assert main(["check", "mine.py:doubt"]) == 0
    said = capsys.readouterr().out
    assert "mine.py:doubt is a score, higher is sooner." in said
    assert "FAILS" not in said
    assert "swither compare digits" in said
    assert main(["check", "mine.py:doubt:power=2"]) == 0
    assert "mine.py:doubt:power=2.0" in capsys.readouterr().out


def test_what_fails_is_said_with_the_reason(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine.write_text(
        "import numpy as np\ndef doubt(probabilities):\n    np.random.seed(0)\n"
        "    return np.random.rand(len(probabilities))\n"
    )
    assert main(["check", "mine.py:doubt"]) == 1
    said = capsys.readouterr().out
    assert "FAILS  Global randomness is untouched" in said
    assert "it drew from the global state of numpy" in said
    assert "Draw from the argument generator" in said


def test_advice_does_not_stop_anybody(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine.write_text("def sure(probabilities):\n    return probabilities.max(axis=1)\n")
    assert main(["check", "mine.py:sure"]) == 0
    assert "advice Higher is sooner" in capsys.readouterr().out


def test_one_error_that_breaks_every_rule_is_not_listed_for_each(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine.write_text("def doubt(probabilities):\n    return probabilities.no_such_thing\n")
    assert main(["check", "mine.py:doubt"]) == 1
    said = capsys.readouterr().out
    assert said.count("no_such_thing") == 2
    assert "The same error again" in said


def test_a_script_that_ends_the_program_is_no_passed_check(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine.write_text("import sys\ndef doubt(probabilities):\n    return probabilities[:, 0]\nsys.exit()\n")
    assert main(["check", "mine.py:doubt"]) == 1
    assert "line 4 of mine.py ends the program (SystemExit). Put what" in capsys.readouterr().err


def test_a_module_that_the_function_itself_imports_is_found(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine.parent / "late_neighbour.py").write_text("def f(p):\n    return -p.max(axis=1)\n")
    mine.write_text(
        "def doubt(probabilities):\n    import late_neighbour\n    return late_neighbour.f(probabilities)\n"
    )
    assert main(["check", "mine.py:doubt"]) == 0
    assert "FAILS" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def doubt(probabilities, power=2): ...\n", "keyword-only: write (probabilities, *, power=2)"),
        ("def doubt(probabilites): ...\n", "Did you mean 'probabilities'"),
        ("def doubt(:\n", "not valid Python: line 1"),
        ("def other(): ...\n", "Known: other"),
    ],
)
def test_what_cannot_be_checked_is_an_error_in_words(
    mine: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    mine.write_text(text)
    assert main(["check", "mine.py:doubt"]) == 1
    assert message in capsys.readouterr().err


def test_a_network_is_told_from_a_score(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine.write_text(
        "from torch import nn\ndef build(image_shape, classes):\n    h, w, c = image_shape\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(h * w * c, 6), nn.Linear(6, classes))\n"
    )
    assert main(["check", "mine.py:build", "--image-size", "8", "--channels", "1", "--classes", "3"]) == 0
    said = capsys.readouterr().out
    assert "411 weights, embeddings of 6 numbers" in said
    assert "no dropout" in said


def test_every_check_has_its_reason() -> None:
    assert set(WHY) == set(CHECKS)
