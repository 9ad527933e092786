"""The demo does the main job on images that come along, and ends with what the result means."""

from __future__ import annotations

from pathlib import Path

import pytest

from swither.cli import main
from swither.cli.demo import METHODS, demo_settings


def test_the_demo_records_often_enough_for_scores_that_are_not_coarse() -> None:
    settings = demo_settings(3)
    assert settings.recipe.schedule(20).epochs // settings.record_every >= 20


@pytest.mark.slow
def test_the_demo_ends_with_a_verdict_and_a_report_and_trains_nothing_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "demo"
    assert main(["demo", "--out", str(out), "--seeds", "1"]) == 0
    said = capsys.readouterr().out.replace("\xa0", " ")
    finished = [line for line in said.splitlines() if line.startswith("[")]
    assert len(finished) == len(METHODS) * 6 + 1
    assert "With 120 labels, dispersion reaches" in said
    assert "one seed" in said
    report = (out / "report.html").read_text(encoding="utf-8")
    assert f"swither demo --out {out} --seeds 1" in report
    assert main(["demo", "--out", str(out), "--seeds", "1"]) == 0
    again = capsys.readouterr().out.replace("\xa0", " ")
    assert "nothing to train" in again
    assert not [line for line in again.splitlines() if line.startswith("[")]
    assert again[again.index("With 120") :] == said[said.index("With 120") :]
