"""The example of an acquisition function of one's own runs, and keeps the rules that it shows."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from swither.acquisition import find
from swither.acquisition.conformance import ADVICE, run_checks

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "own_acquisition" / "own_acquisition.py"


def test_the_idea_keeps_the_rules() -> None:
    found = run_checks(find(f"{SCRIPT}:restless_margin"))
    assert [finding for finding in found if not finding.passed and finding.check not in ADVICE] == []


def test_it_goes_from_the_idea_to_the_report(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("own_acquisition", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    recipe = {"epochs": 2, "least_steps": 2}
    quick = {"seeds": 1, "cycles": 1, "initial": 20, "step": 10, "reference": False, "jobs": 1, "device": "cpu"}
    results = example.compare(tmp_path / "out", recipe=recipe, **quick)
    assert results.num_rows == 10
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "restless_margin (own_acquisition.py)" in page


def test_the_idea_and_its_comparison_are_twenty_lines() -> None:
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if line.strip() and not line.strip().startswith(("#", '"""'))]
    assert len(code) <= 20
