"""The learning curve on paper: places of points, bars and ticks in a drawing of fixed size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 640.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 16.0, 16.0, 44.0


def curve_figure(cycles: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Where everything stands in the drawing; None where no training has an accuracy.

    Trainings that are superseded by one with fewer labels are left out.

    Args:
        cycles: rows of `swither.web.summary.cycles_of`.

    Returns:
        ``width``, ``height``, ``points`` with x, y, low, high; ``line`` as the points of a polyline; ``x_ticks`` and
        ``y_ticks`` with their words; ``words``, which say the same without the drawing.
    """
    rows = [row for row in cycles if row["accuracy"] is not None and not row.get("superseded")]
    if not rows:
        return None
    most = max(row["labelled"] for row in rows)
    steps = nice_steps(most)

    def x(labelled: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * labelled / steps[-1], 1)

    def y(share: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share, 1)

    points = [
        {
            "x": x(row["labelled"]),
            "y": y(row["accuracy"]["share"]),
            "low": y(row["accuracy"]["low"]),
            "high": y(row["accuracy"]["high"]),
        }
        for row in rows
    ]
    said = [f"{row['labelled']} labels {100 * row['accuracy']['share']:.0f} %" for row in rows]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": _LEFT,
        "right": WIDTH - _RIGHT,
        "bottom": HEIGHT - _BOTTOM,
        "points": points,
        "line": " ".join(f"{point['x']},{point['y']}" for point in points),
        "x_ticks": [{"x": x(step), "words": f"{step:,}"} for step in steps],
        "y_ticks": [{"y": y(share / 100), "words": f"{share} %"} for share in (0, 25, 50, 75, 100)],
        "words": "Accuracy on the held-out images: " + ", ".join(said) + ".",
    }


def nice_steps(most: float) -> list[int]:
    """Round numbers from 0 to at least `most`, about five of them.

    Example:
        >>> nice_steps(87), nice_steps(1)
        ([0, 20, 40, 60, 80, 100], [0, 1])
    """
    rough = max(most, 1) / 5
    size = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = next(int(size * factor) for factor in (1, 2, 5, 10) if size * factor >= rough)
    return list(range(0, step * math.ceil(max(most, 1) / step) + 1, step))
