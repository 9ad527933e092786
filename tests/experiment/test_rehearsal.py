"""Values that a method refuses are refused before anything is trained."""

from __future__ import annotations

import pytest

from swither.acquisition import ACQUISITIONS, Variant
from swither.data import DataSettings
from swither.errors import InputError
from swither.experiment.rehearsal import rehearse
from swither.experiment.settings import CompareSettings
from swither.training import Recipe

SETTINGS = CompareSettings(DataSettings("digits"), recipe=Recipe(epochs=30, least_steps=0))
COUNTS = (20, 10, 10)


@pytest.mark.parametrize(
    "spec",
    [
        "badge:first=smallest",
        "typiclust:clusters=0",
        "typiclust:neighbours=0",
        "bald:passes=1",
        "dispersion:stride=0",
        "dispersion:window=1000",
        "dispersion:burn_in=1.5",
        "coreset:nodes=-1",
        "coreset:outliers=2",
        "clustered-dispersion:considered=0",
        "diverse-dispersion:power=-1",
        "oracle:order=loudest",
    ],
)
def test_a_value_that_would_fail_after_the_first_training_fails_before_it(spec: str) -> None:
    with pytest.raises(InputError, match=spec.partition("=")[0].replace(".", "\\.")):
        rehearse(Variant.named(spec), SETTINGS, COUNTS)


@pytest.mark.parametrize("spec", ["dispersion:stride=50", "dispersion:stride=30", "dispersion:window=1"])
def test_settings_that_leave_one_recording_are_refused_because_all_images_would_score_the_same(spec: str) -> None:
    with pytest.raises(InputError, match="same score"):
        rehearse(Variant.named(spec), SETTINGS, COUNTS)


@pytest.mark.parametrize(
    "spec",
    [
        "dispersion:stride=29",
        "bald:passes=50",
        "dispersion:stride=5,burn_in=0.1",
        "dispersion:window=30",
        "coreset:outliers=0.1",
    ],
)
def test_a_value_that_works_is_let_pass(spec: str) -> None:
    rehearse(Variant.named(spec), SETTINGS, COUNTS)


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_defaults_given_by_name_work_for_every_method(name: str) -> None:
    acquisition = ACQUISITIONS[name]
    rehearse(Variant(acquisition, dict(acquisition.settings)), SETTINGS, COUNTS)
