from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swither.dynamics import LabelHistory, TrainingHistory
from swither.errors import DamagedState, InputError, NewerFormat, UnknownIds

IDS = ["c", "a", "d", "b"]
GIVEN = [0, 1, 2, 1]


def recorded(folder: Path | None = None, epochs: int = 3, seed: int = 0) -> TrainingHistory:
    history = TrainingHistory.create(IDS, 3, GIVEN, folder=folder)
    generator = np.random.default_rng(seed)
    for _ in range(epochs):
        order = generator.permutation(4)
        history.record(history.ids[order], generator.normal(0, 3, (4, 3)))
        history.close_epoch()
    return history


@settings(deadline=None, max_examples=80)
@given(seed=st.integers(0, 2**32), classes=st.integers(2, 12), scale=st.sampled_from([0.1, 3.0, 1000.0]))
def test_margin_and_probability_equal_their_definitions(seed: int, classes: int, scale: float) -> None:
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, scale, (9, classes))
    given_labels = generator.integers(0, classes, 9)
    order = generator.permutation(9)
    history = TrainingHistory.create(np.arange(9), classes, given_labels)
    for part in np.array_split(order, 3):
        history.record(part, logits[part])
    history.close_epoch()
    for sample, label in enumerate(given_labels):
        row = logits[sample].tolist()
        others = [value for other, value in enumerate(row) if other != label]
        assert history.margins[0, sample] == np.float16(row[label] - max(others))
        probability = 1 / sum(np.exp(np.clip(value - row[label], None, 700)) for value in row)
        assert float(history.probabilities[0, sample]) == pytest.approx(probability, rel=2e-3, abs=1e-7)
        assert history.labels[0, sample] == int(np.argmax(row))
        assert history.correct[0, sample] == (int(np.argmax(row)) == label)


def test_margins_beyond_half_precision_stay_finite_and_ordered() -> None:
    history = TrainingHistory.create(["a", "b", "c"], 2, [0, 0, 1])
    history.record(["a", "b", "c"], [[1e9, -1e9], [-1e9, 1e9], [0.0, -np.inf]])
    history.close_epoch()
    assert history.margins.tolist() == [[65504.0, -65504.0, -65504.0]]
    assert history.probabilities.tolist() == [[1.0, 0.0, 0.0]]


def test_missing_presentations_are_named_or_left_empty() -> None:
    history = TrainingHistory.create(IDS, 3, GIVEN)
    history.record(["a"], [[0.0, 1.0, 0.0]])
    with pytest.raises(InputError, match="3 of 4 samples were not recorded: c, d, b"):
        history.close_epoch()
    history.close_epoch(allow_missing=True)
    assert history.recorded.tolist() == [[False, True, False, False]]
    assert history.correct.tolist() == [[False, True, False, False]]
    assert np.isnan(history.margins[0]).tolist() == [True, False, True, True]
    assert np.isnan(history.probabilities[0]).tolist() == [True, False, True, True]


@pytest.mark.parametrize(
    ("ids", "logits", "error"),
    [
        (["a", "z"], np.zeros((2, 3)), UnknownIds),
        (["a"], np.zeros((2, 3)), InputError),
        (["a"], np.zeros((1, 2)), InputError),
        (["a"], np.zeros(3), InputError),
        (["a"], np.full((1, 3), np.nan), InputError),
        (["a", "a"], np.eye(3)[:2], InputError),
    ],
)
def test_presentations_that_do_not_fit_are_refused(ids: list[str], logits: np.ndarray, error: type[Exception]) -> None:
    history = TrainingHistory.create(IDS, 3, GIVEN)
    with pytest.raises(error):
        history.record(ids, logits)
    history.close_epoch(allow_missing=True)
    assert not history.recorded.any()


