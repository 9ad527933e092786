"""Results ordered for comparing: pooled over seeds of equal circumstances, with what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from swither.errors import InputError
from swither.report.contents import CIRCUMSTANCES, REFERENCE, ReportData, Row, number
from swither.report.intervals import LEAST_SEEDS, difference_of, interval_of
from swither.report.wording import in_runs, listed, plural
from swither.statistics import (
    Interval,
    LabelsToReach,
    PairedDifference,
    labels_to_reach,
    mean_and_deviation,
)

BASELINE = "random"

Cell: TypeAlias = tuple[str, int]
Circumstances: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Point:
    """The results of one method at one cycle.

    Attributes:
        cycle: 0 is the first training.
        labelled: how many images were labelled, the mean over seeds.
        values: seed -> value.
    """

    cycle: int
    labelled: float
    values: Mapping[int, float]

    @property
    def mean(self) -> float:
        """The mean over seeds."""
        return mean_and_deviation(list(self.values.values()))[0]

    @property
    def deviation(self) -> float:
        """The standard deviation over seeds; NaN for one seed."""
        return mean_and_deviation(list(self.values.values()))[1]

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of the mean; None for fewer than three seeds."""
        return interval_of(self.values.values())


_NOT_BEGUN = "not begun"


class Comparison:
    """What the figures and tables are drawn from.

    Only cells (method, seed) of the most common `CIRCUMSTANCES` are pooled. Results of another machine, precision,
    number of threads or version of torch are named and left out: they differ for reasons that are no method's.
    """

    def __init__(self, data: ReportData) -> None:
        self.data = data
        self.titles = data.titles()
        cells = _cells(data)
        self.circumstances, self.left_out = _most_common(cells)
        self._rows = {cell: rows for cell, rows in cells.items() if cell not in self.left_out}
        have = {method for method, _ in self._rows}
        self.methods = tuple(name for name in data.method_order() if name in have)
        self.seeds = tuple(sorted({seed for method, seed in self._rows if method != REFERENCE}))
        self.reference = {
            seed: next(iter(rows.values())) for (method, seed), rows in self._rows.items() if method == REFERENCE
        }

    def css_class(self, method: str) -> str:
        """The class that gives an element the colour of a method."""
        return f"method-{self.data.method_order().index(method)}"

    def pooled(self, rows: Iterable[Row]) -> list[Row]:
        """The rows of other tables, without those of cells that were left out."""
        return [row for row in rows if (str(row["method"]), int(row["seed"])) not in self.left_out]

    def rows(self, method: str, cycle: int) -> dict[int, Row]:
        """Rows of one method at one cycle, by seed."""
        return {seed: cells[cycle] for (name, seed), cells in self._cells_of(method) if cycle in cells}

    def point(
        self, method: str, cycle: int, measure: str = "accuracy", seeds: Collection[int] | None = None
    ) -> Point | None:
        """The results of one method at one cycle, of all its seeds or of `seeds`; None where there are none."""
        rows = {seed: row for seed, row in self.rows(method, cycle).items() if seeds is None or seed in seeds}
        values = {seed: v for seed, row in sorted(rows.items()) if (v := number(row, measure)) is not None}
        if not values:
            return None
        labelled = sum(float(rows[seed]["labelled"]) for seed in values) / len(values)
        return Point(cycle, labelled, values)

    def curve(self, method: str, measure: str = "accuracy", seeds: Collection[int] | None = None) -> list[Point]:
        """The learning curve of one method: a point for each cycle that has results."""
        return [p for c in self.cycles if (p := self.point(method, c, measure, seeds)) is not None]

    @cached_property
    def cycles(self) -> tuple[int, ...]:
        """All cycles of which there is any result."""
        return tuple(sorted({c for (name, _), rows in self._rows.items() if name != REFERENCE for c in rows}))

    @cached_property
    def last_cycle(self) -> int | None:
        """The last cycle that can be compared: two methods have reached it (or the only one that there is)."""
        least = min(2, len(self.methods))
        reached = [c for c in self.cycles if sum(bool(self.rows(m, c)) for m in self.methods) >= least]
        return max(reached, default=None)

    @cached_property
    def reference_point(self) -> Point | None:
        """The results of training on all images."""
        values = {seed: float(row["accuracy"]) for seed, row in sorted(self.reference.items())}
        if not values:
            return None
        labelled = sum(float(row["labelled"]) for row in self.reference.values()) / len(values)
        return Point(-1, labelled, values)

    def shares_of_all_data(self, values: Mapping[int, float]) -> dict[int, float]:
        """Seed -> what its accuracy is of that seed's training on all images; without seeds that lack either.

        Args:
            values: seed -> accuracy (0 to 1).
        """
        whole = self.reference_point.values if self.reference_point else {}
        return {seed: value / whole[seed] for seed, value in values.items() if whole.get(seed)}

    def share_of_all_data(self, point: Point) -> float | None:
        """The mean of these ratios seed by seed, as in Table 1; None where no seed has both."""
        ratios = self.shares_of_all_data(point.values)
        return mean_and_deviation(list(ratios.values()))[0] if ratios else None

    @property
    def baseline(self) -> str | None:
        """The method that the others are measured against: random, where it was run."""
        return BASELINE if BASELINE in self.methods else None

    @property
    def focus(self) -> str | None:
        """The method that the headline speaks of: dispersion, or else the first that is not the baseline."""
        others = [name for name in self.methods if name != self.baseline]
        return "dispersion" if "dispersion" in others else next(iter(others), self.baseline)

    def gain(self, method: str, cycle: int, over: str = BASELINE) -> PairedDifference | None:
        """How much more accurate `method` is than `over`, paired by seed; None where no seed has both.

        Fewer than three seeds give no interval.
        """
        shared = self.shared_seeds(method, over, cycle)
        ours, theirs = self.point(method, cycle, seeds=shared), self.point(over, cycle, seeds=shared)
        if ours is None or theirs is None:
            return None
        return difference_of(ours.values.values(), theirs.values.values())

    def shared_seeds(self, first: str, second: str, cycle: int) -> tuple[int, ...]:
        """The seeds of which both methods have a result at one cycle."""
        ours, theirs = self.point(first, cycle), self.point(second, cycle)
        return tuple(sorted(ours.values.keys() & theirs.values.keys())) if ours and theirs else ()

    def labels_for(self, method: str, level: float, seeds: Collection[int] | None = None) -> LabelsToReach | None:
        """How many labels the mean curve of `method` needs for `level`; None where it has no curve."""
        curve = self.curve(method, seeds=seeds)
        if not curve:
            return None
        return labels_to_reach([p.labelled for p in curve], [p.mean for p in curve], level)

    @cached_property
    def planned(self) -> tuple[Cell, ...]:
        """All runs that the experiment is to hold; where nobody said, all methods by all seeds there are."""
        seeds = sorted({seed for (method, seed) in (*self._rows, *self.left_out) if method != REFERENCE})
        names = (*self.methods, *(m for m, _ in self.left_out if m not in (*self.methods, REFERENCE)))
        return tuple(dict.fromkeys(self.data.planned or [(m, s) for m in dict.fromkeys(names) for s in seeds]))

    @cached_property
    def missing(self) -> dict[Cell, str]:
        """The planned runs that are not there, or stop early, and how far each has come."""
        last = max(self.cycles, default=None)
        missing: dict[Cell, str] = {}
        for method, seed in self.planned:
            rows = self._rows.get((method, seed), self.left_out.get((method, seed)))
            if rows is None:
                missing[method, seed] = _NOT_BEGUN
            elif method != REFERENCE and last is not None and max(rows) < last:
                missing[method, seed] = f"reached cycle {max(rows)} of {last}"
        return missing

    @cached_property
    def unfinished(self) -> list[str]:
        """A sentence for each method with runs that are missing or stop early, and one for all that have none."""
        problems: dict[str, dict[str, list[int]]] = {}
        for (method, seed), how_far in self.missing.items():
            problems.setdefault(method, {}).setdefault(how_far, []).append(seed)
        seeds = Counter(method for method, _ in self.planned)
        whole = [m for m, found in problems.items() if len(found.get(_NOT_BEGUN, ())) == seeds[m]]
        titles = {method: self.titles.get(method, method) for method in problems}
        begun = [
            f"{titles[m]}: {listed([_of_seeds(s, what) for what, s in found.items()])}."
            for m, found in problems.items()
            if m not in whole
        ]
        return begun + ([f"{listed([titles[m] for m in whole])}: no seed has begun."] if whole else [])

    @cached_property
    def few_seeds(self) -> list[str]:
        """A sentence where there are two seeds: too few for an interval. Of one, the answer speaks."""
        if not 1 < len(self.seeds) < LEAST_SEEDS:
            return []
        return [
            f"{len(self.seeds)} seeds are too few for an interval: behind each mean stand the results of the seeds, "
            "and nothing can be said about chance."
        ]

    @cached_property
    def unequal(self) -> list[str]:
        """Sentences about results that were left out because they were made in other circumstances."""
        groups: dict[str, list[str]] = {}
        for (method, seed), rows in self.left_out.items():
            kinds = {_circumstances(row) for row in rows.values()}
            how = _unlike(next(iter(kinds)), self.circumstances) if len(kinds) == 1 else "changing circumstances"
            groups.setdefault(how, []).append(f"{self.titles[method]}, seed {seed}")
        return [
            f"{plural(len(cells), 'run')} left out of every mean and interval, made with {how}: {'; '.join(cells)}."
            for how, cells in groups.items()
        ]

    def _cells_of(self, method: str) -> list[tuple[Cell, dict[int, Row]]]:
        return [(cell, rows) for cell, rows in self._rows.items() if cell[0] == method]


