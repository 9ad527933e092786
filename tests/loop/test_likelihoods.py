"""VAAL's likelihoods: made once for equal inputs, gone on with after an interruption, seen through the learner."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swither.data import ImageSet
from swither.errors import InputError
from swither.journal import DamageWarning
from swither.loop import Execution, Learner, LearnerSettings, Trainings
from swither.loop.batches import BatchFile
from swither.loop.likelihoods import LikelihoodStore, LikelihoodTask
from swither.models import ModelSettings
from swither.training import Recipe
from swither.training.vaal_settings import VaalSettings

EVERY_ITERATION = Execution(device="cpu", checkpoint_seconds=0.0)
SCALE = {"width": 1, "iterations": 6}


class Killed(Exception):
    """Plays the end of the process."""


class Counts:
    """Counts the iterations that are told."""

    def __init__(self) -> None:
        self.told: list[int] = []

    def __call__(self, done: int, total: int) -> None:
        self.told.append(done)


def killing_at(iteration: int) -> Callable[[int, int], None]:
    def kill(done: int, total: int) -> None:
        if done == iteration:
            raise Killed

    return kill


@pytest.fixture
def task(digits: ImageSet) -> LikelihoodTask:
    return LikelihoodTask(digits.take(np.arange(24)), digits.take(np.arange(24, 120)), VaalSettings(**SCALE), 5)


def test_the_key_holds_images_settings_and_seed_and_nothing_else(digits: ImageSet, task: LikelihoodTask) -> None:
    order = np.random.default_rng(0).permutation(96)
    same = [
        replace(task, candidates=task.candidates.take(order)),
        replace(task, labelled=replace(task.labelled, labels=np.roll(task.labelled.labels, 1))),
    ]
    others = [
        replace(task, seed=6),
        replace(task, settings=replace(task.settings, width=2)),
        replace(task, settings=replace(task.settings, iterations=7)),
        replace(task, settings=replace(task.settings, quirks="released")),
        replace(task, labelled=digits.take(np.arange(23))),
        replace(task, candidates=digits.take(np.arange(24, 119))),
        replace(task, labelled=task.candidates, candidates=task.labelled),
    ]
    assert {other.key for other in same} == {task.key}
    assert len({other.key for other in others} | {task.key}) == len(others) + 1


@pytest.mark.parametrize("quirks", ["corrected", "released"])
def test_what_is_made_is_found_again_in_any_order_of_candidates(
    task: LikelihoodTask, tmp_path: Path, quirks: Any
) -> None:
    task = replace(task, settings=replace(task.settings, quirks=quirks))
    made = LikelihoodStore(tmp_path, EVERY_ITERATION).get(task)
    counts, order = Counts(), np.random.default_rng(0).permutation(96)
    again = LikelihoodStore(tmp_path, EVERY_ITERATION).get(
        replace(task, candidates=task.candidates.take(order)), counts
    )
    assert counts.told == []
    assert np.array_equal(again.values, made.values[order])
    assert again.log == made.log
    assert again.seconds == made.seconds > 0
    fresh = replace(task, candidates=task.candidates.take(order))
    assert np.array_equal(LikelihoodStore(tmp_path / "other", EVERY_ITERATION).get(fresh).values, again.values)


@pytest.mark.parametrize("iteration", [1, 4, 6])
def test_killed_anywhere_it_ends_with_the_same_likelihoods_and_leaves_nothing_behind(
    task: LikelihoodTask, tmp_path: Path, iteration: int
) -> None:
    whole = LikelihoodStore(tmp_path / "whole", EVERY_ITERATION).get(task)
    store = LikelihoodStore(tmp_path / "killed", EVERY_ITERATION)
    assert store.find(task) is None
    with pytest.raises(Killed):
        store.get(task, killing_at(iteration))
    assert store.find(task) is None, "unfinished"
    counts = Counts()
    again = store.get(task, counts)
    assert counts.told[0] == iteration - 1, "it began anew"
    assert np.array_equal(again.values, whole.values)
    assert again.log == whole.log
    found = store.find(task)
    assert found is not None
    assert np.array_equal(found.values, whole.values)
    assert {path.name for path in (store.folder / task.key).iterdir()} == {"likelihoods.npz", "vaal.json"}


@pytest.mark.parametrize("name", ["likelihoods.npz", "vaal.json"])
def test_damaged_likelihoods_are_named_set_aside_and_made_again(
    task: LikelihoodTask, tmp_path: Path, name: str
) -> None:
    store = LikelihoodStore(tmp_path, EVERY_ITERATION)
    whole = store.get(task)
    path = store.folder / task.key / name
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.warns(DamageWarning, match="made again"):
        again = store.get(task)
    assert np.array_equal(again.values, whole.values)
    assert (store.folder / f"{task.key}.damaged-1").exists()


def test_likelihoods_of_another_kind_of_device_are_made_again(task: LikelihoodTask, tmp_path: Path) -> None:
    store = LikelihoodStore(tmp_path, EVERY_ITERATION)
    first = store.get(task)
    path = store.folder / task.key / "vaal.json"
    facts = json.loads(path.read_text())
    facts["circumstances"] |= {"device": "cuda", "machine": "a card"}
    path.write_text(json.dumps(facts))
    assert store.find(task) is None
    assert path.exists(), "who only looks changes nothing"
    with pytest.warns(DamageWarning, match=r"trained on cuda, and is asked for on cpu.*made again"):
        again = store.get(task)
    assert np.array_equal(again.values, first.values)
    assert json.loads(path.read_text())["circumstances"]["device"] == "cpu"
    assert (store.folder / f"{task.key}.damaged-1" / "vaal.json").exists()


def test_begun_on_another_version_of_torch_it_begins_anew(task: LikelihoodTask, tmp_path: Path) -> None:
    store = LikelihoodStore(tmp_path, EVERY_ITERATION)
    with pytest.raises(Killed):
        store.get(task, killing_at(4))
    begun = store.folder / task.key / "begun.json"
    begun.write_text(json.dumps(json.loads(begun.read_text()) | {"torch": "0.1"}))
    counts = Counts()
    with pytest.warns(DamageWarning, match="other circumstances"):
        store.get(task, counts)
    assert counts.told[0] == 0


@pytest.fixture
def shades() -> ImageSet:
    """Forty dark images, then forty bright ones."""
    draw = np.random.default_rng(0)
    dark = draw.integers(100, size=(40, 8, 8, 1), dtype=np.uint8)
    bright = draw.integers(140, 240, size=(40, 8, 8, 1), dtype=np.uint8)
    ids = np.array([f"{number:03}" for number in range(80)])
    return ImageSet(np.concatenate([dark, bright]), np.arange(80), ids, np.arange(80) % 2, ("even", "odd"), ids)


def learner_of(images: ImageSet, folder: Path, scale: dict[str, Any], **options: Any) -> Learner:
    settings = LearnerSettings("vaal", scale, ModelSettings("tiny", width=4), Recipe(epochs=2, least_steps=2))
    return Learner(images, settings, folder, **options)


def test_a_learner_asks_for_what_no_label_resembles_trains_no_network_for_it_and_keeps_the_log(
    shades: ImageSet, tmp_path: Path
) -> None:
    told: list[tuple[int, str, int, int]] = []
    learner = learner_of(shades, tmp_path, {"width": 4, "iterations": 80}, progress=lambda *what: told.append(what))
    learner.tell({f"{number:03}": ("even", "odd")[number % 2] for number in range(20)})
    asked = learner.ask(15)
    assert sum(i >= "040" for i in asked) >= 13, asked
    assert not (tmp_path / "artifacts" / "training").exists()
    batch = BatchFile(tmp_path / "batches.jsonl").read()[-1]
    assert batch.training is None
    assert [point["iteration"] for point in batch.diagnostics["vaal"]][-1] == 80
    assert batch.seconds >= batch.diagnostics["vaal_seconds"] > 0
    assert ("training VAAL", 80, 80) in {what[1:] for what in told}


def test_a_learner_asked_for_more_trains_vaal_no_second_time(shades: ImageSet, tmp_path: Path) -> None:
    told: list[str] = []
    learner = learner_of(shades, tmp_path, SCALE, progress=lambda cycle, what, done, total: told.append(what))
    learner.tell({"000": "even", "001": "odd"})
    few = learner.ask(5)
    told.clear()
    assert learner.ask(9)[:5] == few
    assert "training VAAL" not in told


def test_methods_that_share_labels_share_the_likelihoods_whatever_network_they_train(
    shades: ImageSet, tmp_path: Path
) -> None:
    trainings = Trainings(tmp_path / "artifacts", EVERY_ITERATION)
    asked = set()
    for name, width in (("one", 4), ("other", 8)):
        settings = LearnerSettings("vaal", SCALE, ModelSettings("tiny", width=width))
        learner = Learner(shades, settings, tmp_path / name, trainings=trainings)
        learner.tell({"000": "even", "001": "odd"})
        asked.add(learner.ask(5))
    assert len(asked) == 1
    assert len(list((tmp_path / "artifacts" / "vaal").glob("*/vaal.json"))) == 1


def test_wrong_settings_are_refused_before_anything_is_trained() -> None:
    with pytest.raises(InputError, match="width of VAAL"):
        LearnerSettings("vaal", {"width": 0})
