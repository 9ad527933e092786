"""What is answered to one claim of the paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from swither.report.markup import Content, Markup, table
from swither.report.verdict import Contrast, Verdict, together
from swither.report.wording import NONE, SPACE, points


class Seeds(NamedTuple):
    """On how many of the planned seeds a verdict rests.

    Attributes:
        have: those of the comparison with the fewest; of what fails, those of one that is enough to refute it.
        planned: that the folder is to hold.
    """

    have: int
    planned: int

    @property
    def lacking(self) -> int:
        """How many are still to come."""
        return max(0, self.planned - self.have)


@dataclass(frozen=True)
class Part:
    """One statement of a claim that can be tested by itself.

    Attributes:
        statement: what is claimed, one sentence.
        verdict: on it.
        said: the figures that it rests on.
        seeds: that these are of; None where nothing was measured.
    """

    statement: str
    verdict: Verdict
    said: Content
    seeds: Seeds | None = None


@dataclass(frozen=True)
class Answer:
    """A claim of the paper, and what this folder says to it.

    Attributes:
        number: 1 to 6.
        claim: in plain words.
        where: in the paper.
        parts: its statements, each with its own verdict.
        beside: further parts that are shown and do not decide.
        tables: figures.
    """

    number: int
    claim: str
    where: str
    parts: Sequence[Part]
    beside: Sequence[Part] = ()
    tables: Sequence[Markup] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """Of all parts together."""
        return together(part.verdict for part in self.parts)

    @property
    def seeds(self) -> Seeds | None:
        """Of the part that lacks most; where some parts fail, of the one of them that lacks least: one is enough."""
        if self.verdict is not Verdict.FAILS:
            return scarcest(part.seeds for part in self.parts)
        failing = [part.seeds for part in self.parts if part.verdict is Verdict.FAILS and part.seeds is not None]
        return min(failing, key=lambda seeds: seeds.lacking, default=None)


def scarcest(found: Iterable[Seeds | None]) -> Seeds | None:
    """The one that lacks most of its planned seeds; None where nothing was measured."""
    known = [seeds for seeds in found if seeds is not None]
    return max(known, key=lambda seeds: seeds.lacking, default=None)


def differences(caption: str, columns: Sequence[str], rows: Mapping[str, Sequence[Contrast | None]]) -> Markup:
    """A table of paired differences in points: the mean, and below it half the 95 % interval.

    Args:
        caption: what is subtracted from what.
        columns: heads of the columns.
        rows: head of a row -> its comparisons; None for what was not measured.
    """
    cells = [[name, *map(difference_cell, row)] for name, row in rows.items()]
    return table(caption, ["Against", *columns], cells)


def interval_note(what: str) -> str:
    """How a table of differences is to be read."""
    return (
        f"{what}: mean difference seed by seed, and \u00b1 half its 95{SPACE}% interval; \u25b2 or \u25bc where the "
        "interval leaves out zero."
    )


def difference_cell(found: Contrast | None, *, shares: bool = True) -> Content:
    """A mean difference with half its interval below it.

    Args:
        found: the comparison; None for what was not measured.
        shares: whether values are shares that become points; otherwise they stay as they are, with three digits.
    """
    if found is None:
        return NONE
    mean, interval = found.difference.mean, found.difference.interval
    shown = points(mean) if shares else f"{mean:+.3f}".replace("-", "\u2212")
    if interval is None:
        return shown
    half = f"{100 * interval.half_width:.1f}" if shares else f"{interval.half_width:.3f}"
    mark = " \u25b2" if found.is_ahead else " \u25bc" if found.is_behind else ""
    return [shown, mark, " ", _small(f"\u00b1{SPACE}{half}")]


def _small(content: str) -> Markup:
    return Markup(f"<br><small>{content}</small>")
