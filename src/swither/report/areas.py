"""Areas under the learning curve compared in pairs: differences, intervals, tests, and what these could find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from swither.randomness import generator
from swither.report.comparison import BASELINE, Comparison
from swither.report.intervals import LEAST_SEEDS, difference_of, gain_in_words
from swither.report.whole_curves import WholeCurves
from swither.report.wording import SPACE, in_prose, points, probability
from swither.statistics import (
    Interval,
    PairedDifference,
    PairedTest,
    SignFlip,
    area_under_curve,
    bootstrap_interval,
    detectable_difference,
    holm,
    paired_test,
    sign_flip,
)

STANDARDS = (BASELINE, "margin")
"""What every method is compared with: chance, and the plainest method that is hard to beat."""

LEAST_FOR_RESAMPLING = 10
"""From so many seeds on there are a bootstrap and a sign-flip test: of fewer they draw on too few values."""

LEVEL = 0.05
"""An adjusted p below it is called a difference."""

Verdict = Literal["ahead", "behind", "no difference", "identical", "no spread", "too few seeds", "no seed in common"]


@dataclass(frozen=True)
class AreaComparison:
    """One method against another, by the mean height of their curves; in shares of 1, paired by seed.

    Attributes:
        method: whose difference it is.
        over: what it is measured against.
        seeds: those of which both have a whole curve.
        differences: (seeds,) of the mean heights, method minus over.
        gain: their mean, deviation and Student's interval; None without a seed in common.
        test: Student's paired test; None below three seeds.
        adjusted: its p by Holm's correction over all comparisons of the report; None where there is no test.
        family: how many comparisons that correction is over.
        bootstrap: the BCa interval; None below ten seeds.
        flips: the sign-flip test; None below ten seeds.
        detectable: the true difference that this test would find with 80 % probability; None below three seeds.
    """

    method: str
    over: str
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    gain: PairedDifference | None
    test: PairedTest | None = None
    adjusted: float | None = None
    family: int = 0
    bootstrap: Interval | None = None
    flips: SignFlip | None = None
    detectable: float | None = None

    @property
    def verdict(self) -> Verdict:
        """What may be said of the two."""
        if self.gain is None:
            return "no seed in common"
        if self.test is None or self.adjusted is None:
            return "too few seeds"
        if not self.test.spread:
            return "identical" if self.test.t == 0 else "no spread"
        if self.adjusted >= LEVEL:
            return "no difference"
        return "ahead" if self.gain.mean > 0 else "behind"


def area_comparisons(comparison: Comparison, curves: WholeCurves) -> list[AreaComparison]:
    """Every method against random and against margin, where these were run; each pair once. Empty without areas."""
    if not curves.has_area:
        return []
    standards = [name for name in STANDARDS if name in comparison.methods]
    pairs = [
        (method, over)
        for place, over in enumerate(standards)
        for method in comparison.methods
        if method not in standards[: place + 1]
    ]
    return _adjusted([_compared(curves, method, over) for method, over in pairs])


def in_one_sentence(comparison: Comparison, found: AreaComparison) -> str:
    """What the comparison says, for somebody who reads nothing else."""
    ours, theirs = in_prose(comparison.titles[found.method]), in_prose(comparison.titles[found.over])
    begin = f"Over the whole budget {ours}"
    if found.gain is None:
        return f"{begin} and {theirs} have no seed in common, so nothing can be said about chance."
    gain, n = points(found.gain.mean), len(found.seeds)
    if found.verdict == "too few seeds":
        seeds = "one seed" if n == 1 else "two seeds"
        return f"{begin} lies {gain} points from {theirs}, of {seeds}: too few for an interval or a test."
    if found.verdict == "identical":
        return f"{begin} and {theirs} came out exactly the same in each of {n} seeds."
    if found.verdict == "no spread":
        return (
            f"{begin} lies {gain} points from {theirs}, the same in each of {n} seeds: there is no spread to test it "
            "against."
        )
    assert found.test is not None
    assert found.adjusted is not None
    assert found.detectable is not None
    interval = gain_in_words(found.gain).split("(")[1].rstrip(")")
    numbers = (
        f"n{SPACE}={SPACE}{n} seeds, 95{SPACE}% interval {interval}, adjusted p{SPACE}{probability(found.adjusted)}"
    )
    if found.verdict == "no difference":
        alone = (
            f" By itself it would be one (p{SPACE}{probability(found.test.p)}), but among {found.family} comparisons "
            "chance gives such a one too often."
            if found.test.p < LEVEL
            else ""
        )
        return (
            f"Over the whole budget no difference between {ours} and {theirs} was found: {gain} points "
            f"({numbers}).{alone} {_worth(found)}"
        )
    size = points(abs(found.gain.mean)).lstrip("+")
    return (
        f"{begin} is {found.verdict} {'of ' if found.verdict == 'ahead' else ''}{theirs} by {size} points ({numbers})."
    )


def _worth(found: AreaComparison) -> str:
    """What a difference that was not found is worth."""
    assert found.detectable is not None
    return (
        f"With n{SPACE}={SPACE}{len(found.seeds)} and this deviation a difference of "
        f"{points(found.detectable).lstrip('+')} points would have been found with 80{SPACE}% probability."
    )


def _compared(curves: WholeCurves, method: str, over: str) -> AreaComparison:
    seeds = curves.shared_seeds(method, over)
    if not seeds:
        return AreaComparison(method, over, (), (), None)
    ours, theirs = ([area_under_curve(curves.budget, curve) for curve in side] for side in curves.pair(method, over))
    differences = tuple(a - b for a, b in zip(ours, theirs, strict=True))
    found = AreaComparison(method, over, seeds, differences, difference_of(ours, theirs))
    if len(seeds) < LEAST_SEEDS:
        return found
    assert found.gain is not None
    test = paired_test(ours, theirs)
    found = replace(found, test=test, detectable=detectable_difference(found.gain.deviation, len(seeds)))
    if len(seeds) < LEAST_FOR_RESAMPLING or not test.spread:
        return found
    return replace(
        found,
        bootstrap=bootstrap_interval(differences, generator(0, "report", "bootstrap", method, over)),
        flips=sign_flip(differences, generator(0, "report", "sign-flip", method, over)),
    )


def _adjusted(found: Sequence[AreaComparison]) -> list[AreaComparison]:
    """With Holm's correction. A comparison without spread counts as p = 1: it must not make another look better."""
    p_values = {str(place): each.test.p if each.test.spread else 1.0 for place, each in enumerate(found) if each.test}
    adjusted = holm(p_values)
    return [replace(each, adjusted=adjusted.get(str(place)), family=len(p_values)) for place, each in enumerate(found)]
