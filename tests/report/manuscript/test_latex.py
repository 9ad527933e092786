from __future__ import annotations

import re

import pytest

from swither.report.manuscript.latex import Tex, booktabs, escaped, interval, number

NASTY = "50 % of {a_b} & $x^2$ #1 ~ \\frac <i> \u2212\u00a0\u201cq\u201d \u2018s\u2019 | \u2026 \x00 \u00d7"


def columns(line: str) -> int:
    """How many cells a line of a table has."""
    return len(re.split(r"(?<!\\)&", line.removesuffix(r"\\")))


def held_up(source: str) -> None:
    """Assert what a LaTeX run would trip over: braces, environments, dollars, bare special letters."""
    bare = re.sub(r"\\[\\{}$&#_%~^,]", "", re.sub(r"(?m)^%.*$", "", source))
    depth = 0
    for letter in bare:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0, "a brace closes nothing"
    assert depth == 0, "a brace stays open"
    assert bare.count("$") % 2 == 0
    assert not re.search(r"[#%\x00]", bare)
    outside = re.sub(r"\$[^$]*\$|\\(?:cite|label)\{[^}]*\}", "", bare)
    assert not re.search(r"[_^]", outside)
    opened = re.findall(r"\\begin\{([^}]+)\}", source)
    assert sorted(opened) == sorted(re.findall(r"\\end\{([^}]+)\}", source))


def body(source: str) -> tuple[str, list[str]]:
    """The specification of a tabular's columns, and its lines of cells."""
    found = re.search(r"\\begin\{tabular\}\{([^}]+)\}\n(.*?)\\end\{tabular\}", source, re.DOTALL)
    assert found is not None
    return found[1], [line for line in found[2].splitlines() if line.endswith(r"\\")]


def test_every_letter_that_means_something_is_escaped() -> None:
    held_up(escaped(NASTY))
    assert escaped("a & b") == r"a \& b"
    assert escaped("\\") == r"\textbackslash{}"
    assert escaped("caf\u00e9 \u732b") == "caf\u00e9 \u732b"


@pytest.mark.parametrize("columns_wanted", [2, 4, 5, 9])
def test_a_table_has_as_many_columns_as_its_lines_have_cells(columns_wanted: int) -> None:
    rows: list[list[str | Tex]] = [
        [NASTY, *[number(1.5)] * (columns_wanted - 1)],
        [],
        ["[a]", *["--"] * (columns_wanted - 1)],
    ]
    source = booktabs("a b", NASTY, ["Method", *["x_1"] * (columns_wanted - 1)], rows, last=1)
    held_up(source)
    specification, lines = body(source)
    assert len(specification) == columns_wanted
    assert [columns(line) for line in lines] == [columns_wanted] * 3
    assert source.count(r"\toprule") == source.count(r"\bottomrule") == 1
    assert source.count(r"\midrule") == 2
    assert r"\addlinespace" in source
    assert r"\hline" not in source
    assert r"\label{tab:a-b}" in source


def test_a_wide_table_goes_over_two_columns() -> None:
    assert r"\begin{table}[t]" in booktabs("a", "", ["a"] * 4, [])
    assert r"\begin{table*}[t]" in booktabs("a", "", ["a"] * 5, [])


def test_a_row_with_a_missing_cell_is_refused() -> None:
    with pytest.raises(AssertionError, match="1 cells under 2 titles"):
        booktabs("a", "", ["a", "b"], [["only"]])


def test_numbers_have_a_true_minus_and_no_signed_zero() -> None:
    assert number(-1.234).source == "$-1.23$"
    assert number(-0.001, signed=True).source == "$0.00$"
    assert number(float("nan")) == number(None) == Tex("--")
    assert interval(-1, 2, 1, signed=True).source == "$[-1.0, +2.0]$"
    assert interval(None, 2) == Tex("--")