def _cells(data: ReportData) -> dict[Cell, dict[int, Row]]:
    cells: dict[Cell, dict[int, Row]] = {}
    for row in data.results:
        cell, cycle = (str(row["method"]), int(row["seed"])), int(row["cycle"])
        rows = cells.setdefault(cell, {})
        if cycle in rows or (cell[0] == REFERENCE and rows):
            raise InputError(
                f"Expected one result for {cell[0]}, seed {cell[1]}, cycle {cycle}; got two. "
                "Two experiments were mixed: keep their folders apart."
            )
        rows[cycle] = row
    return cells


def _circumstances(row: Row) -> Circumstances:
    return tuple((name, str(row[name])) for name in CIRCUMSTANCES if row.get(name) is not None)


def _unlike(circumstances: Circumstances, common: Circumstances) -> str:
    """What is different, in words: "threads 2 (and not 1)"."""
    ours, theirs = dict(circumstances), dict(common)
    names = [name for name in CIRCUMSTANCES if ours.get(name) != theirs.get(name)]
    return listed(
        [f"{name} {ours.get(name, 'not recorded')} (and not {theirs.get(name, 'unrecorded')})" for name in names]
    )


def _most_common(
    cells: Mapping[Cell, Mapping[int, Row]],
) -> tuple[Circumstances, dict[Cell, dict[int, Row]]]:
    """The circumstances of most cells (of the first, among equals), and the cells of other ones."""
    kinds = {cell: {_circumstances(row) for row in rows.values()} for cell, rows in cells.items()}
    counted = Counter(next(iter(kind)) for kind in kinds.values() if len(kind) == 1)
    if not counted:
        return (), {cell: dict(rows) for cell, rows in cells.items()}
    common = counted.most_common(1)[0][0]
    return common, {cell: dict(cells[cell]) for cell, kind in kinds.items() if kind != {common}}


def _of_seeds(seeds: list[int], how_far: str) -> str:
    """``seeds 2 to 9 have not begun``."""
    several = len(seeds) > 1
    return f"{'seeds' if several else 'seed'} {in_runs(seeds)} {'have' if several else 'has'} {how_far}"
