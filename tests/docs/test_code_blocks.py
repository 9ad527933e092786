"""The Python blocks of the documents run, in the order in which a reader meets them.

Blocks of one document share their names. What a reader brings, such as a network, stands above the block in a
comment that readers do not see: ``<!-- python`` ... ``-->``. A folder ``photos`` of small images lies at hand. A block
that cannot run here says why in the line above it: ``<!-- not run: needs two graphics cards -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]*?) -->\n)?```python\n(?P<shown>.*?)^```$|^<!-- python\n(?P<hidden>.*?)^-->$",
    re.MULTILINE | re.DOTALL,
)


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


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_python_in_a_document_runs(document: Path, in_empty_folder: Path, make_photos: Callable[[Path], None]) -> None:
    make_photos(in_empty_folder / "photos")
    names: dict[str, object] = {"__name__": "__main__"}
    for line, code in blocks(document.read_text(encoding="utf-8")):
        padded = "\n" * line + code  # so that a traceback names the document's own line
        exec(compile(padded, str(document), "exec"), names)


def test_blocks_are_found_in_order_and_with_their_lines() -> None:
    text = "a\n<!-- python\nx = 1\n-->\n```python\ny = x\n```\n```sh\nls\n```\n"
    assert blocks(text) == [(2, "x = 1\n"), (5, "y = x\n")]
    assert blocks("<!-- not run: needs a card -->\n" + "```python\nx\n```\n```python\ny\n```\n") == [(5, "y\n")]


def test_the_readme_shows_python() -> None:
    assert REPOSITORY / "README.md" in documents()
