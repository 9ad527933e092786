"""What the events of a project amount to: its classes, and the label of every image. Derived, never stored.

An event that somebody undid is as if it had never been said, unless that undoing was itself undone. Of what is left,
the last label or refusal of an image stands, and it is read through the merges of classes as they are now, whatever
they were when the label was given. So a label that was made offline, of a class that has been merged since, lands in
the right class.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from swither.project.records import ProjectEvent

KEYS_OF_THE_PAGE = frozenset("glmrsuwxz")
"""Letters that the page uses itself; no class gets them."""

KEYS = ("1234567890", "".join(letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in KEYS_OF_THE_PAGE))
"""The keys of classes, in the order in which they are given: digits, then letters."""


@dataclass(frozen=True)
class LabelClass:
    """A class as it stands.

    Attributes:
        id: of the class.
        name: its latest.
        key: on the keyboard: by the order of adding, so it never shifts; "" where the keys are used up.
        merged_into: id of the class that it is now part of, through all merges; None where it stands for itself.
        sequence: of the event that added it.
        labels: how many images bear it now; 0 for a merged class, whose images bear the other.
    """

    id: str
    name: str
    key: str
    merged_into: str | None
    sequence: int
    labels: int


@dataclass
class _Class:
    """A class while events are taken."""

    name: str
    into: str | None = None


class Ledger:
    """A fold of events, one at a time; give it each event once, in the order of `sequence`.

    Example:
        >>> at = "2026-03-01T12:30:00Z"
        >>> ledger = Ledger()
        >>> ledger.take([ProjectEvent("e1", "class_added", at, class_id="c", text="cat", sequence=1)])
        >>> ledger.take([ProjectEvent("e2", "labelled", at, image="i", class_id="c", sequence=2)])
        >>> ledger.label_of("i"), ledger.classes[0].name, ledger.classes[0].key
        ('c', 'cat', '1')
        >>> ledger.take([ProjectEvent("e3", "undone", at, undoes="e2", sequence=3)])
        >>> ledger.label_of("i") is None
        True
    """

    def __init__(self) -> None:
        self.sequence = 0
        self._events: dict[str, ProjectEvent] = {}  # by id; only added to, so copies share it
        self._undoers: dict[str, tuple[str, ...]] = {}  # an event's id -> ids of the events that undo it
        self._undone: set[str] = set()  # ids of events that are not in force
        self._of_image: dict[str, tuple[ProjectEvent, ...]] = {}
        self._labels: dict[str, str] = {}  # image -> class as it was said
        self._resolved: dict[str, str] = {}  # image -> class through merges
        self._declined: dict[str, str] = {}
        self._skipped: dict[str, int] = {}
        self._additions: list[ProjectEvent] = []
        self._class_events: list[ProjectEvent] = []
        self._classes: dict[str, _Class] = {}
        self._described: tuple[LabelClass, ...] | None = None

    def take(self, events: Iterable[ProjectEvent]) -> None:
        """Take further events, in order of sequence."""
        for event in events:
            self.step(event)

    def step(self, event: ProjectEvent) -> tuple[str, ...]:
        """Take one event.

        Args:
            event: the next one.

        Returns:
            The images whose label or refusal is another one now, sorted.
        """
        self.sequence = event.sequence
        self._described = None
        self._events[event.event] = event
        if event.undoes is not None:
            return self._undo(event, event.undoes)
        if event.image is not None:
            self._of_image[event.image] = (*self._of_image.get(event.image, ()), event)
            return self._stand(event, event.image)
        return self._name_class(event)

    def copy(self) -> Ledger:
        """A ledger of its own that stands where this one stands; one of the two may go on, with the same events."""
        other = Ledger()
        other.sequence, other._events, other._classes = self.sequence, self._events, dict(self._classes)
        other._undoers, other._undone = dict(self._undoers), set(self._undone)
        other._of_image, other._skipped = dict(self._of_image), dict(self._skipped)
        other._labels, other._resolved, other._declined = dict(self._labels), dict(self._resolved), dict(self._declined)
        other._additions, other._class_events = list(self._additions), list(self._class_events)
        return other

    # What stands

    @property
    def classes(self) -> tuple[LabelClass, ...]:
        """All classes in the order of adding, merged ones too.

        A class whose adding was undone is left out, unless an image bears it.
        """
        if self._described is None:
            counts: dict[str, int] = {}
            for class_id in self._resolved.values():
                counts[class_id] = counts.get(class_id, 0) + 1
            self._described = tuple(self._describe(counts))
        return self._described

    def active_classes(self) -> tuple[LabelClass, ...]:
        """The classes that stand for themselves, in the order of adding."""
        return tuple(one for one in self.classes if one.merged_into is None)

    def resolve(self, class_id: str) -> str:
        """The class that this one is now part of, through all merges; itself where it was never merged."""
        while (one := self._classes.get(class_id)) is not None and one.into is not None:
            class_id = one.into
        return class_id

    @property
    def labels(self) -> Mapping[str, str]:
        """Image -> class, through merges, of every labelled image."""
        return MappingProxyType(self._resolved)

    @property
    def declined_images(self) -> Mapping[str, str]:
        """Image -> reason, of every image that left the pool without a label."""
        return MappingProxyType(self._declined)

    @property
    def last_skipped(self) -> Mapping[str, int]:
        """Image -> sequence of its last skip, where no label or refusal came after it."""
        return MappingProxyType(self._skipped)

    def label_of(self, image: str) -> str | None:
        """The image's class, through merges; None where it has none."""
        return self._resolved.get(image)

    def declined(self, image: str) -> str | None:
        """Why the image left the pool; None where it did not."""
        return self._declined.get(image)

    def of_image(self, image: str) -> tuple[ProjectEvent, ...]:
        """All events of the image, oldest first, with those that were undone and those that undid them."""
        return self._of_image.get(image, ())

    def event(self, event: str) -> ProjectEvent | None:
        """The event of this id, in force or not; None where it was not taken."""
        found = self._events.get(event)
        return found if found is not None and found.sequence <= self.sequence else None

    def stands(self, event: str) -> bool:
        """Whether the event of this id was taken and is not undone."""
        return self.event(event) is not None and event not in self._undone

    def standing_event(self, image: str) -> ProjectEvent | None:
        """The event that gave the image its label or refusal as it stands."""
        return self._last(image, ("labelled", "declined"))

    # How it is kept

    def _last(self, image: str, kinds: tuple[str, ...]) -> ProjectEvent | None:
        for event in reversed(self._of_image.get(image, ())):
            if event.kind in kinds and event.event not in self._undone:
                return event
        return None

    def _stand(self, event: ProjectEvent, image: str) -> tuple[str, ...]:
        """Take the event of an image that came behind all others, so it stands."""
        if event.kind == "skipped":
            self._skipped[image] = event.sequence
            return ()
        self._skipped.pop(image, None)
        return (image,) if self._set(image, event) else ()

    def _set(self, image: str, event: ProjectEvent | None) -> bool:
        """Let an answer stand; whether it is another one than before."""
        label = refusal = None
        if event is not None and event.kind == "labelled":
            assert event.class_id is not None
            self._labels[image] = event.class_id
            label = self.resolve(event.class_id)
        else:
            self._labels.pop(image, None)
            refusal = None if event is None else event.text or ""
        changed = _put(self._resolved, image, label)
        return _put(self._declined, image, refusal) or changed

    def _undo(self, event: ProjectEvent, undone: str) -> tuple[str, ...]:
        """Take an event that undoes another one."""
        self._undoers[undone] = (*self._undoers.get(undone, ()), event.event)
        subject = self._events[undone]
        while subject.undoes is not None:
            subject = self._events[subject.undoes]
        if subject.image is not None:
            self._of_image[subject.image] = (*self._of_image.get(subject.image, ()), event)
        return self._after_undoing(self._events[undone])

    def _after_undoing(self, event: ProjectEvent) -> tuple[str, ...]:
        """Undoing came upon `event`: see what is in force now along the chain of undoing."""
        while True:
            in_force = all(undoer in self._undone for undoer in self._undoers[event.event])
            if in_force == (event.event not in self._undone):
                return ()
            (self._undone.discard if in_force else self._undone.add)(event.event)
            if event.undoes is None:
                break
            event = self._events[event.undoes]
        return self._name_again() if event.image is None else self._stand_again(event.image)

    def _stand_again(self, image: str) -> tuple[str, ...]:
        answer = self._last(image, ("labelled", "declined"))
        skip = self._last(image, ("skipped",))
        self._skipped.pop(image, None)
        if skip is not None and (answer is None or answer.sequence < skip.sequence):
            self._skipped[image] = skip.sequence
        return (image,) if self._set(image, answer) else ()

    def _name_class(self, event: ProjectEvent) -> tuple[str, ...]:
        self._class_events.append(event)
        if event.kind == "class_added":
            self._additions.append(event)
        self._say_of_class(event)
        return self._resolve_again() if event.kind == "class_merged" else ()

    def _name_again(self) -> tuple[str, ...]:
        """All events of classes again, without those that are undone."""
        self._classes = {}
        for event in self._class_events:
            if event.event not in self._undone:
                self._say_of_class(event)
        return self._resolve_again()

    def _say_of_class(self, event: ProjectEvent) -> None:
        assert event.class_id is not None
        if event.kind == "class_added":
            assert event.text is not None
            self._classes[event.class_id] = _Class(event.text, self._of_name(event.text))
        elif event.class_id not in self._classes:
            return  # its adding was undone
        elif event.kind == "class_renamed":
            assert event.text is not None
            self._classes[event.class_id] = _Class(event.text, self._classes[event.class_id].into)
        elif event.into in self._classes and self.resolve(event.into) != self.resolve(event.class_id):
            self._classes[event.class_id] = _Class(self._classes[event.class_id].name, event.into)

    def _of_name(self, name: str) -> str | None:
        """The first class that stands for itself under this name, so that one added twice is one class."""
        plain = plain_name(name)
        for class_id, one in self._classes.items():
            if one.into is None and plain_name(one.name) == plain:
                return class_id
        return None

    def _resolve_again(self) -> tuple[str, ...]:
        before = self._resolved
        where = {class_id: self.resolve(class_id) for class_id in set(self._labels.values())}
        self._resolved = {image: where[class_id] for image, class_id in self._labels.items()}
        return tuple(sorted(image for image, class_id in self._resolved.items() if before.get(image) != class_id))

    def _describe(self, counts: Mapping[str, int]) -> Iterator[LabelClass]:
        keys = "".join(KEYS)
        for place, event in enumerate(self._additions):
            assert event.class_id is not None
            one = self._classes.get(event.class_id)
            labels = counts.get(event.class_id, 0)
            if one is None and not labels:
                continue
            into = None if (end := self.resolve(event.class_id)) == event.class_id else end
            key = keys[place] if place < len(keys) else ""
            name = self._last_name(event) if one is None else one.name
            yield LabelClass(event.class_id, name, key, into, event.sequence, labels)

    def _last_name(self, added: ProjectEvent) -> str:
        """The name of a class whose adding was undone, but whose labels stand."""
        names = [
            event.text
            for event in self._class_events
            if event.class_id == added.class_id
            and event.kind == "class_renamed"
            and event.event not in self._undone
            and event.text is not None
        ]
        return names[-1] if names else added.text or ""


def _put(values: dict[str, str], image: str, value: str | None) -> bool:
    """Set, or remove for None; whether that was a change."""
    if value is None:
        return values.pop(image, None) is not None
    before = values.get(image)
    values[image] = value
    return before != value


def plain_name(name: str) -> str:
    """A class's name as it is compared: without regard to case, spaces around it and ways to write an accent.

    Example:
        >>> plain_name(" Café") == plain_name("CAFE\\u0301")
        True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).strip()
