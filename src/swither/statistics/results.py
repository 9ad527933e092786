"""One number per seed, as every function over seeds takes it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from swither.arrays import FloatArray, to_numpy
from swither.errors import InputError

ROUNDING = 1e-12
"""Differences smaller than this part of the numbers they come from are rounding, and taken as equal."""


def per_seed(name: str, values: Iterable[float]) -> FloatArray:
    """The values as (seeds,) float64, at least one, all finite; `name` is what the error calls them."""
    kept = values if hasattr(values, "__len__") else list(values)
    results = to_numpy(kept).astype(np.float64)
    if results.ndim != 1 or not len(results):
        raise InputError(f"Expected {name} as one number per seed, at least one, got shape {results.shape}.")
    if not np.all(np.isfinite(results)):
        positions = np.flatnonzero(~np.isfinite(results)).tolist()
        raise InputError(f"Expected finite {name}, got NaN or infinity at {positions}. Leave unfinished runs out.")
    return results


def pairs(first: Iterable[float], second: Iterable[float]) -> tuple[FloatArray, FloatArray]:
    """Two results of each seed, (seeds,) float64 both."""
    ours, theirs = per_seed("first", first), per_seed("second", second)
    if len(ours) != len(theirs):
        raise InputError(
            f"Expected pairs, got {len(ours)} values and {len(theirs)}. Give both results of the same seeds."
        )
    return ours, theirs


def proper_share(name: str, share: float, example: float) -> None:
    """Refuse a level or a power that does not lie between 0 and 1."""
    if not 0 < share < 1:
        raise InputError(f"Expected a {name} between 0 and 1, such as {example}, got {share}.")
