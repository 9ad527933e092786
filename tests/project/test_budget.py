"""The time budget: what is given up first, and what never."""

from __future__ import annotations

import numpy as np
import pytest

from swither.project.budget import HEADROOM, LEAST_CANDIDATES, LEAST_RECORDINGS, Pace, choose


def pace(image: float, recording: float = 0.01, step: float = 0.001, rest: float = 1.0) -> Pace:
    return Pace(step, recording, image, rest, "made up")


def test_all_epochs_of_all_images_where_there_is_time() -> None:
    choice = choose(pace(1e-6), 100, 400, 20_000, 250, 60)
    assert (choice.record_every, choice.recordings, choice.candidates) == (1, 100, 20_000)
    assert "every epoch, all images" in choice.words


def test_recordings_go_before_images() -> None:
    choice = choose(pace(2e-5), 100, 400, 20_000, 0, 20)
    assert choice.candidates == 20_000
    assert LEAST_RECORDINGS <= choice.recordings < 100
    assert "would take about" in choice.words


def test_then_a_part_of_the_pool_with_the_fewest_recordings() -> None:
    choice = choose(pace(1e-4), 100, 400, 20_000, 100, 20)
    assert choice.recordings == LEAST_RECORDINGS
    assert LEAST_CANDIDATES <= choice.candidates < 20_000
    assert "a part of the pool" in choice.words


def test_what_cannot_be_met_is_said() -> None:
    choice = choose(pace(1.0), 100, 400, 20_000, 0, 5)
    assert (choice.recordings, choice.candidates) == (LEAST_RECORDINGS, LEAST_CANDIDATES)
    assert "it will take longer" in choice.words


@pytest.mark.parametrize("seed", range(20))
def test_a_choice_fits_the_budget_or_is_the_least(seed: int) -> None:
    draw = np.random.default_rng(seed)
    given = pace(10 ** draw.uniform(-7, -2), 10 ** draw.uniform(-3, -1), 10 ** draw.uniform(-4, -2), draw.uniform(0, 5))
    epochs, pool, beside = int(draw.integers(20, 300)), int(draw.integers(1, 30_000)), int(draw.integers(0, 250))
    seconds = float(draw.uniform(3, 90))
    choice = choose(given, epochs, epochs * 3, pool, beside, seconds)
    assert choice.recordings == epochs // choice.record_every >= LEAST_RECORDINGS
    assert min(pool, LEAST_CANDIDATES) <= choice.candidates <= pool
    least = choice.recordings == epochs // (epochs // LEAST_RECORDINGS) and choice.candidates == min(
        pool, LEAST_CANDIDATES
    )
    assert choice.seconds <= seconds * HEADROOM + 1e-6 or least
    if choice.candidates == pool and choice.record_every > 1:  # one more would not have fitted
        more = epochs // (choice.record_every - 1)
        assert (
            given.rest + epochs * 3 * given.step + more * (given.recording + (pool + beside) * given.image)
            > seconds * HEADROOM
        )
