"""What the page on functions of one's own shows is what its tested lines run."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "your_own.md"


def test_the_shown_functions_are_those_that_run() -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = re.findall(r"^```py\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    run = "".join(re.findall(r"^<!-- python\n(.*?)^-->$", text, re.MULTILINE | re.DOTALL))
    assert len(shown) == 3
    for block in shown:
        for part in block.strip().split("\n\n"):
            assert part in run, part


def test_every_kind_of_evidence_stands_in_its_table() -> None:
    from swither.acquisition import EVIDENCE

    text = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{name}` | " in text for name in EVIDENCE)
