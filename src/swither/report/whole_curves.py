"""Runs that went through the whole budget: what an area, a test over it and a saving in labels are computed from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from swither.arrays import FloatArray
from swither.report.comparison import Comparison
from swither.report.wording import in_prose, listed, plural


@dataclass(frozen=True)
class WholeCurves:
    """The learning curves of all runs with one budget, whole ones only: areas of other widths do not compare.

    Attributes:
        budget: (cycles,) numbers of labels.
        curves: method -> seed -> (cycles,) accuracies.
        left_out: a sentence for each reason to leave runs out, naming them.
    """

    budget: tuple[float, ...]
    curves: Mapping[str, Mapping[int, FloatArray]]
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, comparison: Comparison) -> WholeCurves:
        """The runs that reached the last cycle that can be compared, on the budget that most of them have."""
        last = comparison.last_cycle
        cycles = [cycle for cycle in comparison.cycles if last is not None and cycle <= last]
        points = {m: [comparison.rows(m, cycle) for cycle in cycles] for m in comparison.methods}
        short: dict[str, list[int]] = {}
        budgets: dict[tuple[str, int], tuple[float, ...]] = {}
        for method, rows in points.items():
            for seed in sorted({seed for row in rows for seed in row}):
                if all(seed in row for row in rows):
                    budgets[method, seed] = tuple(float(row[seed]["labelled"]) for row in rows)
                else:
                    short.setdefault(method, []).append(seed)
        budget = Counter(budgets.values()).most_common(1)[0][0] if budgets else ()
        other: dict[str, list[int]] = {}
        curves: dict[str, dict[int, FloatArray]] = {method: {} for method in points}
        for (method, seed), own in budgets.items():
            if own == budget:
                curves[method][seed] = np.array([float(row[seed]["accuracy"]) for row in points[method]])
            else:
                other.setdefault(method, []).append(seed)
        reasons = {f"did not go through all cycles up to {last}": short, "had other numbers of labels": other}
        said = [_left_out(comparison, runs, reason) for reason, runs in reasons.items() if runs]
        return cls(budget, curves, tuple(said))

    @property
    def has_area(self) -> bool:
        """Whether the curves have a width."""
        return len(self.budget) > 1

    def shared_seeds(self, first: str, second: str) -> tuple[int, ...]:
        """The seeds of which both methods have a whole curve."""
        return tuple(sorted(self.curves.get(first, {}).keys() & self.curves.get(second, {}).keys()))

    def pair(self, first: str, second: str) -> tuple[FloatArray, FloatArray]:
        """(seeds, cycles) the curves of both, of the seeds in common."""
        seeds = self.shared_seeds(first, second)
        ours, theirs = ([self.curves[method][seed] for seed in seeds] for method in (first, second))
        shape = (len(seeds), len(self.budget))
        return np.reshape(ours, shape), np.reshape(theirs, shape)


def _left_out(comparison: Comparison, runs: Mapping[str, list[int]], reason: str) -> str:
    """Which runs, in words."""
    named = [
        f"{in_prose(comparison.titles[m])} (seed{'s' if len(s) > 1 else ''} {listed([str(seed) for seed in s])})"
        for m, s in runs.items()
    ]
    number = sum(len(seeds) for seeds in runs.values())
    they = "it" if number == 1 else "they"
    return f"{plural(number, 'run')} left out of the areas, because {they} {reason}: {listed(named)}."
