from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swither.dynamics import LabelHistory, RunningCounts, dispersion
from swither.errors import InputError


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32), classes=st.sampled_from([2, 10, 60]), missing=st.sampled_from([0.0, 0.4]))
def test_running_counts_follow_dispersion_epoch_by_epoch_and_bound_its_end(
    seed: int, classes: int, missing: float
) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, (12, 25))
    labels[1:7][generator.random((6, 25)) < missing] = -1
    history = LabelHistory.from_labels(np.arange(25), classes, labels)
    counts = RunningCounts(25, classes)
    end = dispersion(history)
    for epoch, row in enumerate(history.labels):
        counts.add(row)
        np.testing.assert_allclose(counts.dispersion(), dispersion(labels[: epoch + 1]), atol=1e-12)
        if epoch >= 6:  # from here on every epoch is recorded
            lower, upper = counts.bounds(11 - epoch)
            assert (lower <= end + 1e-12).all()
            assert (end <= upper + 1e-12).all()
    np.testing.assert_allclose(counts.bounds(0)[0], end, atol=1e-12)


def test_labels_that_do_not_fit_change_nothing() -> None:
    counts = RunningCounts(2, 3)
    counts.add([0, 1])
    for labels in ([0, 3], [-2, 0], [0.0, 1.0], [0]):
        with pytest.raises(InputError, match=r"Expected labels"):
            counts.add(labels)
    counts.add([0, 2])
    assert counts.dispersion().tolist() == [0.0, 0.5]


def test_what_nothing_is_known_of_is_refused() -> None:
    counts = RunningCounts(2, 3)
    counts.add([0, -1])
    with pytest.raises(InputError, match="1 samples were recorded in no epoch"):
        counts.dispersion()
    with pytest.raises(InputError, match="epochs_left=0"):
        counts.bounds(0)


def test_counts_of_a_history_and_in_several_blocks_are_those_of_its_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swither.dynamics.running_counts.AT_ONCE", 7)
    labels = np.random.default_rng(0).integers(-1, 5, (15, 40))
    labels[0] = np.maximum(labels[0], 0)
    history = LabelHistory.from_labels(np.arange(40), 5, labels)
    np.testing.assert_allclose(RunningCounts.of(history).dispersion(), dispersion(history), rtol=0, atol=1e-12)
