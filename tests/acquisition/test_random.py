from __future__ import annotations

import numpy as np
import scipy.stats

from swither.acquisition import random


def test_every_sample_is_drawn_equally_often() -> None:
    generator = np.random.default_rng(0)
    drawn = np.concatenate([random(20, 5, generator).positions for _ in range(4000)])
    assert scipy.stats.chisquare(np.bincount(drawn, minlength=20)).pvalue > 1e-3


def test_draws_of_one_generator_differ_and_of_equal_ones_do_not() -> None:
    generator = np.random.default_rng(1)
    first, second = (random(100, 10, generator).positions.tolist() for _ in range(2))
    assert first != second
    assert random(100, 10, np.random.default_rng(1)).positions.tolist() == first
