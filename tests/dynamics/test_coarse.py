from __future__ import annotations

import warnings

import numpy as np
import pytest

from swither.dynamics import CoarseScores, dispersion, warn_if_coarse


def test_few_recordings_are_warned_of_with_their_number() -> None:
    labels = np.zeros((25, 4), dtype=np.int64)
    labels[:10, 1] = -1
    with pytest.warns(CoarseScores, match=r"1 of 4 samples have fewer than 20 recorded labels \(the least: 15\)"):
        assert warn_if_coarse(labels)
    with pytest.warns(CoarseScores, match="4 of 4"):
        assert warn_if_coarse(np.zeros((25, 4), np.uint8), stride=2)
    with pytest.warns(CoarseScores, match="4 of 4"):
        assert warn_if_coarse(np.zeros((25, 4), np.uint8), window=19)


def test_enough_recordings_and_the_measures_themselves_are_silent() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not warn_if_coarse(np.zeros((20, 4), np.uint8))
        assert not warn_if_coarse(np.zeros((5, 4), np.uint8), enough=5)
        dispersion(np.zeros((2, 4), np.uint8))
