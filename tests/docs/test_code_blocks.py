"""The Python blocks of the documents run, in the order in which a reader meets them.

Blocks of one document share their names. What a reader brings, such as a network, stands above the block in a
comment that readers do not see: ``<!-- python`` ... ``-->``. A folder ``photos`` of small images lies at hand. A block
that cannot run here says why in the line above it: ``<!-- not run: needs two graphics cards -->``. A comment behind a
``print`` that begins like a value (a digit, a bracket, a quote) is what it prints, with words behind it or none, and
is compared.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]*?) -->\n)?```python\n(?P<shown>.*?)^```$|^<!-- python\n(?P<hidden>.*?)^-->$",
    re.MULTILINE | re.DOTALL,
)


PRINTED = re.compile(r"""^\s*print\(.*\)  # (?P<said>[-\d\[({'"].*)$""")


def documents() -> list[Path]:
    """Every document with Python in it."""
    candidates = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob("examples/**/*.md")]
    return sorted(path for path in candidates if "```python" in path.read_text(encoding="utf-8"))


def blocks(text: str) -> list[tuple[int, str]]:
    """Line number and code of each block that runs, shown or not."""
    return [
        (text.count("\n", 0, block.start()) + 1, block["shown"] or block["hidden"] or "")
        for block in BLOCK.finditer(text)
        if block["reason"] is None
    ]


class Prints:
    """Stands for `print` in a block, and knows what each line printed."""

    def __init__(self) -> None:
        self.of_line: dict[int, list[str]] = {}

    def __call__(self, *values: object, sep: str = " ", **_: object) -> None:
        """Remember it."""
        line = sys._getframe(1).f_lineno
        self.of_line.setdefault(line, []).append(sep.join(map(str, values)))


def wrong_comments(code: str, line: int, printed: Mapping[int, list[str]]) -> list[str]:
    """The comments of a block beginning at `line` that do not say what was printed."""
    wrong = []
    for number, text in enumerate(code.splitlines(), start=line + 1):
        if (found := PRINTED.match(text)) is not None:
            said = found["said"]
            wrong += [
                f"line {number} says {said!r}, and prints {given!r}"
                for given in printed.get(number, ["nothing: it was never reached"])
                if said != given and not re.match(re.escape(given) + r"[ :,;]", said)
            ]
    return wrong


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_python_in_a_document_runs(document: Path, in_empty_folder: Path, make_photos: Callable[[Path], None]) -> None:
    make_photos(in_empty_folder / "photos")
    prints, wrong = Prints(), []
    names: dict[str, object] = {"__name__": "__main__", "print": prints}
    for line, code in blocks(document.read_text(encoding="utf-8")):
        padded = "\n" * line + code  # so that a traceback names the document's own line
        exec(compile(padded, str(document), "exec"), names)
        wrong += wrong_comments(code, line, prints.of_line)
    assert wrong == []


def test_a_comment_that_does_not_say_what_is_printed_passes() -> None:
    code = "print(1 + 1)  # 3\nprint([1, 2])  # [1, 2]: both\nprint(0.5)  # 0.5\nprint(34)  # 340 seeds\n"
    code += "print(7)  # a word\n"
    code += "if False:\n    print(1)  # 1\n"
    prints = Prints()
    exec(compile("\n" * 4 + code, "x", "exec"), {"print": prints})
    assert wrong_comments(code, 4, prints.of_line) == [
        "line 5 says '3', and prints '2'",
        "line 8 says '340 seeds', and prints '34'",
        "line 11 says '1', and prints 'nothing: it was never reached'",
    ]


def test_blocks_are_found_in_order_and_with_their_lines() -> None:
    text = "a\n<!-- python\nx = 1\n-->\n```python\ny = x\n```\n```sh\nls\n```\n"
    assert blocks(text) == [(2, "x = 1\n"), (5, "y = x\n")]
    assert blocks("<!-- not run: needs a card -->\n" + "```python\nx\n```\n```python\ny\n```\n") == [(5, "y\n")]


def test_the_readme_shows_python() -> None:
    assert REPOSITORY / "README.md" in documents()
