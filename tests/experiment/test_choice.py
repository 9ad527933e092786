"""What the paper leaves open is chosen on held-out training images, and the whole grid is kept."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swither.data import DataSettings, open_dataset
from swither.errors import SettingsDiffer
from swither.experiment import choice as choice_module
from swither.experiment.choice import Choice, choose, read_choice, refuse_other_choice
from swither.experiment.executor import InThisProcess
from swither.experiment.local_processes import LocalProcesses
from swither.experiment.paper_folder import settings_grid
from swither.experiment.settings import CompareSettings
from swither.experiment.watch import Silent
from swither.models import ModelSettings
from swither.training import Recipe

TOY = {"weight_decay": (5e-4, 0.1), "batch_size": (16, 32)}
SETTINGS = CompareSettings(
    DataSettings("digits", train_images=200),
    ("random",),
    model=ModelSettings("tiny", width=4),
    recipe=Recipe(epochs=1, least_steps=1, least_steps_per_epoch=1),
    cycles=0,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Choice]:
    out = tmp_path_factory.mktemp("choice")
    return out, choose(SETTINGS, out, grid=TOY)


def test_every_combination_of_the_grid_stands_in_the_folder(made: tuple[Path, Choice]) -> None:
    out, choice = made
    assert read_choice(out) == choice
    tried = {(row["weight_decay"], row["batch_size"]) for row in choice.rows}
    assert tried == {(5e-4, 16), (5e-4, 32), (0.1, 16), (0.1, 32)}


def test_the_batch_that_few_images_led_to_stands_beside_the_one_that_was_tried(
    made: tuple[Path, Choice], tmp_path: Path
) -> None:
    assert [row["used_batch_size"] for row in made[1].rows] == [row["batch_size"] for row in made[1].rows]
    few = replace(SETTINGS, recipe=replace(SETTINGS.recipe, least_steps_per_epoch=30))
    halved = choose(few, tmp_path, grid={"batch_size": (16,)}, executor=InThisProcess())
    assert [(row["batch_size"], row["used_batch_size"]) for row in halved.rows] == [(16, 8)]


def test_the_best_on_the_held_out_images_is_chosen_and_fills_the_recipe(made: tuple[Path, Choice]) -> None:
    choice = made[1]
    best = max(choice.rows, key=lambda row: row["accuracy"])
    assert choice.chosen == {name: best[name] for name in TOY}
    assert choice.apply(Recipe()).weight_decay == best["weight_decay"]


def test_no_test_image_and_no_image_that_trains_takes_part_in_judging(made: tuple[Path, Choice]) -> None:
    out, choice = made
    data = open_dataset("digits")
    assert (choice.training_images, choice.held_out_images) == (200, len(data.train) // 10)
    folder = next((out / "choice").glob("weight_decay*")) / "cells" / "reference--seed0"
    assert len(np.load(folder / "probabilities" / "cycle-0.npy")) == choice.held_out_images


def test_a_finished_choice_is_not_made_again(made: tuple[Path, Choice]) -> None:
    class Refusing:
        def run(self, *_: object) -> list[object]:
            raise AssertionError("trained again")

    assert choose(SETTINGS, made[0], grid=TOY, executor=Refusing()) == made[1]  # type: ignore[arg-type]


def test_a_trial_of_other_settings_or_images_is_not_taken_for_one_of_these(made: tuple[Path, Choice]) -> None:
    class Refusing:
        def run(self, *_: object) -> list[object]:
            raise AssertionError("trained")

    others = {
        r"recipe.crop_padding: None there, 0 now": replace(SETTINGS, recipe=replace(SETTINGS.recipe, crop_padding=0)),
        r"model.width: 4 there, 3 now": replace(SETTINGS, model=ModelSettings("tiny", width=3)),
        r"other images, or other labels": replace(SETTINGS, data=replace(SETTINGS.data, train_images=150)),
    }
    for said, settings in others.items():
        with pytest.raises(SettingsDiffer, match=said):
            choose(settings, made[0], grid=TOY, executor=Refusing())  # type: ignore[arg-type]
    assert read_choice(made[0]) == made[1]


def test_the_protocol_of_a_choice_is_kept_and_held_to_without_what_was_tried(made: tuple[Path, Choice]) -> None:
    (out, choice), data = made, open_dataset("digits")
    assert choice.protocol is not None
    assert TOY.keys().isdisjoint(choice.protocol["recipe"])
    for recipe in (SETTINGS.recipe, replace(SETTINGS.recipe, batch_size=64)):
        refuse_other_choice(choice, replace(SETTINGS, recipe=recipe), out, data)
    other = replace(SETTINGS, recipe=replace(SETTINGS.recipe, learning_rate=0.5))
    with pytest.raises(SettingsDiffer, match=r"learning_rate: 0.02 there, 0.5 now"):
        refuse_other_choice(choice, other, out, data)
    refuse_other_choice(replace(choice, protocol=None), other, out, data)  # from before it was kept


def test_trials_side_by_side_are_chosen_from_as_trials_one_by_one(made: tuple[Path, Choice], tmp_path: Path) -> None:
    choice = choose(SETTINGS, tmp_path, grid=TOY, executor=LocalProcesses(2))
    assert [row["accuracy"] for row in choice.rows] == [row["accuracy"] for row in made[1].rows]


def test_of_equal_combinations_the_default_is_kept(tmp_path: Path) -> None:
    same = {"decay_factor": (5.0, 7.0)}  # it is divided after the one epoch: both train alike
    assert choose(SETTINGS, tmp_path, grid=same, executor=InThisProcess()).chosen == {"decay_factor": 5.0}


class Listening(Silent):
    """A watcher that remembers its notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def test_trials_of_other_machines_are_named_wherever_the_choice_is(
    made: tuple[Path, Choice], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, alike = shutil.copytree(made[0], tmp_path / "out"), Listening()
    choose(SETTINGS, out, alike, grid=TOY)
    assert alike.notes == []
    assert made[1].unequal == {}
    real, told = choice_module._row, Listening()

    def elsewhere(trial: Any, combination: dict[str, Any]) -> dict[str, Any]:
        row = real(trial, combination)
        other = {"machine": "a card", "device": "cuda"} if combination["weight_decay"] == 0.1 else {}
        return row | {"circumstances": row["circumstances"] | {"machine": "a processor"} | other}

    monkeypatch.setattr(choice_module, "_row", elsewhere)
    choice = choose(SETTINGS, out, told, grid=TOY)
    assert choice.unequal == {"device": ["cpu", "cuda"], "machine": ["a card", "a processor"]}
    assert len(told.notes) == 1
    assert "device (cpu; cuda), machine (a card; a processor)" in told.notes[0]
    assert json.loads((out / "choice.json").read_text())["unequal"] == choice.unequal
    grid = settings_grid(out)
    assert grid is not None
    assert grid.unequal == choice.unequal
