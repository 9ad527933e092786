"""A learner's network gets the recipe that suits it, unless another is given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swither.loop import LearnerSettings
from swither.models import ModelSettings
from swither.training import Recipe, recipe_for


@pytest.mark.parametrize("model", ["features", "tiny", "resnet18"])
def test_a_model_brings_its_recipe(model: str) -> None:
    plain = LearnerSettings(model=ModelSettings(model))
    assert plain.recipe == recipe_for(model)
    assert plain == LearnerSettings(model=ModelSettings(model), recipe=recipe_for(model))
    assert plain.training_values() == replace(plain, acquisition="margin").training_values()


def test_a_recipe_that_is_given_stays() -> None:
    given = Recipe(epochs=3)
    assert LearnerSettings(model=ModelSettings("features"), recipe=given).recipe is given
    assert LearnerSettings(recipe=given).recipe is given
