from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from swither.errors import InputError, UnknownName
from swither.models import MODELS, ModelSettings, find_model


def test_a_misspelt_model_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'resnet18'"):
        ModelSettings("resnet-18")


@pytest.mark.parametrize(("width", "dropout"), [(0, 0.5), (-3, 0.5), (16, 1.0), (16, -0.1)])
def test_impossible_width_and_dropout_are_refused(width: int, dropout: float) -> None:
    with pytest.raises(InputError, match="Expected"):
        ModelSettings("tiny", width=width, dropout=dropout)


def test_every_field_is_marked_as_protocol() -> None:
    assert all(field.metadata["kind"] == "protocol" for field in dataclasses.fields(ModelSettings))


def test_the_catalogue_holds_each_model_under_its_own_name() -> None:
    assert {"resnet18", "resnet8", "tiny"} <= set(MODELS)
    assert all(find_model(name).name == name and find_model(name).summary for name in MODELS)


def test_settings_and_recipe_load_without_torch() -> None:
    code = (
        "import sys, swither.models, swither.training\n"
        "swither.models.ModelSettings(), swither.models.MODELS, swither.training.Recipe().schedule(50)\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
