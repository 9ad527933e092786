"""The held-out part: a uniform draw that is fixed before anything is asked, and never trained on.

The lots of the lowest priorities are reserved (see `swither.project.lots`). A reserved lot is held out for good as
soon as its content is known; from then on it is asked as a test image and for nothing else. So which images test
depends on their paths and the seed alone, whatever the acquisition, the network or the people do.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from swither.project.clock import now
from swither.project.identify import identify
from swither.project.ledger import Ledger
from swither.project.lots import Lot, Lots, lots_after_reading, lots_of
from swither.project.near_copies import near_copies
from swither.project.notes import WALKED

if TYPE_CHECKING:
    from swither.project.project import Project


MOST_READ = 20
"""Files that are read at most before a question is given up: where there are many copies, most turn out to be known."""


def walked(project: Project) -> bool:
    """Whether the whole folder has been listed once: before, nobody can say which priorities are the lowest."""
    return project.store.note(WALKED) is not None


def reserve_of(project: Project, lots: Lots | None = None) -> tuple[Lot, ...]:
    """The lots that test, the lowest priority first; none before the folder has been walked."""
    if not walked(project):
        return ()
    lots = lots_of(project) if lots is None else lots
    return lots.reserve(project.settings.test_limit, project.settings.test_every)


def settle(project: Project, lots: Lots | None = None, asked: Collection[str] = ()) -> frozenset[str]:
    """Hold out every reserved content that is known by now, with its near copies; nothing new amid a renaming.

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
    lots = lots_of(project) if lots is None else lots
    reserve = [lot.image for lot in reserve_of(project, lots) if lot.image is not None]
    if not reserve or lots.renaming:
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
    held = project.store.held_out()
    return tuple(lot.image for lot in reserve_of(project) if lot.image in held and lot.image is not None)


def next_test_image(project: Project, ledger: Ledger, taken: Collection[str] = ()) -> str | None:
    """The test image to ask next: of the lowest priority, without an answer.

    Args:
        project: whose.
        ledger: what was answered.
        taken: images not to be asked now.

    Returns:
        Its id; None where every test image has an answer or is taken. It was read just now, if it had not been.
    """
    passed: set[str] = set()
    while True:
        held, unread, lots = project.store.held_out(), None, lots_of(project)
        for lot in reserve_of(project, lots):
            if lot.image is None and lot.path not in passed and not lots.renaming:
                unread = lot.path
                break
            if lot.image in held and lot.image not in taken and not answered(ledger, lot.image):
                return lot.image
        if unread is None or len(passed) == MOST_READ:
            return None
        passed.add(unread)
        settle(project, lots_after_reading(project, unread, identify(project, unread)), taken)


def answered(ledger: Ledger, image: str) -> bool:
    """Whether an image has a label or was declined."""
    return ledger.label_of(image) is not None or ledger.declined(image) is not None


def _elsewhere(project: Project, images: Collection[str]) -> set[str]:
    """Those that were asked for training, or labelled before the last training that there was."""
    ledger, store = project.ledger(), project.store
    trained = max((cycle.events for cycle in store.cycles() if cycle.training is not None), default=0)
    asked = {question.image for question in store.open_questions(now()) if question.source != "test"}
    found = asked.intersection(images)
    for image in images:
        said = [event for event in ledger.of_image(image) if event.kind == "labelled"]
        if any(event.query is not None or event.sequence <= trained for event in said):
            found.add(image)
    return found
