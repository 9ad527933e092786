"""What is answered to one claim of the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from swither.report.markup import Content, Markup, table
from swither.report.verdict import Contrast, Verdict, together
from swither.report.wording import NONE, SPACE, points


@dataclass(frozen=True)
class Part:
    """One statement of a claim that can be tested by itself.

    Attributes:
        statement: what is claimed, one sentence.
        verdict: on it.
        said: the figures that it rests on.
    """

    statement: str
    verdict: Verdict
    said: Content


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
