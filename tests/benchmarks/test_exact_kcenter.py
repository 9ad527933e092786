"""The definition that the benchmarks hold k-center to, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

POINTS = np.array([[0.0], [1.0], [4.0], [6.0], [6.0]], dtype=np.float32)


@pytest.mark.parametrize(
    ("centres", "expected"),
    [
        ([[0.0]], [3, 2, 1, 0, 4]),  # copies of what is taken come last, in the order of rows
        (np.empty((0, 1)), [2, 0, 3, 1, 4]),  # nothing labelled: 4 is nearest to the mean, 3.4
    ],
)
def test_the_definition_gives_what_is_worked_out_by_hand(
    script: Callable[[str], ModuleType], centres: object, expected: list[int]
) -> None:
    exact = script("_exact_kcenter")
    assert exact.exact_picks(POINTS, np.asarray(centres, dtype=np.float32), 5) == expected
