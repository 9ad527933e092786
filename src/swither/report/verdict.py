"""From paired differences to an honest word on a claim: holds, does not hold, or cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

from swither.report.intervals import LEAST_SEEDS, difference_of
from swither.report.wording import plural, points
from swither.statistics import Interval, PairedDifference
from swither.statistics.equivalence import beyond_margin, within_margin
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
        spread: whether the differences vary by more than rounding; without it nothing is said of chance, and an
            interval without width is no evidence.
    """

    name: str
    difference: PairedDifference
    p: float
    spread: bool

    @property
    def is_ahead(self) -> bool:
        """Whether the first is ahead by more than the noise between seeds."""
        return self.spread and self.difference.interval is not None and self.difference.interval.low > 0

    @property
    def is_behind(self) -> bool:
        """Whether the second is ahead by more than the noise between seeds."""
        return self.spread and self.difference.interval is not None and self.difference.interval.high < 0

    @property
    def pairs(self) -> int:
        """The number of seeds that both have."""
        return self.difference.pairs

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
    test = paired_test(ours, theirs) if len(shared) >= LEAST_SEEDS else None
    if test is None or not test.spread:
        return Contrast(name, difference_of(ours, theirs), p=1.0, spread=False)
    return Contrast(name, difference_of(ours, theirs), test.p, spread=True)


def all_ahead(contrasts: Sequence[Contrast | None]) -> Verdict:
    """Whether the first is ahead in every comparison.

    It holds where every interval lies above zero: what has to hold in all of them needs no correction. It does not
    hold where some difference the other way round stands Holm's correction over these comparisons. Those are of one
    statement: a claim of several statements has as many chances to be called wrong by chance.

    Args:
        contrasts: one for each comparison; None for what was not measured.
    """
    known = [found for found in contrasts if found is not None]
    if refuting(known):
        return Verdict.FAILS
    if not known or len(known) < len(contrasts):
        return Verdict.MISSING
    return Verdict.HOLDS if all(found.is_ahead for found in known) else Verdict.OPEN


def refuting(contrasts: Sequence[Contrast | None]) -> list[Contrast]:
    """Where the second is ahead by more than chance makes of so many comparisons; each of these is enough by itself.

    Args:
        contrasts: as for `all_ahead`.
    """
    known = [found for found in contrasts if found is not None]
    adjusted = holm({str(number): found.p for number, found in enumerate(known)})
    return [found for n, found in enumerate(known) if found.difference.mean < 0 and adjusted[str(n)] < SURE]


def all_level(contrasts: Sequence[Contrast | None], margin: float) -> Verdict:
    """Whether two are level, no further apart than `margin`, in every comparison.

    It holds where every interval lies within the margin, and does not where some difference is larger than it by more
    than chance makes of so many comparisons.

    Args:
        contrasts: one for each comparison; None for what was not measured.
        margin: the largest difference that still counts as level, above 0.
    """
    known = [found for found in contrasts if found is not None]
    if too_far(known, margin):
        return Verdict.FAILS
    if not known or len(known) < len(contrasts):
        return Verdict.MISSING
    intervals = [found.difference.interval if found.spread else None for found in known]
    level = all(is_around(interval, 0.0, margin) is Verdict.HOLDS for interval in intervals)
    return Verdict.HOLDS if level else Verdict.OPEN


def too_far(contrasts: Sequence[Contrast | None], margin: float) -> list[Contrast]:
    """Where two are further apart than the margin by more than chance makes of so many; each is enough by itself.

    Args:
        contrasts: as for `all_level`.
        margin: the largest difference that still counts as level, above 0.
    """
    known = [found for found in contrasts if found is not None]
    chance = {str(n): beyond_margin(found.difference, margin) if found.spread else 1.0 for n, found in enumerate(known)}
    adjusted = holm(chance)
    return [found for n, found in enumerate(known) if adjusted[str(n)] < SURE]


def is_around(interval: Interval | None, wanted: float, margin: float) -> Verdict:
    """Whether a figure is what is claimed, give or take a margin, as `within_margin` tells it.

    Args:
        interval: of the figure; None of too few seeds.
        wanted: what is claimed.
        margin: how far off still counts, above 0, declared before anything is measured.

    Example:
        >>> is_around(Interval(0.066, 0.082, 0.95), 0.075, 0.01).value
        'holds'
        >>> is_around(Interval(0.004, 0.146, 0.95), 0.075, 0.01).value
        'cannot be told with these seeds'
    """
    within = within_margin(interval, wanted, margin) if interval is not None else None
    return {True: Verdict.HOLDS, False: Verdict.FAILS, None: Verdict.OPEN}[within]


def could_have_found(contrasts: Iterable[Contrast | None]) -> str:
    """What "cannot be told" is worth: the difference that these seeds would have found.

    Each comparison has its own, of its own noise and number of seeds; their median is said.

    Args:
        contrasts: of one statement, in shares; a sentence is given where some of them are not clear.
    """
    known = [f for f in contrasts if f is not None and f.spread]
    unclear = [f.difference for f in known if not f.is_ahead and not f.is_behind]
    if not unclear:
        return ""
    found = median(detectable_difference(d.deviation, d.pairs) for d in unclear)
    least, most = min(d.pairs for d in unclear), max(d.pairs for d in unclear)
    seeds = f"{most}" if least == most else f"{least} to {most}"
    middle = f" (median of {plural(len(unclear), 'comparison')})" if len(unclear) > 1 else ""
    return (
        f" Where it is not clear: with {seeds} seeds and this noise, a true difference of {100 * found:.1f} "
        f"points{middle} would have been found four times in five by a test of its own. To call a claim wrong takes "
        "more, where Holm corrects for several."
    )


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a claim of several parts: one that fails is enough, and all have to hold.

    Example:
        >>> together([Verdict.HOLDS, Verdict.OPEN]).value
        'cannot be told with these seeds'
    """
    found = set(verdicts)
    return next((verdict for verdict in Verdict if verdict in found), Verdict.MISSING)
