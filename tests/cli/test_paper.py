"""The command line of the paper's experiments: what is printed goes on with the whole table."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from swither.cli import main, paper_running
from swither.cli.flags import BY_NAME
from swither.cli.paper import DEFAULTS, settings_of
from swither.experiment.paper_protocol import OPEN, paper_settings


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the command was called with, instead of running it."""
    calls: list[dict[str, Any]] = []

    def run(dataset: str, out: str, **settings: Any) -> int:
        calls.append({"dataset": dataset, "out": out, **settings})
        return 0

    monkeypatch.setattr(paper_running, "run_paper", run)
    return calls


def test_every_open_setting_that_is_chosen_has_a_flag() -> None:
    fields = {BY_NAME[name].field for name in DEFAULTS}
    assert {f"recipe.{name}" for name in OPEN} <= fields


def test_flags_become_settings_of_the_protocol() -> None:
    given = {"weight_decay": 0.0, "nesterov": False, "model": "tiny", "width": 4, "jobs": 1, "train_images": 50}
    settings = paper_settings("cifar10", **settings_of(given))
    assert (settings.recipe.weight_decay, settings.recipe.nesterov) == (0.0, False)
    assert (settings.model.name, settings.model.width, settings.jobs) == ("tiny", 4, 1)
    assert settings.data.train_images == 50


def test_parts_reach_the_run_and_leave_the_command_whole(called: list[dict[str, Any]]) -> None:
    words = "paper cifar10 --data x --scale small --method random margin --seed 0 2 --cell bald--seed1 --no-nesterov"
    assert main([*words.split(), "--epochs", "2", "--yes"]) == 0
    (call,) = called
    assert (call["methods"], call["seeds_now"], call["cells"]) == (("random", "margin"), (0, 2), ("bald--seed1",))
    assert call["recipe"] == {"nesterov": False, "epochs": 2}
    assert call["out"] == "runs/cifar10-small"
    again = shlex.split(call["command"])
    assert {"--method", "--seed", "--cell"}.isdisjoint(again), "the report's command fills in the whole table"
    assert main(again[1:]) == 0
    ignored = {"methods", "seeds_now", "cells"}
    assert {n: v for n, v in called[1].items() if n not in ignored} == {
        n: v for n, v in call.items() if n not in ignored
    }


def test_help_says_what_is_run_and_what_is_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paper", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "Eight methods" in said
    assert "chosen on held-out training images" in said
    assert "--reference-only" in said


def test_a_data_set_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paper"]) == 2
    assert "cifar10 or cifar100" in capsys.readouterr().err
    assert main(["paper", "mnist"]) == 2
