"""The nearest settings that fit a time limit: what is given up first harms the comparison least.

The ladder, from the least harmful step to the most:

1. seeds, one by one down to one: the means stay what they are, only the intervals widen (and vanish at one);
2. the reference on all images, which is only a line in the figures;
3. epochs, to 50, 30, 20 and 10: every method is trained less well;
4. the network: half as wide down to 16 channels, then ``resnet8``, then ``tiny``;
5. cycles, one by one down to one: the curves end earlier;
6. methods, the last named first, but dispersion and random stay.

Steps are taken in this order until the plan fits; then each is taken back as far as the plan still fits, the most
harmful first. So no single thing that was given up could be had back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from swither.experiment.settings import CompareSettings
from swither.models.catalogue import find_model
from swither.models.settings import ModelSettings

EPOCHS = (50, 30, 20, 10)
NARROWEST = 16
SMALLER_MODELS = ("resnet18", "resnet8", "tiny")
KEPT_METHODS = ("dispersion", "random")

Change = Callable[[CompareSettings], CompareSettings]


def nearest_that_fits(
    settings: CompareSettings, seconds_of: Callable[[CompareSettings], float], limit_seconds: float = 3600
) -> CompareSettings | None:
    """Settings that are expected to take at most `limit_seconds`, with as little given up as the ladder allows.

    Args:
        settings: which take too long.
        seconds_of: what other settings would take; asked as seldom as possible, because another network has to be
            timed first.
        limit_seconds: at least 0.

    Returns:
        The settings, `settings` themselves where they fit, or None where not even the last rung does.

    Example:
        >>> from swither.data.settings import DataSettings
        >>> settings = CompareSettings(DataSettings("cifar10"), seeds=3)
        >>> nearest_that_fits(settings, lambda s: 1800 * s.seeds + 60 * s.reference).seeds
        1
    """
    if seconds_of(settings) <= limit_seconds:
        return settings
    rungs = ladder(settings)
    taken = [0] * len(rungs)  # how far down each rung
    for number, rung in enumerate(rungs):
        for step in range(1, len(rung)):
            taken[number] = step
            if seconds_of(_climbed(settings, rungs, taken)) <= limit_seconds:
                return _taken_back(settings, rungs, taken, seconds_of, limit_seconds)
    return None


def ladder(settings: CompareSettings) -> list[list[Change]]:
    """For each thing that can be given up, its steps from nothing to as much as is sensible."""
    return [
        [_with(seeds=seeds) for seeds in range(settings.seeds, 0, -1)],
        [_with(reference=reference) for reference in dict.fromkeys((settings.reference, False))],
        [_with(recipe=replace(settings.recipe, epochs=epochs)) for epochs in _fewer(settings.recipe.epochs)],
        [_with(model=model) for model in smaller_models(settings.model)],
        [_with(cycles=cycles) for cycles in range(settings.cycles, min(settings.cycles, 1) - 1, -1)],
        [_with(acquisitions=methods) for methods in _fewer_methods(settings.acquisitions)],
    ]


def smaller_models(model: ModelSettings) -> list[ModelSettings]:
    """A network and quicker ones, each about as good as so quick a one can be.

    Example:
        >>> [(m.name, m.width) for m in smaller_models(ModelSettings("resnet18"))]
        [('resnet18', None), ('resnet18', 32), ('resnet18', 16), ('resnet8', None), ('tiny', None)]
    """
    models = [model]
    base_width = find_model(model.name).base_width
    if not base_width:  # a head is small already
        return models
    width = model.width or base_width
    while (width := width // 2) >= NARROWEST:
        models.append(replace(model, width=width))
    after = SMALLER_MODELS[SMALLER_MODELS.index(model.name) + 1 :] if model.name in SMALLER_MODELS else ()
    return models + [replace(model, name=name, width=None) for name in after]


def _with(**values: object) -> Change:
    return lambda settings: replace(settings, **values)  # type: ignore[arg-type]


def _fewer(epochs: int) -> list[int]:
    return [epochs, *(fewer for fewer in EPOCHS if fewer < epochs)]


def _fewer_methods(methods: tuple[str, ...]) -> list[tuple[str, ...]]:
    left = [methods]
    for name in reversed(methods):
        if name not in KEPT_METHODS and len(left[-1]) > 1:
            left.append(tuple(other for other in left[-1] if other != name))
    return left


def _climbed(settings: CompareSettings, rungs: Sequence[Sequence[Change]], taken: Sequence[int]) -> CompareSettings:
    for rung, step in zip(rungs, taken, strict=True):
        settings = rung[step](settings)
    return settings


def _taken_back(
    settings: CompareSettings,
    rungs: Sequence[Sequence[Change]],
    taken: list[int],
    seconds_of: Callable[[CompareSettings], float],
    limit_seconds: float,
) -> CompareSettings:
    for number in reversed(range(len(rungs))):
        for step in range(taken[number]):  # from nothing given up on
            less = [*taken[:number], step, *taken[number + 1 :]]
            if seconds_of(_climbed(settings, rungs, less)) <= limit_seconds:
                taken = less
                break
    return _climbed(settings, rungs, taken)
