"""Every setting is of a known kind, and of the type that it should be."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from swither.data import DataSettings
from swither.errors import InputError
from swither.experiment import CompareSettings
from swither.models import ModelSettings
from swither.training import Recipe


def test_every_setting_says_of_which_kind_it_is() -> None:
    for settings in (CompareSettings, ModelSettings, Recipe, DataSettings):
        kinds = {field.name: field.metadata.get("kind") for field in fields(settings)}
        assert set(kinds.values()) <= {"protocol", "grid", "execution"}, kinds


@pytest.mark.parametrize("name", ["seeds", "cycles", "threads"])
def test_a_number_given_as_text_is_refused_in_words(quick: CompareSettings, name: str) -> None:
    with pytest.raises(InputError, match="whole number"):
        replace(quick, **{name: "2"})


def test_a_share_of_too_few_images_names_how_many_it_takes_and_no_flag_that_a_command_lacks() -> None:
    with pytest.raises(
        InputError, match=r"The step is 5% .* of 10 that is not at least one: expected 11 training images"
    ) as error:
        CompareSettings(DataSettings("digits")).counts(10)
    assert "--step" not in str(error.value)
    assert CompareSettings(DataSettings("digits")).counts(11) == (1, 1, 1, 1, 1)
