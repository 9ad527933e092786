from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from swither.data import ImageSet
from swither.dynamics import LabelHistory
from swither.errors import InputError, NewerFormat
from swither.files import read_json
from swither.journal import DamageWarning
from swither.loop import Execution, Learner, LearnerSettings, SimulatedAnnotator, Trainings, run
from swither.loop import histories as histories_module
from swither.loop.histories import serves
from swither.loop.settings import Recording
from swither.loop.trainings import Trained, TrainingTask
from swither.models import ModelSettings
from swither.training import Recipe
from swither.training.partial_recording import DeferredLooks

SETTINGS = LearnerSettings("dispersion", model=ModelSettings("tiny", width=4), recipe=Recipe(epochs=6, least_steps=6))
EVERY_EPOCH = Execution(device="cpu", checkpoint_seconds=0.0)
IN_PART = ("online", "deferred")
COUNT = 9


class Killed(Exception):
    """Plays the end of the process."""


def killing_at(epoch: int) -> Callable[[int, int], None]:
    def kill(done: int, total: int) -> None:
        if done == epoch:
            raise Killed

    return kill


def task_of(digits: ImageSet, record: str, **changes: object) -> TrainingTask:
    return TrainingTask(digits.take(np.arange(24)), replace(SETTINGS, record=record, **changes), 0)  # type: ignore[arg-type]


