"""The examples in docstrings run and give what they say: one test for each module, none left out."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"


def modules() -> list[str]:
    """Every module of swither by its dotted name, found on disk so that none is missed for want of an import.

    Migrations are left out: Alembic runs them, and nobody imports them.
    """
    found = []
    for path in sorted(SOURCE.glob("swither/**/*.py")):
        if "migrations" in path.parts:
            continue
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def run_examples(module: str) -> tuple[doctest.TestResults, str]:
    """Run the examples of one module; the counts, and what the failures say."""
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder().find(importlib.import_module(module), module):
        runner.run(test, out=said.append)
    return runner.summarize(verbose=False), "".join(said)


@pytest.mark.parametrize("module", modules())
@pytest.mark.usefixtures("in_empty_folder")
def test_every_docstring_example_gives_what_it_says(module: str) -> None:
    results, said = run_examples(module)
    assert results.failed == 0, said


def test_the_modules_on_disk_are_all_collected() -> None:
    on_disk = [path for path in SOURCE.glob("swither/**/*.py") if "migrations" not in path.parts]
    assert len(modules()) == len(on_disk) > 50


def test_a_wrong_example_would_be_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrong_example.py").write_text('"""Wrong.\n\n>>> 1 + 1\n3\n"""\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    results, said = run_examples("wrong_example")
    assert results.failed == 1
    assert "Expected:\n    3" in said
