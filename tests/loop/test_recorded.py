from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from swither.data import ImageSet
from swither.errors import DamagedState, InputError, NotEnoughSpace
from swither.journal import DamageWarning
from swither.loop import Execution, LearnerSettings, Trainings
from swither.loop import histories as histories_module
from swither.loop import recorded as recorded_module
from swither.loop.trained import TrainingTask
from swither.models import ModelSettings
from swither.training import Recipe
from swither.training import partial_recording as partial_module
from swither.training.partial_recording import DeferredLooks
from swither.training.weights import save_weights

SETTINGS = LearnerSettings(
    "dispersion", model=ModelSettings("tiny", width=4), recipe=Recipe(epochs=3, least_steps=0), record="deferred"
)
EVERY_EPOCH = Execution(device="cpu", checkpoint_seconds=0.0)


class Killed(Exception):
    """Plays the end of the process."""


def die(*arguments: object) -> None:
    raise Killed


@pytest.fixture
def task(digits: ImageSet) -> TrainingTask:
    return TrainingTask(digits.take(np.arange(24)), SETTINGS, 0)


@pytest.fixture
def pool(digits: ImageSet) -> ImageSet:
    return digits.take(np.arange(24, 90))


@pytest.fixture
def killed(task: TrainingTask, pool: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trainings:
    """Trainings of which one is over, and whose kept networks have not looked at the pool."""
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    with monkeypatch.context() as patched:
        patched.setattr(histories_module, "record_deferred", die)
        with pytest.raises(Killed):
            trainings.get(task, pool, count=5)
    return trainings


def ids_of(trainings: Trainings, task: TrainingTask, pool: ImageSet) -> list[str]:
    history = trainings.get(task, pool, count=5).history
    assert history is not None
    whole = (np.array(history.labels) != history.not_recorded).all(axis=0)
    return history.ids[whole].tolist()


def test_networks_left_by_a_kill_after_publishing_are_removed_at_the_next_start(
    task: TrainingTask, pool: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    with monkeypatch.context() as patched:
        patched.setattr(recorded_module, "clear", die)
        with pytest.raises(Killed):
            trainings.get(task, pool, count=5)
    assert len(list(tmp_path.glob("history/*/*/weights/0*.safetensors"))) == 3
    assert trainings.find(task, pool, count=5) is not None
    left = {path.name for path in tmp_path.glob("history/*/*/*")}
    assert left == {"history.json", "ids.npy", "labels.npy", "recorded.json", "lock"}


def drop(facts: dict[str, object], name: str) -> None:
    del facts[name]


def no_weights(facts: dict[str, object]) -> None:
    facts["same_weights"] = False


@pytest.mark.parametrize(
    "change",
    [
        lambda facts: drop(facts, "circumstances"),
        lambda facts: drop(facts, "same_weights"),
        lambda facts: drop(facts, "seconds_observing"),
        no_weights,
    ],
    ids=["circumstances", "same_weights", "seconds", "weights missing"],
)
def test_a_kept_training_with_a_gap_is_made_again(
    killed: Trainings,
    task: TrainingTask,
    pool: ImageSet,
    tmp_path: Path,
    change: Callable[[dict[str, object]], None],
) -> None:
    (path,) = tmp_path.glob("history/*/*/weights/kept.json")
    facts = json.loads(path.read_text())
    change(facts)
    path.write_text(json.dumps(facts))
    expected = ids_of(Trainings(tmp_path / "whole", EVERY_EPOCH), task, pool)
    with pytest.warns(DamageWarning, match="made again"):
        assert ids_of(killed, task, pool) == expected


def test_damaged_weights_of_a_kept_training_are_made_again(
    killed: Trainings, task: TrainingTask, pool: ImageSet, tmp_path: Path
) -> None:
    (path,) = tmp_path.glob("history/*/*/weights/kept.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"same_weights": False}))
    damaged = path.parent.parent / "weights.safetensors"
    save_weights(damaged, torch.nn.Linear(1, 1))
    damaged.write_bytes(damaged.read_bytes()[:50])
    with pytest.warns(DamageWarning, match=r"weights\.safetensors.*made again"):
        ids_of(killed, task, pool)
    assert not damaged.exists()


def test_a_disk_that_loses_the_kept_networks_each_time_ends_in_its_error(
    task: TrainingTask, pool: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*arguments: object) -> None:
        raise DamagedState("00001.safetensors is damaged.")

    monkeypatch.setattr(histories_module, "record_deferred", lose)
    trained: list[int] = []
    with pytest.warns(DamageWarning, match="made again"), pytest.raises(DamagedState, match="00001"):
        Trainings(tmp_path, EVERY_EPOCH).get(task, pool, lambda done, total: trained.append(done), count=5)
    assert trained == [0, 1, 2, 3] * 2


@pytest.mark.parametrize("deterministic", [False, True])
def test_kept_networks_look_with_the_algorithms_of_the_training(
    task: TrainingTask, pool: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deterministic: bool
) -> None:
    found: list[bool] = []

    class Watching(DeferredLooks):
        def __call__(self, recording: int, rows: object) -> object:  # type: ignore[override]
            found.append(torch.are_deterministic_algorithms_enabled())
            return super().__call__(recording, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(histories_module, "DeferredLooks", Watching)
    Trainings(tmp_path, replace(EVERY_EPOCH, deterministic=deterministic)).get(task, pool, count=5)
    assert {*found} == {deterministic}


@pytest.mark.parametrize("record", ["full", "online", "deferred"])
def test_a_training_that_would_record_nothing_is_refused_before_it_begins(
    task: TrainingTask, pool: ImageSet, tmp_path: Path, record: str
) -> None:
    task = replace(task, settings=replace(task.settings, record=record, record_every=4))
    with pytest.raises(InputError, match=r"3 epochs records nothing with --record-every 4.*more epochs"):
        Trainings(tmp_path, EVERY_EPOCH).get(task, pool, count=5)
    assert list(tmp_path.glob("*/*/*")) == []


@pytest.mark.parametrize("record", ["full", "online", "deferred"])
def test_a_head_on_features_is_not_folded(record: str) -> None:
    with pytest.raises(InputError, match="a head on features has none"):
        LearnerSettings(model=ModelSettings("features"), record=record, record_folded=True)


def test_a_network_of_ones_own_is_compared_with_itself_folded_before_it_is_trained(
    task: TrainingTask, pool: ImageSet, tmp_path: Path
) -> None:
    (tmp_path / "net.py").write_text(
        "from torch import nn\n"
        "def build(image_shape, classes):\n"
        "    h, w, c = image_shape\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(h * w * c, 6), nn.ReLU(), nn.Linear(6, classes))\n"
    )
    model = ModelSettings(f"{tmp_path / 'net.py'}:build")
    task = replace(task, settings=replace(SETTINGS, model=model, record="full", record_folded=True))
    with pytest.raises(InputError, match="without --record-folded"):
        Trainings(tmp_path / "out", EVERY_EPOCH).get(task, pool)
    assert list((tmp_path / "out").glob("training/*/training.json")) == []


def test_room_for_the_kept_networks_is_asked_for_before_the_training_begins(
    task: TrainingTask, pool: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    epochs: list[int] = []
    with monkeypatch.context() as patched:
        patched.setattr(partial_module.shutil, "disk_usage", lambda path: SimpleNamespace(free=1 << 28))
        with pytest.raises(NotEnoughSpace, match="after 3 epochs"):
            Trainings(tmp_path, EVERY_EPOCH).get(task, pool, lambda done, total: epochs.append(done), count=5)
    assert epochs == []


def test_kept_networks_that_are_all_there_need_no_more_room(
    killed: Trainings, task: TrainingTask, pool: ImageSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial_module.shutil, "disk_usage", lambda path: SimpleNamespace(free=0))
    assert len(ids_of(killed, task, pool)) >= 5
