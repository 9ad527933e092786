"""How often the first model was right about the first portions of the pool, as the paper's Fig. 3 has it."""

from __future__ import annotations

from collections.abc import Mapping

from swither.report.comparison import Comparison
from swither.report.contents import Row, number
from swither.report.first_models import of_first_model

LEAST_IMAGES = 10
"""Portions of fewer images are left out: one image would move their accuracy by ten points or more."""

Curves = Mapping[str, Mapping[float, Mapping[int, float]]]
"""method -> portion -> seed -> accuracy on the portion (0 to 1)."""


def portion_curves(comparison: Comparison) -> Curves:
    """The measured portions of each method, in the order of the report; without those of a few images.

    Args:
        comparison: the folder's results.
    """
    curves: dict[str, dict[float, dict[int, float]]] = {}
    for row in of_first_model(comparison, comparison.data.informativeness):
        if not _is_few(row):
            portions = curves.setdefault(str(row["method"]), {})
            portions.setdefault(float(row["portion"]), {})[int(row["seed"])] = float(row["accuracy"])
    return {m: dict(sorted(curves[m].items())) for m in comparison.data.method_order() if m in curves}


def portions_left_out(comparison: Comparison) -> list[float]:
    """The portions of too few images, the smallest first.

    Args:
        comparison: the folder's results.
    """
    rows = of_first_model(comparison, comparison.data.informativeness)
    return sorted({float(row["portion"]) for row in rows if _is_few(row)})


def _is_few(row: Row) -> bool:
    """The whole pool is never too small: there is nothing larger to show."""
    images = number(row, "images")
    return images is not None and images < LEAST_IMAGES and float(row["portion"]) < 1
