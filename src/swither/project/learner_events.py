"""The events of a project as a learner reads them: no second truth, only another view of the first."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

from swither.errors import InputError
from swither.files import key_of
from swither.loop.events import Kind, LabelEvent
from swither.project.ledger import Ledger
from swither.project.records import ProjectEvent, Question


class _Source(Protocol):
    """What is needed of a store."""

    def events(self, after: int = 0) -> tuple[ProjectEvent, ...]: ...
    def held_out_after(self) -> dict[str, int]: ...
    def questions(self, tokens: Sequence[str]) -> dict[str, Question]: ...


class StoreEvents:
    """A log of label events, as `swither.loop.events.EventLog` says, made of what people said in a project.

    One event of the log for each change of an image's label: a label, another one, a refusal, or nothing any more.
    Undoing and merging classes change labels too, so they add events, and none that was read ever changes. Images
    that are held out do not occur; one that was labelled before it was held out is withdrawn.

    Args:
        store: of the project.
    """

    def __init__(self, store: _Source) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._ledger = Ledger()
        self._events: list[LabelEvent] = []
        self._said: dict[str, str] = {}  # image -> class as the log has it, "" where declined
        self._held: dict[str, int] = {}

    def append(self, events: Sequence[LabelEvent]) -> None:
        """Refused: whoever labels writes to the store, where it is said who did it and which class was meant.

        Raises:
            InputError: there is anything to add.
        """
        if events:
            raise InputError(
                "The label events of a project are read from its store. Expected a label to be stored as an event of "
                "the project (Project.store.append), not told to the learner."
            )

    def read(self) -> tuple[LabelEvent, ...]:
        """All events so far, in order; each read goes on where the last one ended."""
        with self._lock:
            new = self._store.events(self._ledger.sequence)  # first, so that no event that is read lacks its held-out
            held = self._store.held_out_after()
            tokens = [event.query for event in new if event.query is not None]
            asked = self._store.questions(tokens) if tokens else {}
            self._hold_out(held, self._ledger.sequence)
            for event in new:
                changed = self._ledger.step(event)
                batch = asked[event.query].batch if event.query in asked else None
                self._tell([image for image in changed if image not in self._held], event, batch)
                self._hold_out(held, event.sequence)
            return tuple(self._events)

    def _hold_out(self, held: dict[str, int], through: int) -> None:
        """Withdraw what is held out since, in the order of saying so."""
        for image, after in held.items():
            if after <= through and image not in self._held:
                self._held[image] = after
                if self._said.pop(image, None) is not None:
                    self._events.append(LabelEvent("withdrawn", image, event=key_of("held out", image)))

    def _tell(self, images: Sequence[str], event: ProjectEvent, batch: int | None) -> None:
        for image in images:
            label = self._ledger.label_of(image)
            will = label if label is not None else "" if self._ledger.declined(image) is not None else None
            was = self._said.get(image)
            if will == was:
                continue  # declined for another reason
            own = event.image == image and event.kind in ("labelled", "declined")
            kind: Kind = "withdrawn" if will is None else "declined" if will == "" else "labelled"
            if was and label is not None:
                kind = "corrected"
            self._events.append(
                LabelEvent(
                    kind,
                    image,
                    label,
                    batch=batch if own else None,
                    by=event.by,
                    at=event.at,
                    seconds=event.seconds if own else None,
                    event=event.event if own else key_of(event.event, image),
                )
            )
            if will is None:
                self._said.pop(image, None)
            else:
                self._said[image] = will
