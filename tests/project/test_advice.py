"""Advice: none before the figures allow it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from swither.project.advice import Change, advice, change_between
from swither.project.records import Cycle


def cycle(labelled: int, change: Change | None = None, counted: int = 100, **facts: Any) -> Cycle:
    accuracy = {"right": counted // 2, "counted": counted, "low": 0.4, "high": 0.6}
    changes = [] if change is None else [asdict(change)]
    return Cycle(1, 1, 1, labelled, (), (), "key", {"accuracy": accuracy, "changes": changes, **facts})


def change(won: int, lost: int, both: int) -> Change:
    before = {str(n): n < lost for n in range(both)}
    after = {str(n): lost <= n < lost + won for n in range(both)}
    return change_between(before, after, since=20)


def test_nothing_is_said_before_a_second_training() -> None:
    assert advice([]).verdict == "too early"
    assert advice([cycle(20)]).verdict == "too early"


def test_nothing_is_said_of_few_test_images() -> None:
    assert advice([cycle(60, change(15, 0, 20), counted=20)]).verdict == "too early"


def test_the_number_of_test_images_is_the_one_that_stands_beside_the_advice() -> None:
    trained = [cycle(60, change(5, 0, 11), counted=11)]
    assert advice(trained, {"right": 11, "counted": 12}).words.startswith("12 test images are too few")
    assert "Of 40 test images only 11 had a label" in advice(trained, {"right": 38, "counted": 40}).words
    unmeasured = Cycle(1, 1, 1, 20, (), (), "key", {"accuracy": None})
    assert "One training is one point" in advice([unmeasured], {"right": 3, "counted": 4}).words


def test_a_gain_that_the_interval_holds_apart_from_none_says_go_on() -> None:
    said = advice([cycle(60, change(30, 4, 100), changing=0.25)])
    assert said.verdict == "go on"
    assert "from 20 to 60 labels" in said.words
    assert "25 %" in said.words


def test_a_small_gain_within_a_narrow_interval_says_flat() -> None:
    assert advice([cycle(600, change(1, 1, 250))]).verdict == "flat"


def test_networks_that_agree_on_few_images_are_not_called_flat() -> None:
    assert advice([cycle(60, change(0, 0, 40))]).verdict == "too early"


@pytest.mark.parametrize(("both", "won", "lost"), [(100, 0, 6), (250, 1, 9), (100, 2, 9)])
def test_nobody_is_told_to_stop_where_the_accuracy_fell(both: int, won: int, lost: int) -> None:
    said = advice([cycle(100, change(won, lost, both), counted=both)])
    assert said.verdict == "fell"
    assert "Review" in said.words
    assert "stop" not in said.words


def test_a_loss_that_may_be_worth_speaking_of_is_not_called_flat() -> None:
    one = change(1, 5, 200)
    assert one.low < -0.02
    assert 0 < one.high < 0.02
    assert advice([cycle(100, one, counted=200)]).verdict == "too early"


def test_a_gain_that_is_sure_and_not_worth_having_is_called_flat() -> None:
    one = Change(since=20, images=2000, gain=0.01, low=0.004, high=0.016)
    assert advice([cycle(60, one, counted=2000)]).verdict == "flat"


@pytest.mark.parametrize("seed", range(30))
def test_no_advice_while_the_interval_is_wider_than_what_it_speaks_of(seed: int) -> None:
    draw = np.random.default_rng(seed)
    both = int(draw.integers(30, 300))
    won = int(draw.integers(0, both // 3))
    lost = int(draw.integers(0, both // 3))
    one = change(won, lost, both)
    verdict = advice([cycle(60, one, counted=both)]).verdict
    reach, middle = (one.high - one.low) / 2, (one.high + one.low) / 2
    if verdict in ("go on", "fell"):
        assert reach < abs(middle)
        assert (verdict == "go on") == (middle > 0)
    if verdict == "flat":
        assert reach + abs(middle) < 0.02
    if one.low <= 0 <= one.high and (one.low <= -0.02 or one.high >= 0.02):
        assert verdict == "too early"


def test_the_interval_holds_the_true_gain_about_as_often_as_it_says() -> None:
    draw = np.random.default_rng(0)
    held = 0
    for _ in range(1000):
        kinds = draw.choice(3, size=120, p=[0.12, 0.05, 0.83])  # won, lost, alike
        one = change(int((kinds == 0).sum()), int((kinds == 1).sum()), 120)
        held += one.low <= 0.07 <= one.high
    assert 0.92 <= held / 1000 <= 0.985
