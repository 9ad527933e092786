"""From paired differences to an honest word on a claim: holds, does not hold, or cannot be told."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

from scipy import special

from swither.report.intervals import difference_of
from swither.report.wording import points
from swither.statistics import PairedDifference
from swither.statistics.holm import holm
from swither.statistics.paired_test import paired_test
from swither.statistics.power import detectable_difference

SURE = 0.05
"""A claim is called wrong only where chance is less likely than this, after Holm's correction."""


class Verdict(Enum):
    """What can be said of a claim, in the order in which the worst of several parts decides."""

    FAILS = "does not hold"
    MISSING = "not measured yet"
    OPEN = "cannot be told with these seeds"
    HOLDS = "holds"
    ELSEWHERE = "is about the other data set"


@dataclass(frozen=True)
class Contrast:
    """How much more of something one method has than another, seed by seed.

    Attributes:
        name: what is compared, a few words.
        difference: first minus second; without an interval of fewer than three seeds.
        p: how often chance alone gives as much; 1 where the seeds say nothing about chance.
    """

    name: str
    difference: PairedDifference
    p: float

    @property
    def is_ahead(self) -> bool:
        """Whether the first is ahead by more than the noise between seeds."""
        return self.difference.interval is not None and self.difference.interval.low > 0

    @property
    def is_behind(self) -> bool:
        """Whether the second is ahead by more than the noise between seeds."""
        return self.difference.interval is not None and self.difference.interval.high < 0

    @property
    def in_words(self) -> str:
        """In points, with the interval and the number of seeds: "+1.3 (+0.9 to +1.7; n = 3)"."""
        mean, interval, n = points(self.difference.mean, 2), self.difference.interval, self.difference.pairs
        if interval is None:
            return f"{mean} (n = {n}, no interval)"
        return f"{mean} ({points(interval.low, 2)} to {points(interval.high, 2)}; n = {n})"


def contrast(name: str, first: Mapping[int, float], second: Mapping[int, float]) -> Contrast | None:
    """Compare what two methods reached in the seeds that both have; None where they share none.

    Args:
        name: what is compared.
        first: seed -> result.
        second: seed -> result.

    Example:
        >>> found = contrast("a - b", {0: 0.93, 1: 0.95, 2: 0.94}, {0: 0.92, 1: 0.93, 2: 0.93})
        >>> found.in_words, found.is_ahead
        ('+1.33 (−0.10 to +2.77; n = 3)', False)
    """
    shared = sorted(first.keys() & second.keys())
    if not shared:
        return None
    ours, theirs = [first[seed] for seed in shared], [second[seed] for seed in shared]
    p = 1.0
    if len(shared) > 2:
        test = paired_test(ours, theirs)
        p = test.p if test.spread else 1.0
    return Contrast(name, difference_of(ours, theirs), p)


def all_ahead(contrasts: Sequence[Contrast | None]) -> Verdict:
    """Whether the first is ahead in every comparison.

    It holds where every interval lies above zero: what has to hold in all of them needs no correction. It does not
    hold where some difference the other way round stands Holm's correction over all comparisons of the claim.

    Args:
        contrasts: one for each comparison; None for what was not measured.
    """
    known = [found for found in contrasts if found is not None]
    if is_refuted(known):
        return Verdict.FAILS
    if not known or len(known) < len(contrasts):
        return Verdict.MISSING
    return Verdict.HOLDS if all(found.is_ahead for found in known) else Verdict.OPEN


def is_refuted(contrasts: Sequence[Contrast]) -> bool:
    """Whether the second is ahead somewhere by more than chance makes of so many comparisons."""
    adjusted = holm({str(number): found.p for number, found in enumerate(contrasts)})
    return any(found.difference.mean < 0 and adjusted[str(n)] < SURE for n, found in enumerate(contrasts))


def all_level(contrasts: Sequence[Contrast | None], margin: float) -> Verdict:
    """Whether two are level, no further apart than `margin`, in every comparison.

    It holds where every interval lies within the margin, and does not where some difference is larger than it by more
    than chance makes of so many comparisons.

    Args:
        contrasts: one for each comparison; None for what was not measured.
        margin: the largest difference that still counts as level, above 0.
    """
    known = [found for found in contrasts if found is not None]
    beyond = holm({str(number): _beyond(found.difference, margin) for number, found in enumerate(known)})
    if any(p < SURE for p in beyond.values()):
        return Verdict.FAILS
    if not known or len(known) < len(contrasts):
        return Verdict.MISSING
    intervals = [found.difference.interval for found in known]
    level = all(i is not None and -margin <= i.low and i.high <= margin for i in intervals)
    return Verdict.HOLDS if level else Verdict.OPEN


def _beyond(difference: PairedDifference, margin: float) -> float:
    """How often chance gives so large a difference where the true one is no larger than the margin (Student)."""
    over = abs(difference.mean) - margin
    if difference.interval is None or over <= 0 or not difference.deviation:
        return 1.0
    t = over / (difference.deviation / math.sqrt(difference.pairs))
    return 2 * float(special.stdtr(difference.pairs - 1, -t))


def could_have_found(contrasts: Iterable[Contrast | None]) -> str:
    """What "cannot be told" is worth: the difference that these seeds would have found, at their middle noise.

    Args:
        contrasts: of one statement, in shares; a sentence is given where some of them are not clear.
    """
    known = [f for f in contrasts if f is not None and f.difference.interval is not None]
    unclear = [f for f in known if not f.is_ahead and not f.is_behind]
    if not unclear:
        return ""
    deviation, pairs = median(f.difference.deviation for f in unclear), min(f.difference.pairs for f in unclear)
    found = detectable_difference(deviation, pairs)
    return (
        f" Where it is not clear: with {pairs} seeds and this noise, a true difference of {100 * found:.1f} points "
        "would have been found four times in five."
    )


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a claim of several parts: one that fails is enough, and all have to hold.

    Example:
        >>> together([Verdict.HOLDS, Verdict.OPEN]).value
        'cannot be told with these seeds'
    """
    found = set(verdicts)
    return next((verdict for verdict in Verdict if verdict in found), Verdict.MISSING)
