from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from swither.data import ImageSet
from swither.files import write_json
from swither.journal import DamageWarning
from swither.loop import Execution, LearnerSettings, Trainings
from swither.loop.trainings import Trained, TrainingTask
from swither.models import ModelSettings
from swither.training import Recipe, predict, save_weights

SETTINGS = LearnerSettings("margin", model=ModelSettings("tiny", width=4), recipe=Recipe(epochs=5, least_steps=5))
AUGMENTED = {"augmented": True}
EVERY_EPOCH = Execution(device="cpu", checkpoint_seconds=0.0)


class Killed(Exception):
    """Plays the end of the process."""


def killing_at(epoch: int) -> Callable[[int, int], None]:
    def kill(done: int, total: int) -> None:
        if done == epoch:
            raise Killed

    return kill


@pytest.fixture
def task(digits: ImageSet) -> TrainingTask:
    return TrainingTask(digits.take(np.arange(24)), SETTINGS, 0)


@pytest.fixture
def pool(digits: ImageSet) -> ImageSet:
    return digits.take(np.arange(24, 120))


def same(one: Trained, other: Trained) -> bool:
    ours, theirs = one.model.state_dict(), other.model.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_the_key_holds_what_decides_a_training_and_nothing_else(digits: ImageSet, task: TrainingTask) -> None:
    same_training = [
        replace(task, settings=replace(SETTINGS, acquisition="dispersion", record_every=3)),
        replace(task, settings=replace(SETTINGS, acquisition="bald", acquisition_settings={"passes": 3})),
    ]
    other_labels = np.roll(task.labelled.labels, 1)
    other_trainings = [
        replace(task, cycle=1),
        replace(task, settings=replace(SETTINGS, seed=1)),
        replace(task, settings=replace(SETTINGS, recipe=replace(SETTINGS.recipe, epochs=6))),
        replace(task, settings=replace(SETTINGS, model=ModelSettings("tiny", width=4, dropout=0.1))),
        replace(task, labelled=digits.take(np.arange(25))),
        replace(task, labelled=replace(task.labelled, labels=other_labels)),
    ]
    assert {other.key for other in same_training} == {task.key}
    assert len({other.key for other in other_trainings} | {task.key}) == len(other_trainings) + 1


def test_recording_changes_no_weight_and_a_training_made_without_it_is_checked(
    task: TrainingTask, pool: ImageSet, tmp_path: Path
) -> None:
    plain = Trainings(tmp_path, EVERY_EPOCH).get(task)
    recorded = Trainings(tmp_path, EVERY_EPOCH).get(task, pool)
    assert recorded.facts["same_weights"] is True
    assert same(plain, recorded)
    assert recorded.history is not None
    assert recorded.history.epochs == 5
    fresh = Trainings(tmp_path / "other", EVERY_EPOCH).get(task, pool)
    assert same(plain, fresh)
    assert fresh.history is not None
    assert np.array_equal(fresh.history.labels, recorded.history.labels)


def test_an_augmented_recording_is_another_history_of_the_same_training(
    task: TrainingTask, pool: ImageSet, tmp_path: Path
) -> None:
    augmented = replace(task, settings=replace(SETTINGS, acquisition="dispersion", acquisition_settings=AUGMENTED))
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    clean, other = trainings.get(task, pool), trainings.get(augmented, pool)
    assert augmented.key == task.key
    assert same(clean, other)
    assert clean.history is not None
    assert other.history is not None
    assert not np.array_equal(clean.history.labels, other.history.labels)
    assert np.array_equal(trainings.get(task, pool).history.labels, clean.history.labels)  # type: ignore[union-attr]


def test_an_augmented_recording_that_was_killed_ends_as_one_that_was_not(
    task: TrainingTask, pool: ImageSet, tmp_path: Path
) -> None:
    task = replace(task, settings=replace(SETTINGS, acquisition="dispersion", acquisition_settings=AUGMENTED))
    whole = Trainings(tmp_path / "whole", EVERY_EPOCH).get(task, pool)
    killed = Trainings(tmp_path / "killed", EVERY_EPOCH)
    with pytest.raises(Killed):
        killed.get(task, pool, killing_at(3))
    again = killed.get(task, pool)
    assert whole.history is not None
    assert again.history is not None
    assert np.array_equal(whole.history.labels, again.history.labels)


