"""Rules for the source that no linter knows: small files, names after ideas, and only the project's own words."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCE = sorted((REPOSITORY / "src").glob("**/*.py"))
CODE = [*SOURCE, *sorted((REPOSITORY / "tests").glob("**/*.py")), *sorted((REPOSITORY / "examples").glob("**/*.py"))]
MOST_LINES = 400


def test_no_source_file_is_over_400_lines() -> None:
    long = {path.name: n for path in SOURCE if (n := len(path.read_text("utf-8").splitlines())) > MOST_LINES}
    assert not long, f"split by idea: {long}"


def test_no_file_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    named = [path for path in CODE if vague & set(path.stem.split("_")) or vague & set(path.parts[-3:-1])]
    assert not named


def test_nothing_is_left_for_later() -> None:
    mark = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    later = [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in CODE
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if mark.search(line)
    ]
    assert not later


def test_every_room_has_its_tests() -> None:
    rooms = {path.parent.name for path in (REPOSITORY / "src" / "swither").glob("*/__init__.py")}
    tested = {path.name for path in (REPOSITORY / "tests").iterdir() if list(path.glob("test_*.py"))}
    assert not rooms - tested, f"without tests: {sorted(rooms - tested)}"
