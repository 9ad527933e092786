from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swither.dynamics import TrainingHistory, forgetting_events
from swither.errors import InputError


def plain(column: list[bool]) -> float:
    if not any(column):
        return float("inf")
    return float(sum(before and not after for before, after in pairwise(column)))


@settings(deadline=None, max_examples=80)
@given(seed=st.integers(0, 2**32), epochs=st.integers(1, 20), share=st.sampled_from([0.1, 0.5, 0.95]))
def test_forgetting_events_equal_walking_through_the_presentations(seed: int, epochs: int, share: float) -> None:
    correct = np.random.default_rng(seed).random((epochs, 15)) < share
    assert forgetting_events(correct).tolist() == [plain(column) for column in correct.T.tolist()]


def test_presentations_that_were_not_recorded_are_passed_over() -> None:
    history = TrainingHistory.create(["a", "b"], 2, [0, 0])
    right, wrong = [1.0, 0.0], [0.0, 1.0]
    for of_a, of_b in [(right, wrong), (None, wrong), (wrong, None), (right, wrong)]:
        for i, logits in (("a", of_a), ("b", of_b)):
            if logits is not None:
                history.record([i], [logits])
        history.close_epoch(allow_missing=True)
    assert forgetting_events(history).tolist() == [1.0, np.inf]


def test_a_sample_that_was_never_learned_ranks_as_most_forgotten() -> None:
    correct = np.array([[1, 0], [0, 0], [1, 0], [0, 0]], dtype=bool)
    assert forgetting_events(correct).argmax() == 1


def test_what_was_never_recorded_is_refused() -> None:
    history = TrainingHistory.create(["a", "b"], 2, [0, 0])
    with pytest.raises(InputError, match="at least one recorded presentation"):
        forgetting_events(history)
    history.record(["a"], [[1.0, 0.0]])
    history.close_epoch(allow_missing=True)
    with pytest.raises(InputError, match="at least one recorded presentation"):
        forgetting_events(history)
    with pytest.raises(InputError, match="booleans"):
        forgetting_events(np.zeros((2, 2)))
