"""What is given up to fit a time limit: as little as the ladder allows."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from swither.data.settings import DataSettings
from swither.experiment.nearest import ladder, nearest_that_fits, smaller_models
from swither.experiment.plan import make_plan
from swither.experiment.settings import PAPER_METHODS, CompareSettings
from swither.experiment.work import Speeds
from swither.models.settings import ModelSettings
from swither.training.recipe import Recipe

IMAGE_SECONDS = {"resnet18": 0.05, "resnet8": 0.0015, "tiny": 0.0005}


def seconds_of(settings: CompareSettings) -> float:
    width = settings.model.width or {"resnet18": 64, "resnet8": 16, "tiny": 32}[settings.model.name]
    image = IMAGE_SECONDS[settings.model.name] * (width / 64 if settings.model.name == "resnet18" else 1)
    speeds = Speeds(0.002, image, image * 128 / 3, 0.1, 10**9, 10**7, 512)
    return make_plan(settings, 50_000, 10_000, 10, speeds, cores=2).seconds


@pytest.mark.parametrize("seed", range(25))
def test_what_is_proposed_fits_and_gives_up_nothing_without_need(seed: int) -> None:
    draw = random.Random(seed)
    settings = CompareSettings(
        DataSettings("cifar10"),
        tuple(draw.sample(PAPER_METHODS, draw.randint(1, 5))),
        seeds=draw.randint(1, 4),
        cycles=draw.randint(0, 5),
        recipe=Recipe(epochs=draw.choice([10, 40, 100, 200])),
        model=ModelSettings(draw.choice(sorted(IMAGE_SECONDS))),
    )
    limit = draw.choice([100, 600, 3600, 36_000])
    fitting = nearest_that_fits(settings, seconds_of, limit)
    if fitting is None:
        assert seconds_of(smallest(settings)) > limit
        return
    assert seconds_of(fitting) <= limit
    for milder in one_thing_had_back(settings, fitting):
        assert seconds_of(milder) > limit, milder


def smallest(settings: CompareSettings) -> CompareSettings:
    for rung in ladder(settings):
        settings = rung[-1](settings)
    return settings


def one_thing_had_back(settings: CompareSettings, fitting: CompareSettings) -> list[CompareSettings]:
    """`fitting` with each rung, alone, one step or more higher."""
    milder = []
    for rung in ladder(settings):
        for change in rung:
            candidate = change(fitting)
            if candidate == fitting:
                break
            milder.append(candidate)
    return milder


def asked(limit: float, seconds: Callable[[CompareSettings], float], **values: object) -> CompareSettings:
    settings = CompareSettings(DataSettings("cifar10"), **values)  # type: ignore[arg-type]
    fitting = nearest_that_fits(settings, seconds, limit)
    assert fitting is not None
    return fitting


def test_settings_that_fit_stay_as_they_are() -> None:
    settings = CompareSettings(DataSettings("digits"))
    assert nearest_that_fits(settings, lambda _: 10.0, 10.0) is settings


def test_seeds_go_before_everything_else() -> None:
    fitting = asked(2.5, lambda s: s.seeds, seeds=5)
    assert fitting == CompareSettings(DataSettings("cifar10"), seeds=2)


def test_seeds_come_back_when_the_network_was_what_took_long() -> None:
    fitting = asked(10, lambda s: s.seeds * (100 if s.model.name == "resnet18" else 1))
    assert (fitting.seeds, fitting.reference, fitting.recipe.epochs) == (3, True, 100)
    assert fitting.model.name == "resnet8"


def test_dispersion_and_random_are_kept_when_methods_must_go() -> None:
    fitting = asked(2, lambda s: len(s.acquisitions))
    assert fitting.acquisitions == ("random", "dispersion")


def test_nothing_is_proposed_where_nothing_fits() -> None:
    assert nearest_that_fits(CompareSettings(DataSettings("cifar10")), lambda _: 11.0, 10.0) is None


def test_every_smaller_network_is_narrower_or_further_down_the_list() -> None:
    assert [(m.name, m.width, m.dropout) for m in smaller_models(ModelSettings("resnet8", 32, 0.25))] == [
        ("resnet8", 32, 0.25),
        ("resnet8", 16, 0.25),
        ("tiny", None, 0.25),
    ]
