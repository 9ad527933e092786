from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from swither.report.vaal_health import at_the_end, collapses, queries_of


def training(
    accuracy: Any, error: Any, cycle: int = 0, seed: int = 0, points: int = 10, method: str = "vaal"
) -> list[dict[str, Any]]:
    """A training whose measures are these numbers, or these functions of the point's number."""
    return [
        {
            "method": method,
            "seed": seed,
            "cycle": cycle,
            "iteration": 30 * number,
            "discriminator_accuracy": accuracy(number) if callable(accuracy) else accuracy,
            "reconstruction_error": 0.2 * (error(number) if callable(error) else error),
            "error_of_the_mean": 0.2,
        }
        for number in range(1, points + 1)
    ]


def test_a_sound_training_gets_no_warning() -> None:
    assert collapses(training(0.7, 0.4)) == []
    assert collapses([]) == []


@pytest.mark.parametrize(
    ("accuracy", "error", "says"),
    [(0.5, 0.4, "at chance"), (0.995, 0.4, "always right"), (0.7, 1.0, "mean image"), (0.3, 0.4, "at chance")],
)
def test_each_kind_of_collapse_is_said_in_words(accuracy: float, error: float, says: str) -> None:
    (sentence,) = collapses(training(accuracy, error))
    assert says in sentence
    assert "1\u00a0of\u00a01 query (cycle 0)" in sentence


def test_queries_are_counted_and_cycles_named_once() -> None:
    rows = [*training(0.5, 0.4, 0), *training(0.5, 0.4, 2), *training(0.5, 0.4, 2, seed=1), *training(0.7, 0.4, 1)]
    (sentence,) = collapses(rows)
    assert "3\u00a0of\u00a04 queries (cycles 0 and 2)" in sentence


def test_it_is_judged_by_its_end_whatever_it_was_before() -> None:
    assert collapses(training(lambda n: 0.5 if n <= 8 else 0.7, lambda n: 3.0 if n <= 8 else 0.4)) == []
    assert len(collapses(training(lambda n: 0.7 if n <= 8 else 0.5, lambda n: 0.4 if n <= 8 else 1.2))) == 2


def test_the_end_is_the_last_fifth() -> None:
    points = training(lambda n: n / 100, 0.5, points=50)
    expected = np.mean([n / 100 for n in range(41, 51)])
    assert at_the_end(points, "discriminator_accuracy") == pytest.approx(expected)
    assert at_the_end(points[:1], "discriminator_accuracy") == pytest.approx(0.01)


def test_trainings_are_told_apart_by_method_seed_and_cycle() -> None:
    rows = [*training(0.5, 1, 0), *training(0.5, 1, 1), *training(0.5, 1, 0, seed=1), *training(0.5, 1, method="b")]
    queries = queries_of(rows[::-1])
    assert set(queries) == {("vaal", 0, 0), ("vaal", 0, 1), ("vaal", 1, 0), ("b", 0, 0)}
    for points in queries.values():
        assert [point["iteration"] for point in points] == [30 * n for n in range(1, 11)]
