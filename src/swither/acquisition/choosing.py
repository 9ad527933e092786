"""`select`, the one door to every acquisition, a score or a selection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from swither.acquisition.catalogue import find
from swither.acquisition.evidence import require_evidence
from swither.acquisition.method import Acquisition
from swither.acquisition.selection import Selection, as_count, require_generator, take_highest
from swither.arrays import to_numpy
from swither.errors import InputError, UnknownName


def select(
    acquisition: Acquisition | str,
    evidence: Mapping[str, Any],
    count: int,
    *,
    samples: int,
    generator: np.random.Generator,
    **settings: Any,
) -> Selection:
    """Choose `count` of `samples` candidates by any acquisition, a score or a selection.

    Rows of the evidence are the candidates, in an order that the caller settles: equal scores are taken in the
    order of rows, and whatever draws, draws over rows in that order.

    Args:
        acquisition: an acquisition, or a name in the catalogue.
        evidence: arrays by name, at least what the acquisition needs.
        count: how many to choose, from 0 to samples.
        samples: how many candidates there are.
        generator: the only source of randomness.
        **settings: settings of the acquisition that differ from its defaults.

    Returns:
        `count` distinct positions in order of choice; with the scores where the acquisition is a score.

    Raises:
        UnknownName: the acquisition or a setting is not known.
        InputError: evidence is missing or does not fit, or `count` does not lie between 0 and `samples`.

    References:
        Settles, "Active Learning Literature Survey", University of Wisconsin-Madison 2009, section 2.3.

    Example:
        >>> evidence = {"probabilities": [[0.9, 0.1], [0.5, 0.5], [0.6, 0.4]]}
        >>> chosen = select("margin", evidence, 2, samples=3, generator=np.random.default_rng(0))
        >>> chosen.positions.tolist()
        [1, 2]
    """
    method = find(acquisition) if isinstance(acquisition, str) else acquisition
    count = as_count(count, samples)
    require_generator(generator)
    require_evidence(evidence, method.needs, samples, method.name)
    for name in settings:
        if name not in method.settings:
            raise UnknownName(f"setting of {method.name}", name, method.settings)
    arguments = {name: evidence[name] for name in method.needs} | dict(method.settings) | settings
    if method.wants_samples:
        arguments["samples"] = samples
    if method.kind == "score":
        return _take_scored(method, method.function(**arguments), count, samples)
    chosen = method.function(**arguments, count=count, generator=generator)
    return _checked(method, chosen, count, samples)


def _take_scored(method: Acquisition, scores: Any, count: int, samples: int) -> Selection:
    values = to_numpy(scores)
    if values.shape != (samples,):
        raise InputError(f"Expected {method.name} to give {samples} scores, one per sample, got shape {values.shape}.")
    try:
        return take_highest(values, count)
    except InputError as error:
        raise InputError(f"{method.name}: {error}") from error


def _checked(method: Acquisition, chosen: Any, count: int, samples: int) -> Selection:
    """Hold a selection, which may be a user's own, to `count` distinct positions within the candidates."""
    if not isinstance(chosen, Selection):
        raise InputError(f"Expected {method.name} to give a Selection, got {type(chosen).__name__}.")
    positions = np.asarray(chosen.positions)
    whole = positions.ndim == 1 and (positions.dtype.kind in "iu" or not len(positions))
    if not whole or len(positions) != count or len(np.unique(positions)) != count:
        raise InputError(
            f"Expected {method.name} to give {count} distinct positions, got {positions.dtype} of shape "
            f"{positions.shape} with {len(np.unique(positions))} distinct values."
        )
    if count and (positions.min() < 0 or positions.max() >= samples):
        raise InputError(
            f"Expected positions from 0 to {samples - 1}, got {positions.min()} to {positions.max()} "
            f"from {method.name}: positions are rows of the evidence, not ids."
        )
    return Selection(positions.astype(np.int64), chosen.diagnostics, chosen.scores)
