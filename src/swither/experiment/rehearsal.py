"""A method's settings, tried on made evidence before anything is trained: what fails there would fail hours later."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from swither.acquisition import Variant, select
from swither.acquisition.specimens import Sizes, ordinary
from swither.dynamics.coarse import ENOUGH_RECORDINGS
from swither.errors import InputError, plural
from swither.experiment.settings import CompareSettings


def rehearse(variant: Variant, settings: CompareSettings, counts: Sequence[int]) -> None:
    """Let a method with settings, or of the user's own, choose 2 of 60 made samples; others are known to work.

    Args:
        variant: the method.
        settings: of the comparison, for how often a pool is recorded.
        counts: images in the initial set and in each query.

    Raises:
        InputError: a setting's value cannot be used; the message is the method's own. Or no more than one recorded
            label would count.
        OwnCodeFailed: a function of the user's own raises an error.
    """
    if not variant.settings and not variant.acquisition.file:
        return
    acquisition = variant.acquisition
    trainings = [settings.recipe.schedule(sum(counts[: cycle + 1])).epochs for cycle in range(max(1, len(counts) - 1))]
    sizes = Sizes(
        epochs=max(1, min(trainings) // settings.record_every),
        passes=variant.settings.get("passes", acquisition.settings.get("passes", Sizes.passes)),
    )
    given = {name: value for name, value in variant.settings.items() if name in acquisition.settings}
    evidence = ordinary(acquisition.needs, sizes)
    try:
        selection = select(acquisition, evidence, 2, samples=sizes.samples, generator=np.random.default_rng(0), **given)
    except InputError as error:
        raise InputError(f"{variant.spec} cannot work here: {error}") from error
    recorded = "label_history" in evidence and not acquisition.file
    if recorded and selection.scores is not None and np.ptp(selection.scores) == 0:  # one label differs from none
        raise InputError(
            f"{variant.spec} cannot work here: of the {plural(sizes.epochs, 'recording')} of a training so few count "
            "that every image has the same score. Expected settings that count two or more, better "
            f"{ENOUGH_RECORDINGS}; give others, or train for more --epochs."
        )
