"""The time budget of a cycle: how often the pool is recorded, and how much of it, so that people do not wait.

Pure arithmetic on seconds that were measured on this machine; `swither.project.rehearsal` measures them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LEAST_RECORDINGS = 20
"""Fewer recordings tell dispersions apart too coarsely; before that, a part of the pool is looked at."""

LEAST_CANDIDATES = 1000
"""A smaller part of the pool would choose little better than at random, whatever the budget."""

HEADROOM = 0.9
"""The share of the budget that is planned for: the machine may have other things to do."""


@dataclass(frozen=True)
class Pace:
    """What parts of a cycle take on this machine, in seconds.

    Attributes:
        step: one step of the training.
        recording: one recording, however few images it holds: it is flushed to disk.
        image: each image of a recording beside that.
        rest: everything else: reading embeddings, choosing, measuring.
        measured: where the figures are from, for people.
    """

    step: float
    recording: float
    image: float
    rest: float
    measured: str


@dataclass(frozen=True)
class Choice:
    """What a cycle does.

    Attributes:
        record_every: epochs between two recordings.
        recordings: how many there are.
        candidates: images of the pool that are looked at.
        pool: images without a label that there are.
        seconds: what it is expected to take.
        words: what was chosen and why, for people.
    """

    record_every: int
    recordings: int
    candidates: int
    pool: int
    seconds: float
    words: str


def choose(pace: Pace, epochs: int, steps: int, pool: int, beside: int, seconds: float) -> Choice:
    """The most that fits into `seconds`: first fewer recordings, never under 20, then a part of the pool.

    Args:
        pace: of this machine.
        epochs: of the training.
        steps: of the training.
        pool: images without a label.
        beside: images that are recorded beside them, such as test images.
        seconds: the budget of a cycle.

    Example:
        >>> quick = Pace(step=0.001, recording=0.01, image=1e-6, rest=1.0, measured="before")
        >>> choose(quick, 100, 400, 20_000, 250, seconds=60).recordings
        100
        >>> slow = Pace(step=0.001, recording=0.01, image=1e-4, rest=1.0, measured="before")
        >>> part = choose(slow, 100, 400, 20_000, 250, seconds=20)
        >>> part.recordings, part.candidates
        (20, 7950)
    """
    fixed = pace.rest + steps * pace.step
    room = seconds * HEADROOM - fixed
    least = min(LEAST_RECORDINGS, epochs)
    for every in range(1, epochs // least + 1):
        if epochs // every * _one(pace, pool + beside) <= room:
            return _chosen(pace, epochs, every, pool, pool, beside, fixed, seconds)
    every = epochs // least
    each = room / (epochs // every)
    fits = math.floor((each - pace.recording) / pace.image + 1e-6) - beside if pace.image > 0 else pool
    candidates = min(pool, max(fits, LEAST_CANDIDATES))
    return _chosen(pace, epochs, every, candidates, pool, beside, fixed, seconds)


def _one(pace: Pace, images: int) -> float:
    return pace.recording + images * pace.image


def _chosen(
    pace: Pace, epochs: int, every: int, candidates: int, pool: int, beside: int, fixed: float, budget: float
) -> Choice:
    recordings = epochs // every
    expected = fixed + recordings * _one(pace, candidates + beside)
    said = f"{recordings} recordings of {candidates:,} images"
    if every == 1 and candidates == pool:
        why = f"every epoch, all images: about {expected:.0f} s of the {budget:g} s that a cycle may take"
    else:
        all_of_it = fixed + epochs * _one(pace, pool + beside)
        why = f"every epoch of all {pool:,} would take about {all_of_it:.0f} s, and a cycle may take {budget:g} s"
        if candidates < pool:
            why += f"; a part of the pool is drawn anew for each cycle, and {recordings} recordings are the fewest"
    if expected > budget:
        why += f"; it will take longer, about {expected:.0f} s: less would not be worth having"
    return Choice(every, recordings, candidates, pool, expected, f"{said} ({why}; {pace.measured})")
