from __future__ import annotations

import statistics

import numpy as np
import pytest

from swither.dynamics import TrainingHistory, cartography
from swither.errors import InputError


def test_mean_and_population_deviation_of_the_recorded_probabilities() -> None:
    generator = np.random.default_rng(0)
    probabilities = generator.random((12, 20)).astype(np.float16)
    probabilities[1:][generator.random((11, 20)) < 0.4] = np.nan
    places = cartography(probabilities)
    for sample, column in enumerate(probabilities.T.astype(np.float64).tolist()):
        known = [p for p in column if p == p]
        assert places.confidence[sample] == pytest.approx(statistics.fmean(known), rel=1e-12)
        assert places.variability[sample] == pytest.approx(statistics.pstdev(known), rel=1e-9, abs=1e-12)


def test_a_history_gives_the_map_of_its_given_labels_probabilities() -> None:
    history = TrainingHistory.create(["easy", "wrong"], 2, [0, 1])
    for _ in range(3):
        history.record(["easy", "wrong"], [[4.0, 0.0], [4.0, 0.0]])
        history.close_epoch()
    places = cartography(history)
    np.testing.assert_allclose(places.confidence, [0.982, 0.018], atol=1e-3)
    assert places.variability.tolist() == [0.0, 0.0]


def test_what_was_never_recorded_is_refused() -> None:
    with pytest.raises(InputError, match="completed epochs"):
        cartography(TrainingHistory.create(["a"], 2, [0]))
    with pytest.raises(InputError, match="1 of 2 samples"):
        cartography(np.array([[0.5, np.nan]]))
