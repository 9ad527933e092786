from __future__ import annotations

import numpy as np
import pytest

from swither.dynamics import TrainingHistory, aum
from swither.errors import InputError


def test_aum_is_the_mean_margin_of_the_recorded_epochs_before_the_fall() -> None:
    generator = np.random.default_rng(0)
    margins = generator.normal(0, 5, (10, 30)).astype(np.float16)
    margins[1:][generator.random((9, 30)) < 0.3] = np.nan
    for epochs in (1, 4, 10):
        expected = [
            sum(float(m) for m in column if m == m) / sum(m == m for m in column) for column in margins[:epochs].T
        ]
        np.testing.assert_allclose(aum(margins, epochs=epochs), expected, rtol=1e-12)
    np.testing.assert_allclose(aum(margins), aum(margins, epochs=10))


def test_a_sample_with_a_wrong_label_has_the_lowest_area() -> None:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 4, 50)
    given_labels = truth.copy()
    given_labels[7] = (truth[7] + 1) % 4
    history = TrainingHistory.create(np.arange(50), 4, given_labels)
    for _ in range(6):
        history.record(np.arange(50), np.eye(4)[truth] * 3 + generator.normal(0, 0.5, (50, 4)))
        history.close_epoch()
    assert aum(history).argmin() == 7
    assert aum(history, epochs=2).argmin() == 7


def test_many_epochs_of_half_precision_do_not_lose_the_mean() -> None:
    margins = np.full((5000, 1), 30.0, dtype=np.float16)
    assert aum(margins).tolist() == [30.0]


def test_what_has_no_area_is_refused() -> None:
    with pytest.raises(InputError, match="1 to 2 recorded epochs, got epochs=3"):
        aum(np.zeros((2, 2)), epochs=3)
    with pytest.raises(InputError, match="1 of 2 samples were recorded in none of the 2 epochs"):
        aum(np.array([[0.0, np.nan], [0.0, np.nan], [0.0, 1.0]]), epochs=2)
    with pytest.raises(InputError, match="margins"):
        aum(np.zeros((0, 2)))
    with pytest.raises(InputError, match="margins"):
        aum(np.zeros((2, 2), dtype=np.int64))
