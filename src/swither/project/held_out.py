"""The held-out part: a uniform draw that is fixed before anything is asked, and never trained on.

The contents whose priority lies below a threshold are reserved (see `swither.project.lots`); the threshold is fixed
when the folder has been listed, and never raised. A reserved content is held out for good as soon as it is known, asked
as a test image and for nothing else. So which images test depends on what they hold and the seed alone, whatever they
are called, however often they are there, and whatever the acquisition, the network or the people do.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from swither.errors import InputError
from swither.files import locked
from swither.project.clock import now
from swither.project.ledger import Ledger
from swither.project.lots import Lot, Lots, lots_of, priority_of
from swither.project.near_copies import large_groups, near_copies
from swither.project.notes import WALKED

if TYPE_CHECKING:
    from swither.project.project import Project

THRESHOLD = "tests below"
"""Under this name the store keeps the threshold, and the limit that it was made for."""

GROWN = 0.8
"""The threshold is lowered once the folder has grown so much that less than this part of it would be enough."""

LEAST_EXAMPLES = 2
"""A class counts as used once it has so many labels: one may be a mistake."""

_NOT_TRAINED = ("test", "search", "review")  # sources of questions that do not ask for training


@dataclass(frozen=True)
class KeptBack:
    """The images that are not asked for training, and not trained on: ``image in kept_back(project)``.

    Attributes:
        held: held out already.
        below: contents of a lower priority are reserved, held out or not.
        seed: of the project.
        alike: images of large groups, of which none tests.
    """

    held: frozenset[str]
    below: float
    seed: int
    alike: Collection[str]

    def __contains__(self, image: object) -> bool:
        if not isinstance(image, str) or image in self.held:
            return isinstance(image, str)
        return priority_of(image, self.seed) < self.below and image not in self.alike


def walked(project: Project) -> bool:
    """Whether the whole folder has been listed once: before, nobody can say how many images there are."""
    return project.store.note(WALKED) is not None


def share(count: int, limit: int, every: int) -> float:
    """The part of a folder that is reserved: one of `every`, or enough for `limit` of `count` in all likelihood.

    Example:
        >>> share(100, 250, 5), round(share(20_000, 250, 5), 4)
        (0.2, 0.0141)
    """
    if limit <= 0:
        return 0.0
    enough = limit + 2 * math.sqrt(limit)  # of a binomial draw this many fall short of the limit once in 40 times
    return min(1 / every, enough / count) if count else 1 / every


def threshold(project: Project, lots: Lots | None = None) -> float:
    """Contents with a lower priority are reserved. Before the folder has been walked: all that may come to be.

    It is fixed once and never raised: what lay above was asked for training, by an acquisition with tastes. It is
    lowered where the folder grows by much.
    """
    settings = project.settings
    if not walked(project):
        return share(0, settings.test_limit, settings.test_every)
    count = len(lots_of(project) if lots is None else lots)
    known = project.store.note(THRESHOLD)
    if known is None or share(count, known["limit"], settings.test_every) < GROWN * known["below"]:
        with locked(project.derived("held_out.lock"), wait=True):
            known = project.store.note(THRESHOLD) or {"below": 1.0, "limit": settings.test_limit}
            below = share(count, known["limit"], settings.test_every)
            if below < GROWN * known["below"]:
                known = {**known, "below": below}
                project.store.set_note(THRESHOLD, known)
    return float(known["below"])


def check_limit(project: Project, limit: int) -> None:
    """Refuse a `test_limit` that cannot be had any more, before it is set.

    Args:
        project: whose.
        limit: the new one.

    Raises:
        InputError: images above the threshold would have to test, and some of them were asked for training.
    """
    known = project.store.note(THRESHOLD)
    if known is None or limit <= known["limit"]:
        return
    below = share(len(lots_of(project)), limit, project.settings.test_every)
    if below > known["below"] and project.ledger().sequence:
        raise InputError(
            f"Which images test was drawn for {known['limit']} of them when this project began, and the others have "
            f"been open for training since: a test part that is enlarged now would lack those that were chosen. Give "
            f"{known['limit']} or less as the number of test images, or begin a new project."
        )
    project.store.set_note(THRESHOLD, {"below": max(below, known["below"]), "limit": limit})


def reserve_of(project: Project, lots: Lots | None = None) -> tuple[Lot, ...]:
    """The known contents that test, the lowest priority first; none before the folder has been walked.

    Images of large groups of near copies never do: they would have to be held out with all of their group.
    """
    if not walked(project):
        return ()
    lots = lots_of(project) if lots is None else lots
    alike = large_groups(project)
    return tuple(lot for lot in lots.below(threshold(project, lots)) if lot.image not in alike)


def kept_back(project: Project, lots: Lots | None = None, asked: Collection[str] = ()) -> KeptBack:
    """The images that are not asked for training, those that `settle` holds out now among them.

    Args:
        project: whose.
        lots: as they are now; None: looked up.
        asked: images that are being asked for training, which the store does not know yet.
    """
    lots = lots_of(project) if lots is None else lots
    held = settle(project, lots, asked)
    return KeptBack(held, threshold(project, lots), project.settings.seed, large_groups(project))


def settle(project: Project, lots: Lots | None = None, asked: Collection[str] = ()) -> frozenset[str]:
    """Hold out every reserved content that is known by now, with its near copies.

    What was asked for training before, or trained on, stays where it is; so does a near copy of a test image that
    was (`swither.project.accuracy` then leaves the test image out).

    Args:
        project: whose.
        lots: as they are now; None: looked up.
        asked: images that are being asked for training, which the store does not know yet.

    Returns:
        All images that are held out.
    """
    held = project.store.held_out()
    reserve = [lot.image for lot in reserve_of(project, lots) if lot.image is not None]
    if not reserve:
        return held
    groups = near_copies(project)
    members: dict[str, list[str]] = {}
    for image, group in groups.items():
        members.setdefault(group, []).append(image)
    wanted = set(reserve)
    for image in reserve:
        if image in groups:
            wanted.update(members[groups[image]])
    wanted -= held
    if not wanted:
        return held
    elsewhere = _elsewhere(project, wanted) | wanted.intersection(asked)
    fresh = {image for image in reserve if image in wanted and image not in elsewhere}
    testing = held | fresh
    for image in reserve:
        if image in testing and image in groups:
            fresh.update(set(members[groups[image]]) & wanted - elsewhere)
    if fresh:
        project.store.hold_out(sorted(fresh))
    return held | fresh


def counted_images(project: Project) -> tuple[str, ...]:
    """The images that are counted in the accuracy once they have a label, the lowest priority first."""
    return _held_reserve(project)[: project.settings.test_limit]


def next_test_image(
    project: Project, ledger: Ledger, taken: Collection[str] = (), *, again: bool = False, beyond: bool = False
) -> str | None:
    """The test image to ask next: of the lowest priority, without an answer or with an outdated one.

    Args:
        project: whose.
        ledger: what was answered.
        taken: images not to be asked now.
        again: whether outdated answers come first; otherwise they come last.
        beyond: ask those beyond the limit, which were kept in reserve, as nothing else is left.

    Returns:
        Its id; None where every test image that is known by now has an answer or is taken.
    """
    order = _held_reserve(project)
    order = order if beyond else order[: project.settings.test_limit]
    free = [image for image in order if image not in taken]
    before = 0 if beyond else outdated(ledger)
    answers = {image: ledger.standing_event(image) for image in free}
    fresh = [image for image, event in answers.items() if event is None]
    old = [image for image, event in answers.items() if event is not None and event.sequence < before]
    return next(iter([*old, *fresh] if again else [*fresh, *old]), None)


def answered(ledger: Ledger, image: str) -> bool:
    """Whether an image has a label or was declined."""
    return ledger.label_of(image) is not None or ledger.declined(image) is not None


def outdated(ledger: Ledger) -> int:
    """Answers before this event were given before a class was added that is used by now; 0 where none was.

    Test images with such an answer are asked again, each of them and whatever the network thinks of it: to look again
    at those only that resemble the new class would flatter the network.
    """
    return max((one.sequence for one in ledger.active_classes() if one.labels >= LEAST_EXAMPLES), default=0)


def _held_reserve(project: Project) -> tuple[str, ...]:
    held = project.store.held_out()
    return tuple(lot.image for lot in reserve_of(project) if lot.image in held and lot.image is not None)


def _elsewhere(project: Project, images: Collection[str]) -> set[str]:
    """Those that were asked for training, or labelled before the last training that there was."""
    ledger, store = project.ledger(), project.store
    trained = max((cycle.events for cycle in store.cycles() if cycle.training is not None), default=0)
    asked = {question.image for question in store.open_questions(now()) if question.source not in _NOT_TRAINED}
    said = [event for image in images for event in ledger.of_image(image) if event.kind == "labelled"]
    known = store.questions({event.query for event in said if event.query is not None})
    for event in said:
        question = known.get(event.query or "")
        for_training = event.query is not None and (question is None or question.source not in _NOT_TRAINED)
        if event.image is not None and (for_training or event.sequence <= trained):
            asked.add(event.image)
    return asked.intersection(images)
