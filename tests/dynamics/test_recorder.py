from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from swither.dynamics import LabelHistory, Recorder
from swither.errors import InputError, UnknownIds


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
