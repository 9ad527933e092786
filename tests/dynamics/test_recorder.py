from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from swither.dynamics import LabelHistory, Recorder
from swither.errors import DamagedState, InputError, UnknownIds


def test_every_shape_of_an_answer_records_the_same() -> None:
    logits = np.eye(3)[[2, 0, 1]]

    def batches() -> Iterator[tuple[list[str], list[int]]]:
        yield ["c"], [1]
        yield ["a", "b"], [2, 0]

    answers = [
        [2, 0, 1],
        np.array([2, 0, 1]),
        logits,
        logits.tolist(),
        iter([2, 0, 1]),
        batches(),
        list(batches()),
        [(["b", "a", "c"], logits[[1, 0, 2]])],
    ]
    for answer in answers:
        history = LabelHistory.create(["a", "b", "c"], 3)
        Recorder(history, lambda answer=answer: answer).after_epoch()  # type: ignore[misc]
        assert history.labels.tolist() == [[2, 0, 1]]


def test_batches_may_bring_confidences() -> None:
    history = LabelHistory.create(["a", "b"], 3, confidence=True)
    Recorder(history, lambda: [(["b", "a"], [1, 2], [0.5, 0.25])]).after_epoch()
    assert history.confidence is not None
    assert history.confidence.tolist() == [[0.25, 0.5]]


def test_an_epoch_that_failed_half_way_can_be_recorded_again() -> None:
    history = LabelHistory.create(["a", "b"], 3)
    answers: list[object] = [[(["a"], [0])], [(["a", "z"], [1, 1])], [(["a", "b"], [2, 2])]]
    recorder = Recorder(history, lambda: answers.pop(0))
    with pytest.raises(InputError, match="1 of 2 samples were not recorded: b"):
        recorder.after_epoch()
    with pytest.raises(UnknownIds):
        recorder.after_epoch()
    recorder.after_epoch()
    assert history.labels.tolist() == [[2, 2]]


def test_a_torch_loop_needs_three_lines() -> None:
    torch = pytest.importorskip("torch")
    images = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    network = torch.nn.Linear(4, 3)
    history = LabelHistory.create(np.arange(6), 3)
    recorder = Recorder(history, lambda: network(images))
    for _ in range(2):
        recorder.after_epoch()
    assert np.array_equal(history.labels[0], network(images).argmax(dim=1).numpy())


def test_a_function_that_forgets_to_return_is_told_so() -> None:
    history = LabelHistory.create(["a"], classes=2)
    with pytest.raises(InputError, match="Does it return what it predicts"):
        Recorder(history, lambda: None).after_epoch()  # type: ignore[arg-type,return-value]
    assert history.epochs == 0


def test_every_third_step_is_recorded_once_however_often_it_is_announced() -> None:
    history = LabelHistory.create(["a"], classes=9)
    taken = 0
    recorder = Recorder(history, lambda: [taken], every_steps=3)
    for taken in (1, 2, 3, 3, 3, 4, 5, 6, 7, 8):
        recorder.after_step(taken)
    assert history.labels.tolist() == [[3], [6]]


def test_a_recording_that_was_passed_over_shifts_all_later_ones_silently() -> None:
    history = LabelHistory.create(["a"], classes=9)
    recorder = Recorder(history, lambda: [1], every_steps=3)
    for step in (2, 4, 6, 8):  # two optimisers, as Lightning counts: each multiple is passed alone
        recorder.after_step(step)
    assert history.epochs == 2
    with pytest.raises(InputError, match=r"After step 12 there should be 4 recordings.*holds 2.*2 fell due at once"):
        recorder.after_step(12)
    assert history.epochs == 2
    with pytest.raises(InputError, match="each optimiser"):
        Recorder(LabelHistory.create(["a"], classes=2), lambda: [0], every_steps=1).after_step(2)


def test_a_resumed_training_keeps_what_its_checkpoint_had_seen() -> None:
    by_epochs, by_steps = LabelHistory.create(["a"], classes=2), LabelHistory.create(["a"], classes=2)
    epochs, steps = Recorder(by_epochs, lambda: [0]), Recorder(by_steps, lambda: [0], every_steps=10)
    for step in range(1, 51):
        steps.after_step(step)
        if step % 10 == 0:
            epochs.after_epoch()
    epochs.resume(3)
    steps.resume(29)
    assert (by_epochs.epochs, by_steps.epochs) == (3, 2)
    with pytest.raises(DamagedState, match="holds 3 of the 4 recordings"):
        epochs.resume(4)


def test_epochs_and_steps_are_not_mixed() -> None:
    history = LabelHistory.create(["a"], classes=2)
    with pytest.raises(InputError, match="every_steps=100"):
        Recorder(history, lambda: [0]).after_step(1)
    with pytest.raises(InputError, match="call after_step"):
        Recorder(history, lambda: [0], every_steps=2).after_epoch()
    with pytest.raises(InputError, match="every 1 or more steps"):
        Recorder(history, lambda: [0], every_steps=0)
