from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from swither.dynamics import LabelHistory, largest_class_share
from swither.errors import InputError


def test_the_share_is_that_of_the_most_frequent_label_among_recorded_ones() -> None:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 4, (12, 33))
    labels[generator.random(labels.shape) < 0.3] = -1
    labels[:, 0] = 2
    expected = []
    for row in labels.tolist():
        counts = Counter(label for label in row if label != -1)
        expected.append(max(counts.values()) / sum(counts.values()))
    assert largest_class_share(LabelHistory.from_labels(np.arange(33), 4, labels)).tolist() == expected
    assert largest_class_share(labels).tolist() == expected


def test_an_epoch_without_recordings_is_named() -> None:
    with pytest.raises(InputError, match="Epoch 2 has no recorded sample"):
        largest_class_share(np.array([[0, 1], [-1, -1]]))