@pytest.fixture
def pool(digits: ImageSet) -> ImageSet:
    return digits.take(np.arange(24, 120))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the deferred search finds something to spare in these pools; what computes keeps its own chunks."""
    monkeypatch.setattr(histories_module, "usual_chunk", lambda kind, features: 4)


def labels_of(trained: Trained) -> dict[str, list[int]]:
    history = trained.history
    assert history is not None
    return dict(zip(history.ids.tolist(), np.array(history.labels).T.tolist(), strict=True))


def asked(digits: ImageSet, folder: Path, record: str, **changes: object) -> list[tuple[str, ...]]:
    learner = Learner(digits, replace(SETTINGS, record=record, **changes), folder)  # type: ignore[arg-type]
    standings = list(run(learner, SimulatedAnnotator(digits), (20, COUNT, COUNT)))
    return [learner.batch(number, COUNT) for number in range(len(standings))]


@pytest.mark.parametrize("changes", [{}, {"record_every": 2}, {"seed": 1}], ids=str)
def test_a_learner_asks_for_the_same_images_however_the_pool_is_recorded(
    digits: ImageSet, tmp_path: Path, changes: dict[str, object]
) -> None:
    full = asked(digits, tmp_path / "full", "full", **changes)
    assert len(full) == 3
    for record in IN_PART:
        assert asked(digits, tmp_path / record, record, **changes) == full
        left = {path.name for path in (tmp_path / record).glob("artifacts/history/*/*/*")}
        assert left == {"history.json", "ids.npy", "labels.npy", "recorded.json", "lock"}


@pytest.mark.parametrize("record", IN_PART)
@pytest.mark.parametrize("epoch", [1, 4, 6])
def test_a_training_killed_after_any_epoch_ends_with_the_same_history(
    digits: ImageSet, pool: ImageSet, tmp_path: Path, record: str, epoch: int
) -> None:
    task = task_of(digits, record)
    whole = Trainings(tmp_path / "whole", EVERY_EPOCH).get(task, pool, count=COUNT)
    killed = Trainings(tmp_path / "killed", EVERY_EPOCH)
    with pytest.raises(Killed):
        killed.get(task, pool, killing_at(epoch), count=COUNT)
    seen: list[int] = []
    again = killed.get(task, pool, lambda done, total: seen.append(done), count=COUNT)
    assert seen[0] == epoch - 1
    assert labels_of(again) == labels_of(whole)


@pytest.mark.parametrize("look", [1, 5, 12])
def test_a_deferred_recording_that_is_killed_goes_on_without_training_again(
    digits: ImageSet, pool: ImageSet, tmp_path: Path, look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(digits, "deferred")
    whole = Trainings(tmp_path / "whole", EVERY_EPOCH).get(task, pool, count=COUNT)
    trainings = Trainings(tmp_path / "killed", EVERY_EPOCH)
    looks = []

    class Dying(DeferredLooks):
        def __call__(self, recording: int, rows: object) -> object:  # type: ignore[override]
            looks.append(recording)
            if len(looks) == look:
                raise Killed
            return super().__call__(recording, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(histories_module, "DeferredLooks", Dying)
    with pytest.raises(Killed):
        trainings.get(task, pool, count=COUNT)
    epochs: list[int] = []
    again = trainings.get(task, pool, lambda done, total: epochs.append(done), count=COUNT)
    assert epochs == []
    assert labels_of(again) == labels_of(whole)
    assert again.facts["same_weights"] is True
    assert again.facts["seconds_recording"] > 0


def test_where_the_kept_networks_are_damaged_the_training_is_made_again(
    digits: ImageSet, pool: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(digits, "deferred")
    whole = Trainings(tmp_path / "whole", EVERY_EPOCH).get(task, pool, count=COUNT)
    trainings = Trainings(tmp_path / "killed", EVERY_EPOCH)

    def die(*arguments: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(histories_module, "record_deferred", die)
        with pytest.raises(Killed):
            trainings.get(task, pool, count=COUNT)
    (path,) = (tmp_path / "killed").glob("history/*/*/weights/00006.safetensors")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.warns(DamageWarning, match=r"00006.safetensors.*made again"):
        again = trainings.get(task, pool, count=COUNT)
    assert labels_of(again) == labels_of(whole)


def test_networks_that_a_kill_left_beside_a_published_history_are_removed(
    digits: ImageSet, pool: ImageSet, tmp_path: Path
) -> None:
    task, trainings = task_of(digits, "deferred"), Trainings(tmp_path, EVERY_EPOCH)
    trainings.get(task, pool, count=COUNT)
    (history,) = (tmp_path / "history").glob("*/*")
    (history / "weights").mkdir()
    (history / "weights" / "00001.safetensors").write_bytes(b"left")
    trainings.get(task, pool, count=COUNT)
    assert not (history / "weights").exists()


@pytest.mark.parametrize("record", IN_PART)
def test_a_history_in_part_serves_fewer_images_and_no_more_than_it_is_sure_of(
    digits: ImageSet, pool: ImageSet, tmp_path: Path, record: str
) -> None:
    task, trainings = task_of(digits, record), Trainings(tmp_path, EVERY_EPOCH)
    before = trainings.get(task, pool, count=COUNT)
    assert before.in_part
    epochs: list[int] = []
    trainings.get(task, pool, lambda done, total: epochs.append(done), count=COUNT - 4)
    assert epochs == []
    assert trainings.find(task, pool, count=COUNT + 1) is None
    assert before.facts["images_looked_at"] < 6 * len(pool)


def test_images_that_left_the_pool_are_not_counted_as_sure() -> None:
    history = LabelHistory.from_labels(["a", "b", "c"], 2, [[0, 0, 0], [1, 1, 0], [0, -1, -1]])
    made = Recording(mode="online", budget=1)
    assert serves(history, made, np.array(["a", "b", "c"]), replace(made, budget=1))
    assert not serves(history, made, np.array(["b", "c"]), replace(made, budget=1))
    assert not serves(history, made, np.array(["a", "b", "c"]), replace(made, budget=2))
    assert not serves(history, made, np.array(["a"]), Recording())


def test_a_recording_in_part_needs_to_know_for_how_many(digits: ImageSet, pool: ImageSet, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="count="):
        Trainings(tmp_path, EVERY_EPOCH).get(task_of(digits, "online"), pool)


@pytest.mark.parametrize(
    ("acquisition", "given", "reason"),
    [
        ("diverse-dispersion", {}, "needs the labels of the whole pool"),
        ("dispersion", {"stride": 2}, "was given stride=2"),
        ("dispersion", {"augmented": True}, "was given augmented=True"),
    ],
)
def test_what_a_recording_in_part_cannot_answer_is_refused_before_anything_is_trained(
    acquisition: str, given: dict[str, object], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        LearnerSettings(acquisition, given, record="deferred")
    LearnerSettings(acquisition, given, record="full")
    LearnerSettings("margin", record="deferred")


def test_a_folded_recording_is_another_history_and_nearly_the_same(
    digits: ImageSet, pool: ImageSet, tmp_path: Path
) -> None:
    trainings = Trainings(tmp_path, EVERY_EPOCH)
    plain = trainings.get(task_of(digits, "full"), pool)
    folded = trainings.get(task_of(digits, "full", record_folded=True), pool)
    assert folded.key == plain.key
    assert len(list((tmp_path / "history").glob("*/*/recorded.json"))) == 2
    same = [ours == theirs for ours, theirs in zip(labels_of(plain).values(), labels_of(folded).values(), strict=True)]
    assert np.mean(same) > 0.9


def test_the_folders_and_keys_of_full_recordings_are_as_before() -> None:
    assert Recording().values == (1,)
    assert Recording(augmented=True).values == (1, "augmented")
    assert Recording().facts == {"every": 1, "augmented": False}
    assert Recording.of_facts({"every": 2}) == Recording(2)
    for recording in (Recording(3, mode="online", budget=7), Recording(folded=True)):
        assert Recording.of_facts(recording.facts) == recording
    assert "record" not in SETTINGS.values
    assert replace(SETTINGS, record="online").values["record"] == "online"


@pytest.mark.parametrize(
    ("changes", "version"),
    [({}, 1), ({"record": "online"}, 2), ({"record": "deferred"}, 2), ({"record_folded": True}, 2)],
    ids=str,
)
def test_whoever_knows_only_full_recordings_refuses_the_others_by_name(
    digits: ImageSet, pool: ImageSet, tmp_path: Path, changes: dict[str, object], version: int
) -> None:
    settings = replace(SETTINGS, recipe=Recipe(epochs=2, least_steps=0), **changes)  # type: ignore[arg-type]
    task = TrainingTask(digits.take(np.arange(24)), settings, 0)
    Trainings(tmp_path, EVERY_EPOCH).get(task, pool, count=COUNT)
    (path,) = (tmp_path / "history").glob("*/*/recorded.json")
    assert read_json(path, "swither recording", 2)["version"] == version
    if version > 1:
        with pytest.raises(NewerFormat, match=r"recorded\.json is a swither recording file of version 2"):
            read_json(path, "swither recording", 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("online", Recording(2, mode="online", budget=9)),
        ("deferred-folded", Recording(mode="deferred", folded=True, budget=9)),
    ],
)
def test_files_of_recordings_in_part_stay_readable(name: str, expected: Recording) -> None:
    path = Path(__file__).parent / "formats" / "recorded-v2" / f"{name}.json"
    assert Recording.of_facts(read_json(path, "swither recording", 2)) == expected
