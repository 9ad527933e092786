"""The learning curve on paper lies within its drawing, on an axis of round numbers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from swither.web.curve_figure import HEIGHT, WIDTH, curve_figure, nice_steps
from swither.web.summary import superseded


@pytest.mark.parametrize("most", [1, 2, 3, 7, 19, 20, 21, 99, 250, 999, 12_345])
def test_the_axis_reaches_over_all_labels_in_few_round_steps(most: int) -> None:
    steps = nice_steps(most)
    assert steps[0] == 0
    assert steps[-1] >= most
    assert 2 <= len(steps) <= 7
    assert len({after - before for before, after in pairwise(steps)}) == 1


def test_the_curve_lies_within_its_drawing_and_skips_what_was_not_measured() -> None:
    share = {"share": 0.5, "low": 0.0, "high": 1.0, "right": 1, "counted": 2}
    rows: list[dict[str, Any]] = [
        {"labelled": 10, "accuracy": None},
        {"labelled": 20, "accuracy": share},
        {"labelled": 87, "accuracy": share},
    ]
    figure = curve_figure(rows)
    assert figure is not None
    assert len(figure["points"]) == 2
    for point in figure["points"]:
        assert 0 < point["x"] < WIDTH
        assert 0 < point["high"] < point["y"] < point["low"] < HEIGHT
    assert curve_figure(rows[:1]) is None


def test_the_curve_never_turns_back_after_labels_were_taken_back() -> None:
    share = {"share": 0.5, "low": 0.0, "high": 1.0, "right": 1, "counted": 2}
    counts = [14, 25, 56, 45]
    rows = [
        {"labelled": labelled, "accuracy": share, "superseded": old}
        for labelled, old in zip(counts, superseded(counts), strict=True)
    ]
    figure = curve_figure(rows)
    assert figure is not None
    places = [point["x"] for point in figure["points"]]
    assert len(places) == 3
    assert places == sorted(places)
    assert figure["x_ticks"][-1]["words"] == "50", "the axis ends where the curve does"
    assert "56 labels" not in figure["words"]
