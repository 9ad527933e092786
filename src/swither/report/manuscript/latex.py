r"""Words and tables as LaTeX: everything escaped, rules by the package ``booktabs``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from swither.report.markup import printable
from swither.report.wording import digits_to_show

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "\u00a0": "~",
    "\u2009": r"\,",
    "\u2212": "$-$",
    "\u2013": "--",
    "\u2014": "---",
    "\u00b1": r"$\pm$",
    "\u00d7": r"$\times$",
    "\u2264": r"$\leq$",
    "\u2018": "`",
    "\u2019": "'",
    "\u201c": "``",
    "\u201d": "''",
    "\u2026": r"\ldots{}",
}


@dataclass(frozen=True)
class Tex:
    """LaTeX that is written as it stands."""

    source: str


def escaped(text: str) -> str:
    r"""Words as LaTeX shows them.

    Example:
        >>> print(escaped("100 % of a_b & c"))
        100 \% of a\_b \& c
    """
    return "".join(_ESCAPED.get(letter, letter) for letter in printable(text))


def number(value: float | None, digits: int = 2, *, signed: bool = False) -> Tex:
    """A number in math mode, so that its minus is one; a dash where there is none.

    Example:
        >>> number(-0.5).source, number(1.25, 1, signed=True).source, number(None).source
        ('$-0.50$', '$+1.2$', '--')
    """
    if value is None or value != value:
        return Tex("--")
    shown = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    return Tex(f"${shown if float(shown) else shown.lstrip('+-')}$")


def interval(low: float | None, high: float | None, digits: int = 2, *, signed: bool = False) -> Tex:
    """Two ends in brackets, near zero with the digits to show their sign; a dash where there are none.

    Example:
        >>> interval(-0.1, 0.25).source, interval(-0.1, -0.004).source
        ('$[-0.10, 0.25]$', '$[-0.10, -0.004]$')
    """
    if low is None or high is None:
        return Tex("--")
    ends = (number(end, digits_to_show(end, digits), signed=signed).source.strip("$") for end in (low, high))
    return Tex(f"$[{', '.join(ends)}]$")


Cell = str | Tex


def booktabs(label: str, caption: str, head: Sequence[Cell], rows: Sequence[Sequence[Cell]], last: int = 0) -> str:
    r"""A table that floats, over two columns of a page where it is wide; names to the left, numbers to the right.

    Args:
        label: what ``\ref{tab:...}`` names it by.
        caption: what it shows, above it.
        head: a title for each column.
        rows: their cells; strings are escaped. A row without cells is a little space.
        last: so many rows at the end are set off by a rule.
    """
    for each in rows:
        assert len(each) in (0, len(head)), f"{len(each)} cells under {len(head)} titles"
    kind = "table*" if len(head) > _MOST_IN_A_COLUMN else "table"
    lines = [_line(each) for each in rows]
    if last:
        lines.insert(len(lines) - last, r"\midrule")
    return "\n".join(
        (
            r"% Needs \usepackage{booktabs}.",
            rf"\begin{{{kind}}}[t]",
            r"\centering",
            rf"\caption{{{escaped(caption)}}}",
            rf"\label{{tab:{re.sub('[^a-z0-9-]+', '-', label)}}}",
            rf"\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}",
            r"\toprule",
            _line(head),
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            rf"\end{{{kind}}}",
            "",
        )
    )


_MOST_IN_A_COLUMN = 4


def _line(cells: Sequence[Cell]) -> str:
    if not cells:
        return r"\addlinespace"
    shown = " & ".join(cell.source if isinstance(cell, Tex) else escaped(cell) for cell in cells)
    # A bracket after a line's end would be taken for its height.
    return ("{}" if shown.startswith("[") else "") + shown + r" \\"
