"""Whether VAAL's trainings ended in a collapse, which the scores alone do not show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from swither.report.wording import SPACE, listed, plural

Point: TypeAlias = Mapping[str, Any]
Query: TypeAlias = tuple[str, int, int]  # method, seed, cycle

CHANCE = 0.55
"""A discriminator that is right no oftener than this does not tell; a coin is right on 0.5."""

BY_HEART = 0.99
"""One that is right so often knows the labelled images one by one."""

NO_BETTER = 0.95
"""Of the error of giving the mean image for every image: codes that save less say nothing."""

LAST = 0.2
"""Share of a training, at its end, over which it is judged: single points are noisy."""


def queries_of(rows: Sequence[Point]) -> dict[Query, list[Point]]:
    """The points of each of VAAL's trainings, in order."""
    found: dict[Query, list[Point]] = {}
    for row in sorted(rows, key=lambda row: float(row["iteration"])):
        found.setdefault((str(row["method"]), int(row["seed"]), int(row["cycle"])), []).append(row)
    return found


def at_the_end(points: Sequence[Point], name: str) -> float:
    """Mean of a measure over the last fifth of a training.

    Example:
        >>> at_the_end([{"iteration": i, "discriminator_accuracy": i / 10} for i in range(1, 11)],
        ...            "discriminator_accuracy")
        0.95
    """
    last = float(points[-1]["iteration"])
    values = [float(point[name]) for point in points if float(point["iteration"]) > (1 - LAST) * last]
    return sum(values) / len(values)


def error_share(point: Point) -> float:
    """The reconstruction error as a share of that of the mean image: 1 is what a code that says nothing reaches."""
    without = float(point["error_of_the_mean"])
    return float(point["reconstruction_error"]) / without if without > 0 else 1.0


def collapses(rows: Sequence[Point]) -> list[str]:
    """A sentence for each kind of collapse that happened.

    Args:
        rows: `ReportData.vaal_log`.

    Example:
        >>> row = {"method": "vaal", "seed": 0, "cycle": 0, "iteration": 9, "discriminator_accuracy": 0.5,
        ...        "reconstruction_error": 0.1, "error_of_the_mean": 0.2}
        >>> collapses([row])[0].split(":")[0].replace("\\u00a0", " ")
        "VAAL's discriminator was at chance at the end of 1 of 1 query (cycle 0)"
    """
    queries = queries_of(rows)
    kinds: tuple[tuple[Callable[[Sequence[Point]], bool], str, str], ...] = (
        (
            lambda points: at_the_end(points, "discriminator_accuracy") <= CHANCE,
            "discriminator was at chance",
            "what it asked for was little better than a random draw.",
        ),
        (
            lambda points: at_the_end(points, "discriminator_accuracy") >= BY_HEART,
            "discriminator was always right",
            "it knew the labelled images by heart, and its likelihoods say little of how alike images are.",
        ),
        (
            lambda points: error_share({n: at_the_end(points, n) for n in _ERRORS}) >= NO_BETTER,
            "reconstructions were no better than the mean image",
            "its codes said next to nothing of the images.",
        ),
    )
    sentences = []
    for happened, what, so in kinds:
        hit = [query for query, points in queries.items() if happened(points)]
        if hit:
            cycles = listed([str(cycle) for cycle in sorted({cycle for _, _, cycle in hit})])
            where = f"{len(hit)}{SPACE}of{SPACE}{plural(len(queries), 'query', 'queries')}"
            many = "cycles" if len({cycle for _, _, cycle in hit}) > 1 else "cycle"
            sentences.append(f"VAAL's {what} at the end of {where} ({many} {cycles}): {so}")
    return sentences


_ERRORS = ("reconstruction_error", "error_of_the_mean")
