from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swither.acquisition import dispersion
from swither.dynamics import LabelHistory
from swither.errors import InputError


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 30), st.integers(1, 4))
def test_dispersion_agrees_with_a_counter(seed: int, classes: int, epochs: int, stride: int) -> None:
    labels = np.random.default_rng(seed).integers(classes, size=(epochs, 7), dtype=np.uint8)
    window = max(1, epochs // 2)
    counted = labels[-window:][::-1][::stride]
    slow = [1 - Counter(column).most_common(1)[0][1] / len(column) for column in counted.T.tolist()]
    np.testing.assert_allclose(dispersion(labels, window=window, stride=stride), slow)


def test_a_history_scores_as_its_labels_do() -> None:
    history = LabelHistory.create(["a", "b"], classes=3)
    for labels in ([0, 1], [0, 2], [0, 2]):
        history.record(["a", "b"], labels)
        history.close_epoch()
    np.testing.assert_allclose(dispersion(history), [0, 1 / 3])
    np.testing.assert_allclose(dispersion(history.labels), [0, 1 / 3])


@pytest.mark.parametrize("setting", [{"window": 0}, {"window": 2.5}, {"stride": 0}, {"stride": True}])
def test_settings_that_make_no_sense_are_refused(setting: dict[str, int]) -> None:
    with pytest.raises(InputError, match=next(iter(setting))):
        dispersion([[0, 1], [1, 1]], **setting)


def test_a_tensor_is_taken_for_its_labels() -> None:
    array = SimpleNamespace(numpy=lambda: np.array([[0, 1], [1, 1]]))
    tensor = SimpleNamespace(detach=lambda: array)
    assert dispersion(tensor).tolist() == [0.5, 0.0]


def test_burn_in_leaves_out_the_first_epochs_and_nothing_else() -> None:
    labels = np.random.default_rng(0).integers(0, 4, (30, 50))
    assert (dispersion(labels, burn_in=0.1) == dispersion(labels[3:])).all()
    assert (dispersion(labels, burn_in=0.0) == dispersion(labels)).all()
    hundred = np.tile(labels, (4, 1))[:100]
    assert (dispersion(hundred, burn_in=0.29) == dispersion(hundred[29:])).all()  # 0.29 x 100 is 28.999999999999996
    for burn_in, window in ((1.0, None), (-0.1, None), (0.5, 10)):
        with pytest.raises(InputError, match="burn_in"):
            dispersion(labels, burn_in=burn_in, window=window)
