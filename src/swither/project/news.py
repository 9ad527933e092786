"""What was said since a training: the images whose answer is another one now, those taken back among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from swither.errors import plural
from swither.project.ledger import Ledger
from swither.project.records import ProjectEvent

if TYPE_CHECKING:
    from swither.project.project import Project


@dataclass(frozen=True)
class News:
    """How many images that are trained on stand otherwise than at an event.

    Attributes:
        given: had no answer then, and have one now.
        changed: have another answer, or the same given again.
        taken_back: had one then, and have none now.
    """

    given: int
    changed: int
    taken_back: int

    @property
    def all(self) -> int:
        """All of them."""
        return self.given + self.changed + self.taken_back

    def outdated(self) -> str:
        """What a network that was trained then still knows otherwise, in words; "" where there is nothing."""
        parts = ((self.changed, "changed"), (self.taken_back, "taken back"))
        return " and ".join(f"{plural(count, 'answer')} {what}" for count, what in parts if count)


def news_since(project: Project, after: int, held: frozenset[str] | None = None) -> News:
    """What changed since an event, of the images that are trained on.

    Args:
        project: whose.
        after: sequence of the event.
        held: the images that are held out; None: looked up.
    """
    held = project.store.held_out() if held is None else held
    ledger = project.ledger()
    given = changed = taken_back = 0
    for image in _spoken_of(ledger, project.store.events(after)) - held:
        before, stands = _standing(ledger, image, after), ledger.standing_event(image)
        if before == stands:
            continue
        given += before is None
        taken_back += stands is None
        changed += before is not None and stands is not None
    return News(given, changed, taken_back)


def _spoken_of(ledger: Ledger, events: Iterable[ProjectEvent]) -> set[str]:
    images = set()
    for event in events:
        subject: ProjectEvent | None = event
        while subject is not None and subject.undoes is not None:
            subject = ledger.event(subject.undoes)
        if subject is not None and subject.image is not None and subject.kind in ("labelled", "declined"):
            images.add(subject.image)
    return images


def _standing(ledger: Ledger, image: str, at: int) -> ProjectEvent | None:
    """The answer of an image as it stood at an event."""
    past = Ledger()
    past.take(event for event in ledger.of_image(image) if event.sequence <= at)
    return past.standing_event(image)
