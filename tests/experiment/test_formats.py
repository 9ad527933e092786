"""A folder of every version of the format is kept, and every version of swither reads it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from swither.data import DataSettings
from swither.errors import NewerFormat
from swither.experiment import CompareSettings, compare, rebuild
from swither.models import ModelSettings
from swither.training import Recipe

KEPT = Path(__file__).parent / "formats"
SETTINGS = CompareSettings(
    DataSettings("set by the test"),
    acquisitions=("random", "dispersion"),
    seeds=1,
    initial="12",
    step="6",
    cycles=1,
    model=ModelSettings("tiny", width=4),
    recipe=Recipe(epochs=2, least_steps=2),
    jobs=1,
    device="cpu",
)
"""What the kept folders were made with, by ``compare(SETTINGS, ...)`` on the first 60 digits (digits.npz)."""


@pytest.fixture(params=sorted(path.name for path in KEPT.glob("v*")))
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT / request.param, tmp_path / request.param))


def test_a_folder_of_every_version_still_gives_its_results_and_its_report(kept: Path) -> None:
    expected = json.loads((kept / "accuracies.json").read_text())
    results = rebuild(kept)
    found = {f"{row['method']}, cycle {row['cycle']}": row["accuracy"] for row in results.to_pylist()}
    assert found == expected
    assert (kept / "report.html").exists()


def test_a_folder_of_every_version_may_grow(kept: Path, tmp_path: Path) -> None:
    data = DataSettings(str(KEPT / "digits.npz"), cache=str(tmp_path / "cache"))
    before = rebuild(kept).num_rows
    table = compare(replace(SETTINGS, data=data, acquisitions=("margin",), reference=False), kept)
    assert table.num_rows == before + 2


@pytest.mark.parametrize("name", ["experiment.json", "cells/random--seed0/cell.json"])
def test_a_folder_of_a_newer_version_is_refused_by_name(kept: Path, name: str) -> None:
    facts = json.loads((kept / name).read_text())
    (kept / name).write_text(json.dumps(facts | {"version": 99}))
    with pytest.raises(NewerFormat, match=rf"{Path(name).name}.*version 99"):
        rebuild(kept)
