from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swither.dynamics import LabelHistory, switches
from swither.errors import InputError


@settings(deadline=None, max_examples=80)
@given(
    seed=st.integers(0, 2**32),
    epochs=st.integers(1, 30),
    classes=st.sampled_from([1, 2, 5, 300]),
    missing=st.sampled_from([0.0, 0.5]),
)
def test_switches_equal_walking_through_the_epochs(seed: int, epochs: int, classes: int, missing: float) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, (epochs, 20))
    labels[generator.random(labels.shape) < missing] = -1
    labels[generator.integers(0, epochs)] = generator.integers(0, classes, 20)
    expected = []
    for column in labels.T.tolist():
        known = [label for label in column if label != -1]
        expected.append(sum(before != after for before, after in pairwise(known)))
    history = LabelHistory.from_labels(np.arange(20), classes, labels)
    assert switches(history).tolist() == expected
    assert switches(labels).tolist() == expected
    assert switches(labels).dtype == np.int64


def test_switches_see_the_order_that_dispersion_does_not() -> None:
    assert switches([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist() == [1, 3]


def test_window_and_stride_choose_epochs() -> None:
    labels = np.random.default_rng(0).integers(0, 3, (9, 30))
    assert switches(labels, window=6, stride=2).tolist() == switches(labels[[4, 6, 8]]).tolist()


def test_a_sample_that_was_never_recorded_is_refused() -> None:
    with pytest.raises(InputError, match="1 of 2 samples were recorded in none"):
        switches(np.array([[0, 255], [1, 255]], np.uint8))
