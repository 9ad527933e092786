"""A method with settings is read from one word, and written in one way."""

from __future__ import annotations

import pytest

from swither.acquisition import ACQUISITIONS, Variant
from swither.acquisition.variant import in_catalogue_order
from swither.errors import InputError, UnknownName


def test_every_method_of_the_catalogue_is_a_variant_without_settings() -> None:
    for name, acquisition in ACQUISITIONS.items():
        variant = Variant.named(name)
        assert (variant.spec, variant.acquisition, dict(variant.settings)) == (name, acquisition, {})


@pytest.mark.parametrize("spec", ["dispersion:burn_in=0.1,stride=2", "dispersion:stride=2:burn_in=0.1"])
def test_one_variant_has_one_name_however_its_settings_are_ordered_or_parted(spec: str) -> None:
    assert Variant.named(spec).spec == "dispersion:stride=2,burn_in=0.1"
    assert Variant.named(Variant.named(spec).spec) == Variant.named(spec)


def test_values_have_the_type_of_the_defaults() -> None:
    settings = Variant.named("dispersion:burn_in=0,augmented=yes,window=none").settings
    assert settings == {"window": None, "burn_in": 0.0, "augmented": True}
    assert type(settings["burn_in"]) is float


@pytest.mark.parametrize("spec", ["bald:passes=many", "bald:passes=2.5", "dispersion:augmented=2", "bald:passes=true"])
def test_a_value_of_another_type_is_refused_and_the_default_named(spec: str) -> None:
    with pytest.raises(InputError, match="like its default"):
        Variant.named(spec)


@pytest.mark.parametrize("spec", ["bald:passes", "bald:passes=", "bald:=3", "bald:passes=3,passes=4"])
def test_a_setting_without_a_value_or_given_twice_is_refused(spec: str) -> None:
    with pytest.raises(InputError):
        Variant.named(spec)


def test_an_unknown_name_or_setting_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="margin"):
        Variant.named("margn")
    with pytest.raises(UnknownName, match="passes"):
        Variant.named("bald:passe=3")


def test_variants_stand_behind_their_method_and_strangers_last() -> None:
    names = ["mine", "dispersion:stride=5", "oracle", "dispersion", "dispersion:stride=2", "random"]
    order = ["random", "dispersion", "dispersion:stride=5", "dispersion:stride=2", "oracle", "mine"]
    assert in_catalogue_order(names) == order
