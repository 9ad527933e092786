"""A share of every class, drawn in a given order, where some images must stay together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from swither.arrays import BoolArray, IntArray
from swither.data.image_set import UNLABELLED


def stratify(labels: IntArray, units: IntArray, order: IntArray, share: float) -> BoolArray:
    """Draw `share` of every class as whole units, going through the images in `order`.

    A class of n images is to give ``share * n``, rounded half up, at least one and at most n - 1. Where every
    unit is one image, these are exactly the first of the class in `order`. Larger units are given away
    greedily, in three rounds through `order`; no unit is taken that would leave one of its classes nothing:

    1. a unit that exceeds the number of none of its classes;
    2. a unit that brings the numbers closer all the same, relative to the sizes of its classes;
    3. a unit with a class of which nothing was drawn so far.

    Args:
        labels: (samples,) class numbers, -1 where unknown; unlabelled images are never drawn.
        units: (samples,) equal numbers for images that must stay together.
        order: (samples,) positions, first come first drawn; a unit stands where its first image stands.
        share: the part to draw, in (0, 1).

    Returns:
        (samples,) true where an image is drawn.

    Example:
        >>> import numpy as np
        >>> labels, units = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 1, 1, 2, 3, 4])
        >>> stratify(labels, units, np.array([5, 4, 3, 2, 1, 0]), share=0.25).tolist()
        [False, False, False, True, False, True]
    """
    labelled = labels != UNLABELLED
    if len(np.unique(units)) == len(units):  # the rounds below come to the same, one image at a time
        return _first_of_each_class(labels, order, share)
    counts = _count(units[labelled], labels[labelled])
    units_in_order = [unit for unit in dict.fromkeys(units[order].tolist()) if unit in counts]
    draw = _Draw(Counter(labels[labelled].tolist()), share)
    for rule in (draw.fits, draw.brings_closer, draw.fills_a_gap):
        if draw.taken == draw.wanted:  # after the first round, unless units bind several images
            break
        for unit in units_in_order:
            draw.take(unit, counts[unit], rule)
    drawn: BoolArray = labelled & np.isin(units, list(draw.units))
    return drawn


def _first_of_each_class(labels: IntArray, order: IntArray, share: float) -> BoolArray:
    drawn = np.zeros(len(labels), dtype=bool)
    in_order = labels[order]
    for label in np.unique(labels[labels != UNLABELLED]):
        of_class = order[in_order == label]
        drawn[of_class[: _wanted(len(of_class), share)]] = True
    return drawn


def _wanted(images: int, share: float) -> int:
    """How many of a class are to be drawn."""
    return min(max(1, int(share * images + 0.5)), images - 1)


def _count(units: IntArray, labels: IntArray) -> dict[int, Counter[int]]:
    """How many images of each class every unit holds."""
    counts: dict[int, Counter[int]] = {}
    for unit, label in zip(units.tolist(), labels.tolist(), strict=True):
        counts.setdefault(unit, Counter())[label] += 1
    return counts


@dataclass
class _Draw:
    """What has been drawn so far, and what a further unit would do to it."""

    totals: Mapping[int, int]
    share: float
    units: set[int] = field(default_factory=set)
    taken: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.wanted = Counter({c: _wanted(n, self.share) for c, n in self.totals.items()})

    def take(self, unit: int, counts: Mapping[int, int], rule: Callable[[Mapping[int, int]], bool]) -> None:
        if unit in self.units or not rule(counts):
            return
        if all(self.taken[c] + n < self.totals[c] for c, n in counts.items()):  # some are left
            self.units.add(unit)
            self.taken.update(counts)

    def fits(self, counts: Mapping[int, int]) -> bool:
        return all(self.taken[c] + n <= self.wanted[c] for c, n in counts.items())

    def brings_closer(self, counts: Mapping[int, int]) -> bool:
        def distance(c: int, taken: int) -> float:
            return abs(taken - self.wanted[c]) / self.totals[c]  # so that a small class weighs as a large one

        change = sum(distance(c, self.taken[c] + n) - distance(c, self.taken[c]) for c, n in counts.items())
        return change < -1e-9

    def fills_a_gap(self, counts: Mapping[int, int]) -> bool:
        return any(self.taken[c] == 0 for c in counts)