def test_given_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="one given label per id"):
        TrainingHistory.create(IDS, 3, [0, 1])
    with pytest.raises(InputError, match=r"labels in 0 \.\. 2, got 3"):
        TrainingHistory.create(IDS, 3, [0, 1, 2, 3])
    with pytest.raises(InputError, match="at least two classes"):
        TrainingHistory.create(IDS, 1, [0, 0, 0, 0])


def same(one: TrainingHistory, two: TrainingHistory) -> bool:
    return (
        one.ids.tolist() == two.ids.tolist()
        and one.classes == two.classes
        and one.given_labels.tolist() == two.given_labels.tolist()
        and np.array_equal(one.labels, two.labels)
        and np.array_equal(one.margins, two.margins, equal_nan=True)
        and np.array_equal(one.probabilities, two.probabilities, equal_nan=True)
    )


def test_folder_and_archive_hold_the_same_as_memory(tmp_path: Path) -> None:
    history = recorded()
    assert same(recorded(tmp_path / "h"), history)
    assert same(TrainingHistory.open(tmp_path / "h"), history)
    history.save(tmp_path / "h.npz")
    assert same(TrainingHistory.load(tmp_path / "h.npz"), history)


def test_truncating_and_going_on_in_a_folder_equals_never_having_stopped(tmp_path: Path) -> None:
    history = recorded(tmp_path / "h", epochs=3)
    history.truncate(1)
    again = TrainingHistory.open(tmp_path / "h")
    assert same(again, recorded(epochs=1))
    again.record(IDS, np.eye(3)[[0, 1, 2, 0]])
    again.close_epoch()
    assert TrainingHistory.open(tmp_path / "h").correct[1].tolist() == [True, True, True, False]


def test_the_other_kind_of_history_is_not_taken_for_this_one(tmp_path: Path) -> None:
    recorded(tmp_path / "h").save(tmp_path / "h.npz")
    with pytest.raises(DamagedState, match="no swither label history file"):
        LabelHistory.open(tmp_path / "h")
    with pytest.raises(DamagedState, match="holds a swither training history; expected a swither label history"):
        LabelHistory.load(tmp_path / "h.npz")


def test_damage_and_newer_versions_are_named(tmp_path: Path) -> None:
    recorded(tmp_path)
    path = tmp_path / "margins.npy"
    content = path.read_bytes()
    path.write_bytes(content[:-3])
    with pytest.raises(DamagedState, match=r"margins\.npy"):
        TrainingHistory.open(tmp_path)
    path.write_bytes(content)
    index = json.loads((tmp_path / "history.json").read_text())
    (tmp_path / "history.json").write_text(json.dumps({**index, "version": 99}))
    with pytest.raises(NewerFormat, match="version 99"):
        TrainingHistory.open(tmp_path)


def test_parts_merge_by_id_and_contradictions_are_refused() -> None:
    whole = recorded()
    parts = []
    for positions in ([2, 0], [3, 1]):
        part = TrainingHistory.create(whole.ids[positions], 3, whole.given_labels[positions])
        generator = np.random.default_rng(0)
        for _ in range(3):
            order = generator.permutation(4)
            logits = generator.normal(0, 3, (4, 3))
            mine = np.isin(order, positions)
            part.record(whole.ids[order[mine]], logits[mine])
            part.close_epoch()
        parts.append(part)
    merged = TrainingHistory.merge(parts)
    columns = [merged.ids.tolist().index(i) for i in IDS]
    assert np.array_equal(merged.margins[:, columns], whole.margins)
    assert np.array_equal(merged.of(IDS), whole.labels)
    with pytest.raises(InputError, match="one given label per sample; a has 1 and 2"):
        TrainingHistory.merge([whole, TrainingHistory.create(["a"], 3, [2])])
    with pytest.raises(InputError, match="equally many epochs"):
        TrainingHistory.merge([whole, TrainingHistory.create(["z"], 3, [2])])
    with pytest.raises(InputError, match="same classes"):
        TrainingHistory.merge([whole, TrainingHistory.create(["z"], 4, [2])])
