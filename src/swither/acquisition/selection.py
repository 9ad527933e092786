"""What every acquisition ends in: positions in order of choice. And how scores become one."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from swither.arrays import FloatArray, IntArray, to_numpy
from swither.errors import InputError


@dataclass(frozen=True)
class Selection:
    """Which candidates to label next.

    Attributes:
        positions: (count,) distinct rows of the evidence, int64, in order of choice.
        diagnostics: what the method has to say of its choice, as JSON values.
        scores: (samples,) float64, higher is sooner; None for a method that scores nothing.
    """

    positions: IntArray
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    scores: FloatArray | None = None


class Score(Protocol):
    """A score: evidence, each array by its name, to (samples,) real numbers; higher is sooner.

    Settings are keyword-only and have defaults.
    """

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """Evidence in the order of the catalogue's `needs`, then settings by name."""


class Select(Protocol):
    """A selection: evidence, `count` and `generator` to a `Selection` of `count` distinct positions.

    It may also ask for `samples`, the number of candidates. Whatever it draws, it draws from `generator`.
    """

    def __call__(self, *args: Any, count: int, generator: np.random.Generator, **settings: Any) -> Selection:
        """Evidence in the order of the catalogue's `needs`, then `count`, `generator` and settings."""


def take_highest(scores: Any, count: int) -> Selection:
    """Take the `count` highest scores; equal scores are taken in the order of their rows.

    So whoever orders the rows settles the ties: give rows in an order that has nothing to do with the source.

    Args:
        scores: (samples,) real numbers; infinities are allowed.
        count: how many to take, from 0 to samples.

    Returns:
        The selection, with how many candidates share the last score taken, and how many of those were taken.

    Raises:
        InputError: `scores` have other axes or hold NaN, or `count` does not lie between 0 and samples.

    Example:
        >>> take_highest([0.1, 0.9, 0.1, 0.5], count=3).positions.tolist()
        [1, 3, 0]
    """
    values = to_numpy(scores)
    if values.ndim != 1 or values.dtype.kind not in "fiub":
        raise InputError(f"Expected one score for each sample, got {values.dtype} of shape {values.shape}.")
    values = values.astype(np.float64)
    missing = int(np.isnan(values).sum())
    if missing:
        raise InputError(
            f"{missing} of {len(values)} scores are NaN, the first at row {int(np.argmax(np.isnan(values)))}. "
            "A score must be a number: check the evidence, and logarithms or roots at 0."
        )
    count = as_count(count, len(values))
    positions = _highest(values, count)
    return Selection(positions, _ties(values, positions), values)


def _highest(values: FloatArray, count: int) -> IntArray:
    """The `count` highest in descending order, of equal ones the earlier rows; only they are sorted."""
    if count == 0:
        return np.empty(0, dtype=np.int64)
    least = np.partition(values, len(values) - count)[len(values) - count]
    above = np.flatnonzero(values > least)
    equal = np.flatnonzero(values == least)[: count - len(above)]
    return np.concatenate([above[np.argsort(-values[above], kind="stable")], equal])


def _ties(scores: FloatArray, positions: IntArray) -> dict[str, Any]:
    if not len(positions):
        return {}
    last = scores[positions[-1]]
    return {
        "last_score": float(last),
        "tied_with_last": int((scores == last).sum()),
        "tied_and_taken": int((scores[positions] == last).sum()),
    }


def as_count(count: Any, samples: int) -> int:
    """Check how many are to be taken of `samples` candidates, and give it as an int.

    Raises:
        InputError: `count` is no whole number, or does not lie between 0 and `samples`.

    Example:
        >>> as_count(3, samples=10)
        3
    """
    try:
        number = operator.index(count)
    except TypeError:
        number = -1
    if number < 0 or isinstance(count, bool):
        raise InputError(f"Expected a whole number of samples to take, 0 or more, got {count!r}.")
    if number > samples:
        raise InputError(f"Expected at most {samples} to take, the number of candidates, got {number}.")
    return number


def require_generator(generator: Any) -> None:
    """Raise unless `generator` is a NumPy generator: nothing here draws from global state.

    Example:
        >>> require_generator(np.random.default_rng(0))
    """
    if not isinstance(generator, np.random.Generator):
        raise InputError(
            f"Expected a numpy.random.Generator, got {generator!r}. Make one: numpy.random.default_rng(seed)."
        )
