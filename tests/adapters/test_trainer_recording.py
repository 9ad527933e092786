from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest

from swither.adapters.trainer_recording import TrainerRecording, require_one_process
from swither.dynamics import LabelHistory, TrainingHistory
from swither.errors import DamagedState, InputError, UnknownIds


def make(**settings: Any) -> tuple[LabelHistory, TrainingHistory, TrainerRecording]:
    pool, labelled = LabelHistory.create(["p", "q"], 3), TrainingHistory.create(["a", "b", "c"], 3, [0, 1, 2])
    every = settings.get("every_steps")
    recording = TrainerRecording(pool, lambda network: network, labelled, every, lambda _: contextlib.nullcontext())
    return pool, labelled, recording


def test_a_sample_presented_twice_counts_the_first_time() -> None:
    _, labelled, recording = make()
    recording.begin([0, 1], 0, 0)
    recording.after_batch(["c", "a"], [[0.0, 0.0, 2.0], [1.0, 0.0, 0.0]])
    recording.after_batch(np.array(["a", "b"]), np.array([[0.0, 9.0, 0.0], [0.0, 3.0, 0.0]]))
    recording.after_epoch([0, 1])
    assert labelled.labels.tolist() == [[0, 1, 2]]
    assert labelled.margins.tolist() == [[1.0, 3.0, 2.0]]


def test_a_sample_that_an_epoch_left_out_is_not_recorded_and_does_not_stop_the_training() -> None:
    _, labelled, recording = make()
    recording.begin([0, 1], 0, 0)
    recording.after_batch(["c"], [[0.0, 0.0, 2.0]])
    recording.after_epoch([0, 1])
    assert labelled.recorded.tolist() == [[False, False, True]]


def test_an_unknown_id_is_refused_by_name() -> None:
    _, _, recording = make()
    recording.begin([0, 1], 0, 0)
    recording.after_batch(["z"], [[0.0, 0.0, 2.0]])
    with pytest.raises(UnknownIds, match="z"):
        recording.after_epoch([0, 1])


def test_an_epoch_that_is_cut_by_a_checkpoint_keeps_what_it_had_presented() -> None:
    _, labelled, recording = make()
    recording.begin([0, 1], 0, 1, [(["a"], [[1.0, 0.0, 0.0]])])
    recording.after_batch(["b", "c"], [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    recording.after_epoch([0, 1])
    assert labelled.recorded.all()


def test_what_an_interrupted_training_had_presented_does_not_reach_the_next() -> None:
    _, labelled, recording = make()
    recording.begin([0, 1], 0, 0)
    recording.after_batch(["a"], [[1.0, 0.0, 0.0]])
    recording.begin([0, 1], 0, 0)
    recording.after_batch(["b"], [[1.0, 0.0, 0.0]])
    recording.after_epoch([0, 1])
    assert labelled.recorded.tolist() == [[False, True, False]]


def test_the_one_recording_that_a_checkpoint_missed_is_made_from_its_weights_and_two_are_refused() -> None:
    pool, labelled, recording = make()
    recording.begin([2, 2], 1, 5)
    assert (pool.labels.tolist(), labelled.recorded.any()) == ([[2, 2]], False)
    with pytest.raises(DamagedState, match="holds 1 of the 3"):
        recording.begin([2, 2], 3, 15)


def test_between_two_recordings_a_missing_one_cannot_be_made_from_later_weights() -> None:
    pool, _, recording = make(every_steps=2)
    with pytest.raises(DamagedState, match="holds 0 of the 1"):
        recording.begin([2, 2], 0, 3)
    recording.begin([1, 1], 0, 2)
    assert pool.labels.tolist() == [[1, 1]]


def test_recording_nothing_and_half_a_pool_are_refused() -> None:
    history = LabelHistory.create(["p"], 3)
    for pool, predict in ((None, None), (history, None), (None, lambda network: network)):
        with pytest.raises(InputError, match="a function that predicts it"):
            TrainerRecording(pool, predict, None, None)


def test_one_process_records_and_two_do_not() -> None:
    require_one_process(1)
    with pytest.raises(InputError, match=r"LabelHistory\.merge"):
        require_one_process(2)
