"""Advice in words: go on, stop where the curve is flat, look at the labels; and nothing before the figures allow it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from swither.project.records import Cycle

Verdict = Literal["go on", "flat", "fell", "too early"]

WORTH = 0.02
"""A gain below this, two points, is not worth a further round of labels."""

LEAST_TESTED = 30
"""Test images that both networks must have answered before a difference is spoken of."""


@dataclass(frozen=True)
class Advice:
    """What to do next.

    Attributes:
        verdict: ``go on``, ``flat``, ``fell`` or ``too early``.
        words: the same with its reason, for people.
    """

    verdict: Verdict
    words: str


@dataclass(frozen=True)
class Change:
    """How much more a network is right on than an earlier one, on the same test images.

    Attributes:
        since: labelled images that the earlier network was trained on.
        images: test images that both answered.
        gain: share right now less share right then.
        low: lower end of the gain's interval.
        high: upper end.
    """

    since: int
    images: int
    gain: float
    low: float
    high: float


def change_between(before: Mapping[str, bool], after: Mapping[str, bool], since: int, level_z: float = 1.96) -> Change:
    """The paired difference of two networks on the test images that both answered.

    The interval is that of a mean of paired differences with one image more of each kind of disagreement (after
    Agresti and Min), so that two networks that agree everywhere still leave room for doubt.

    Args:
        before: test image -> whether the earlier network was right.
        after: the same of the later one.
        since: labelled images that the earlier network was trained on.
        level_z: half width of the interval in standard errors.

    Example:
        >>> change = change_between({"a": False, "b": True}, {"a": True, "b": True}, since=20)
        >>> change.gain, change.low < 0 < change.high
        (0.5, True)
    """
    both = sorted(before.keys() & after.keys())
    won = sum(after[image] and not before[image] for image in both)
    lost = sum(before[image] and not after[image] for image in both)
    if not both:
        return Change(since, 0, 0.0, -1.0, 1.0)
    count = len(both) + 2
    middle = (won - lost) / count
    spread = math.sqrt(max((won + lost + 1) / count - middle**2, 0.0) / count)
    return Change(since, len(both), (won - lost) / len(both), middle - level_z * spread, middle + level_z * spread)


def advice(cycles: Sequence[Cycle], accuracy: Mapping[str, Any] | None = None) -> Advice:
    """What the measured accuracy says about going on.

    The latest network is compared with one that was trained on at most two thirds of its labels, image by image on
    the held-out part. Where the whole interval of the change lies below nothing, the accuracy fell; where it lies
    within two points to both sides, the curve is flat; where it lies above nothing, labels still help. In all other
    cases the interval reaches further to its sides than the change that there would be to speak of (the measured one,
    or the two points), and nothing is said but what would settle it.

    Args:
        cycles: all finished cycles, in order; each one's `facts` hold its ``changes`` since earlier ones.
        accuracy: of the latest by now, as it is shown beside the advice; None: as it was measured.

    Example:
        >>> advice(()).verdict
        'too early'
    """
    measured = [cycle for cycle in cycles if cycle.facts.get("accuracy")] or list(cycles[-1:] if accuracy else ())
    if not measured:
        return Advice(
            "too early", "There is no accuracy yet. It comes with the first training, once test images have labels."
        )
    latest = measured[-1]
    counted = int((accuracy or latest.facts["accuracy"])["counted"])
    changes = [_read(change) for change in latest.facts.get("changes", ())]
    if not changes:
        return Advice("too early", f"One training is one point: label on, and a curve begins.{_pool(latest)}")
    change = max(changes, key=lambda one: one.since)
    if change.images < LEAST_TESTED <= counted:
        return Advice(
            "too early",
            f"Of {counted} test images only {change.images} had a label at the last training; about {LEAST_TESTED} are "
            "needed to tell a gain from chance, and the next training will have them. Label on.",
        )
    if change.images < LEAST_TESTED:
        return Advice(
            "too early",
            f"{counted} test images are too few to tell a gain from chance; about {LEAST_TESTED} are needed. Label on.",
        )
    span = f"from {change.since:,} to {latest.labelled:,} labels"
    interval = f"between {100 * change.low:+.1f} and {100 * change.high:+.1f} points"
    if change.high < 0:
        return Advice(
            "fell",
            f"The accuracy fell: {span} it changed by {interval}. Look at the labels under Review: wrong "
            f"ones, or some that were given by another rule than the rest, would do that.{_pool(latest)}",
        )
    if change.low > -WORTH and change.high < WORTH:
        return Advice(
            "flat",
            f"You can stop: {span} the accuracy changed by {interval}, so less than the {100 * WORTH:.0f} points that "
            f"would be worth as many labels again.{_pool(latest)}",
        )
    if change.low > 0:
        return Advice("go on", f"Go on: {span} the accuracy rose, by {interval}.{_pool(latest)}")
    return Advice(
        "too early",
        f"Not to be told yet: {span} the accuracy changed by {interval} on {change.images} test images, which is too "
        f"wide to tell a gain or a loss from none. More labels will tell.{_pool(latest)}",
    )


def _read(change: Mapping[str, Any]) -> Change:
    return Change(
        int(change["since"]), int(change["images"]), *(float(change[name]) for name in ("gain", "low", "high"))
    )


def _pool(cycle: Cycle) -> str:
    changing = cycle.facts.get("changing")
    if changing is None:
        return ""
    return f" The network still changes its mind about {100 * float(changing):.0f} % of the images without a label."
