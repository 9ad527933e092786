from __future__ import annotations

import numpy as np

from swither.acquisition.distances import Frame
from swither.acquisition.placed_anew import PlacedAnew


def test_rows_placed_anew_are_bit_for_bit_those_that_were_placed_at_once() -> None:
    draw = np.random.default_rng(0)
    for kind in (np.float16, np.float32, np.float64, np.int16):
        points = (100 * draw.normal(size=(3000, 130))).astype(kind)
        frame = Frame.of(points)
        once, anew = frame.place(points), PlacedAnew.of(frame, points)
        assert (len(anew), anew.width) == (len(once), once.width) == points.shape
        rows = draw.integers(3000, size=50)
        for which in (slice(1000, 2100), rows):
            np.testing.assert_array_equal(anew[which].rows, once[which].rows)
            np.testing.assert_array_equal(anew[which].low, once[which].low)
            np.testing.assert_array_equal(anew[which].high, once[which].high)