@pytest.mark.parametrize("recording", [False, True], ids=["plain", "recorded"])
@pytest.mark.parametrize("epoch", [1, 3, 5])
def test_a_training_killed_after_any_epoch_ends_with_the_same_weights_and_history(
    task: TrainingTask, pool: ImageSet, tmp_path: Path, epoch: int, recording: bool
) -> None:
    recorded = pool if recording else None
    whole = Trainings(tmp_path / "whole", EVERY_EPOCH).get(task, recorded)
    killed = Trainings(tmp_path / "killed", EVERY_EPOCH)
    with pytest.raises(Killed):
        killed.get(task, recorded, killing_at(epoch))
    seen: list[int] = []
    resumed = killed.get(task, recorded, lambda done, total: seen.append(done))
    assert seen[0] == epoch - 1  # the kill came before the checkpoint of its epoch
    assert same(whole, resumed)
    if recording:
        assert whole.history is not None
        assert resumed.history is not None
        assert np.array_equal(whole.history.labels, resumed.history.labels)
        assert np.array_equal(whole.history.confidence, resumed.history.confidence)


@pytest.mark.parametrize("name", ["weights.safetensors", "training.json"])
def test_damaged_weights_are_named_set_aside_and_made_again(task: TrainingTask, tmp_path: Path, name: str) -> None:
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    before = trainings.get(task)
    path = tmp_path / "training" / task.key / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.warns(DamageWarning, match=f"{name}.*made again"):
        again = trainings.get(task)
    assert same(before, again)
    assert (tmp_path / "training" / f"{task.key}.damaged-1" / name).read_bytes() == content


@pytest.mark.parametrize("name", ["labels.npy", "history.json", "recorded.json"])
def test_a_damaged_history_is_named_set_aside_and_recorded_again(
    task: TrainingTask, pool: ImageSet, tmp_path: Path, name: str
) -> None:
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    before = trainings.get(task, pool)
    assert before.history is not None
    labels = np.array(before.history.labels)
    (path,) = (tmp_path / "history").glob(f"*/*/{name}")
    path.write_bytes(path.read_bytes()[:40])
    with pytest.warns(DamageWarning, match=name):
        again = trainings.get(task, pool)
    assert again.history is not None
    assert np.array_equal(again.history.labels, labels)
    assert again.facts["same_weights"] is True


def test_an_interrupted_training_goes_on_with_the_threads_that_it_began_with(
    task: TrainingTask, tmp_path: Path
) -> None:
    with pytest.raises(Killed):
        Trainings(tmp_path, EVERY_EPOCH).get(task, None, killing_at(3))
    resumed = Trainings(tmp_path, replace(EVERY_EPOCH, threads=2)).get(task)
    assert resumed.facts["circumstances"]["threads"] == 1


def test_a_history_whose_own_index_is_missing_is_recorded_again(
    task: TrainingTask, pool: ImageSet, tmp_path: Path
) -> None:
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    before = trainings.get(task, pool)
    assert before.history is not None
    labels = np.array(before.history.labels)
    (path,) = (tmp_path / "history").glob("*/*/history.json")
    path.unlink()
    with pytest.warns(DamageWarning):
        again = trainings.get(task, pool)
    assert again.history is not None
    assert np.array_equal(again.history.labels, labels)


def test_a_history_of_more_images_serves_a_pool_that_some_have_left(
    task: TrainingTask, pool: ImageSet, tmp_path: Path
) -> None:
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    trainings.get(task, pool)
    epochs: list[int] = []
    again = trainings.get(task, pool.take(np.arange(3, len(pool))), lambda done, total: epochs.append(done))
    assert epochs == []
    assert again.history is not None
    assert len(again.history.ids) == len(pool)


def test_a_damaged_note_of_how_a_training_began_only_makes_it_begin_anew(task: TrainingTask, tmp_path: Path) -> None:
    whole = Trainings(tmp_path / "whole", EVERY_EPOCH).get(task)
    trainings = Trainings(tmp_path / "killed", EVERY_EPOCH)
    with pytest.raises(Killed):
        trainings.get(task, None, killing_at(3))
    (tmp_path / "killed" / "training" / task.key / "begun.json").write_bytes(b"{")
    with pytest.warns(DamageWarning, match="begins anew"):
        assert same(whole, trainings.get(task))


@pytest.mark.parametrize("name", ["tiny", "resnet8", "resnet18"])
def test_a_network_read_back_computes_the_same_bits_as_the_one_just_trained(
    digits: ImageSet, tmp_path: Path, name: str
) -> None:
    settings = replace(SETTINGS, model=ModelSettings(name, width=8), recipe=Recipe(epochs=1, least_steps=1))
    task = TrainingTask(digits.take(np.arange(24)), settings, 0)
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    fresh, read = trainings.get(task), trainings.get(task)
    one, other = (
        predict(trained.model, digits, trained.normalisation, device=trained.device) for trained in (fresh, read)
    )
    assert np.array_equal(one.logits, other.logits)
    assert np.array_equal(one.embeddings, other.embeddings)


