"""A comparison that takes seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from swither.data import DataSettings
from swither.experiment import CompareSettings
from swither.models import ModelSettings
from swither.training import Recipe


@pytest.fixture
def quick(few_digits: Path, tmp_path: Path) -> CompareSettings:
    return CompareSettings(
        DataSettings(str(few_digits), cache=str(tmp_path / "cache")),
        acquisitions=("random", "dispersion"),
        seeds=1,
        initial="20",
        step="10",
        cycles=1,
        model=ModelSettings("tiny", width=4),
        recipe=Recipe(epochs=3, least_steps=3),
        jobs=1,
        device="cpu",
    )
