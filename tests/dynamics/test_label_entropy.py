from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swither.dynamics import LabelHistory, label_entropy
from swither.errors import InputError


@settings(deadline=None, max_examples=80)
@given(
    seed=st.integers(0, 2**32),
    epochs=st.integers(1, 30),
    classes=st.sampled_from([1, 2, 10, 24, 25, 120]),
    missing=st.sampled_from([0.0, 0.4]),
)
def test_label_entropy_equals_counting_label_by_label(seed: int, epochs: int, classes: int, missing: float) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, (epochs, 20))
    labels[generator.random(labels.shape) < missing] = -1
    labels[0] = generator.integers(0, classes, 20)
    expected = []
    for column in labels.T.tolist():
        counts = Counter(label for label in column if label != -1)
        shares = [count / sum(counts.values()) for count in counts.values()]
        expected.append(-math.fsum(share * math.log(share) for share in shares))
    history = LabelHistory.from_labels(np.arange(20), classes, labels)
    np.testing.assert_allclose(label_entropy(history), expected, atol=1e-9)
    np.testing.assert_allclose(label_entropy(labels), expected, atol=1e-9)


def test_a_settled_sample_has_exactly_no_entropy() -> None:
    for epochs in range(1, 130):
        assert label_entropy(np.full((epochs, 2), 3, np.uint8)).tolist() == [0.0, 0.0]


def test_labels_spread_alike_over_other_classes_tie_exactly() -> None:
    """Rounding must not decide between samples that the measure calls equal."""
    generator = np.random.default_rng(0)
    for _ in range(50):
        sample = generator.integers(0, 8, 100)
        labels = np.stack([generator.permutation(8)[generator.permutation(sample)] for _ in range(20)], axis=1)
        assert len(np.unique(label_entropy(labels))) == 1


def test_label_entropy_tells_apart_what_dispersion_does_not() -> None:
    labels = np.array([[0, 0], [0, 0], [1, 1], [1, 2]])
    assert label_entropy(labels)[1] > label_entropy(labels)[0]


def test_window_and_stride_choose_epochs() -> None:
    labels = np.random.default_rng(0).integers(0, 3, (9, 30))
    assert label_entropy(labels, window=6, stride=2).tolist() == label_entropy(labels[[4, 6, 8]]).tolist()
    with pytest.raises(InputError, match="window"):
        label_entropy(labels, window=10)


def test_blocks_of_samples_join_without_a_seam() -> None:
    labels = np.random.default_rng(0).integers(0, 5, (6, 5000)).astype(np.uint8)
    parts = np.concatenate([label_entropy(part) for part in np.array_split(labels, 50, axis=1)])
    np.testing.assert_allclose(label_entropy(labels), parts, rtol=0, atol=0)