def test_where_the_repeat_gives_other_weights_the_history_comes_with_its_own(
    task: TrainingTask, pool: ImageSet, tmp_path: Path
) -> None:
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    first = trainings.get(task)
    with torch.no_grad():  # plays a GPU, on which no two trainings are equal
        next(first.model.parameters()).add_(1.0)
    save_weights(tmp_path / "training" / task.key / "weights.safetensors", first.model)
    recorded = trainings.get(task, pool)
    assert recorded.facts["same_weights"] is False
    assert not same(first, recorded)
    assert same(recorded, trainings.get(task, pool))
    assert same(first, trainings.get(task))


def test_the_precision_that_is_asked_for_reaches_training_recording_and_the_circumstances(
    task: TrainingTask, pool: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWITHER_ALLOW_SLOW_BFLOAT16", "1")
    full = Trainings(tmp_path / "full", EVERY_EPOCH).get(task, pool)
    half = Trainings(tmp_path / "half", replace(EVERY_EPOCH, precision="bfloat16")).get(task, pool)
    assert (full.precision, half.precision) == ("float32", "bfloat16")
    assert full.facts["circumstances"]["precision"] == "float32"
    assert half.facts["circumstances"]["precision"] == "bfloat16, last layer in float32"
    assert not same(full, half)
    assert full.history is not None
    assert half.history is not None
    assert not np.array_equal(full.history.confidence, half.history.confidence)


def test_a_training_begun_in_one_precision_is_not_gone_on_with_in_another(
    task: TrainingTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWITHER_ALLOW_SLOW_BFLOAT16", "1")
    half = replace(EVERY_EPOCH, precision="bfloat16")
    whole = Trainings(tmp_path / "whole", half).get(task)
    with pytest.raises(Killed):
        Trainings(tmp_path / "killed", EVERY_EPOCH).get(task, None, killing_at(3))
    with pytest.warns(DamageWarning, match="other circumstances"):
        assert same(Trainings(tmp_path / "killed", half).get(task), whole)


def test_a_stored_network_computes_in_the_precision_that_its_circumstances_name(
    task: TrainingTask, pool: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWITHER_ALLOW_SLOW_BFLOAT16", "1")
    before = Trainings(tmp_path, replace(EVERY_EPOCH, precision="bfloat16")).get(task)
    now = Trainings(tmp_path, replace(EVERY_EPOCH, precision="float32"))
    for found in (now.get(task), now.find(task)):
        assert found is not None
        assert found.facts["circumstances"]["precision"] == "bfloat16, last layer in float32"
        assert found.precision == "bfloat16"
    for recorded in (now.get(task, pool), now.get(task, pool)):  # made, then read back
        assert recorded.facts["same_weights"] is False
        assert recorded.precision == "float32"
        assert recorded.facts["circumstances"]["precision"] == "float32", "those of its own weights"
        assert recorded.facts["seconds_training"] != before.facts["seconds_training"]
    assert now.get(task).precision == "bfloat16"


def test_a_training_of_another_kind_of_device_is_made_again_with_its_history(
    task: TrainingTask, pool: ImageSet, tmp_path: Path
) -> None:
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    first = trainings.get(task, pool)
    path = tmp_path / "training" / task.key / "training.json"
    facts = json.loads(path.read_text())
    facts["circumstances"] |= {"device": "cuda", "machine": "a card"}
    write_json(path, facts.pop("format"), facts.pop("version"), facts)
    found = trainings.find(task, pool)
    assert found is not None, "who only looks changes nothing"
    assert found.precision == "float32"
    with pytest.warns(DamageWarning, match=r"trained on cuda, and is asked for on cpu.*made again"):
        again = trainings.get(task, pool)
    assert again.facts["circumstances"]["device"] == "cpu"
    assert same(first, again)
    assert (tmp_path / "training" / f"{task.key}.damaged-1").is_dir()
    assert (tmp_path / "history" / f"{task.key}.damaged-1").is_dir()


def test_a_history_with_weights_of_its_own_from_before_it_kept_their_circumstances_is_read(
    task: TrainingTask, pool: ImageSet, tmp_path: Path
) -> None:
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    first = trainings.get(task)
    with torch.no_grad():
        next(first.model.parameters()).add_(1.0)
    save_weights(tmp_path / "training" / task.key / "weights.safetensors", first.model)
    trainings.get(task, pool)
    (path,) = (tmp_path / "history").glob("*/*/recorded.json")
    facts = json.loads(path.read_text())
    older = {name: value for name, value in facts.items() if name not in ("circumstances", "seconds_training")}
    write_json(path, older.pop("format"), older.pop("version"), older)
    assert trainings.get(task, pool).facts["circumstances"] == first.facts["circumstances"]
