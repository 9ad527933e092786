"""A small pool of digits and a quick learner, for every test of the loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swither.data import ImageSet, open_dataset
from swither.loop import Learner, LearnerSettings, SimulatedAnnotator
from swither.models import ModelSettings
from swither.training import Recipe

QUICK = Recipe(epochs=4, least_steps=4)
SMALL = ModelSettings("tiny", width=4)
QUICKENED = {"vaal": {"width": 1, "iterations": 4}}

MakeLearner = Callable[..., Learner]


@pytest.fixture(scope="session")
def digits() -> ImageSet:
    """120 digits with their labels, in id order."""
    return open_dataset("digits").train.take(np.arange(120))


@pytest.fixture
def annotator(digits: ImageSet) -> SimulatedAnnotator:
    return SimulatedAnnotator(digits)


@pytest.fixture
def make_learner(digits: ImageSet, tmp_path: Path) -> MakeLearner:
    def make(acquisition: str = "margin", folder: str = "learner", **options: Any) -> Learner:
        settings = LearnerSettings(
            acquisition, QUICKENED.get(acquisition, {}), model=SMALL, recipe=QUICK, seed=options.pop("seed", 0)
        )
        return Learner(options.pop("images", digits), settings, tmp_path / folder, **options)

    return make
