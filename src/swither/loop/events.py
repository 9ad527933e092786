"""Label events: the only truth. Everything else that a learner knows is derived from them.

An event says that somebody labelled, corrected, declined or withdrew one image. Events are only ever added. What
they amount to, the labels as they stand, is a fold over them (`fold`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol, get_args

from swither.errors import InputError
from swither.files import key_of
from swither.journal import Journal

Kind = Literal["labelled", "corrected", "declined", "withdrawn"]


@dataclass(frozen=True)
class LabelEvent:
    """One thing that somebody said of one image.

    Attributes:
        kind: ``labelled`` (a first label), ``corrected`` (another one), ``declined`` (cannot or shall not be
            labelled: leaves the pool and is never trained on), ``withdrawn`` (as if nothing had been said).
        id: the image's id.
        label: the class name; None where declined or withdrawn.
        batch: number of the batch that this answers; None for an image that was not asked.
        by: who said so.
        at: when, ISO 8601 in UTC; None in experiments, whose events must not depend on the clock.
        seconds: how long it took; None where nobody measured.
        event: the event's own id; the same one sent again has no effect. None: derived when it is told.
    """

    kind: Kind
    id: str
    label: str | None = None
    batch: int | None = None
    by: str = ""
    at: str | None = None
    seconds: float | None = None
    event: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise InputError(f"Expected an event of kind {', '.join(get_args(Kind))}; got {self.kind!r}.")
        if (self.label is not None) != (self.kind in ("labelled", "corrected")):
            raise InputError(f"A {self.kind} event has {'a' if self.label is None else 'no'} label: {self}.")


@dataclass(frozen=True)
class Standing:
    """What a list of events amounts to.

    Attributes:
        labels: id -> class name, of every image that is labelled now.
        declined: ids that left the pool without a label.
        cycle: how many batches after the initial one have got an answer; 0 with the initial labels alone.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    declined: frozenset[str] = frozenset()
    cycle: int = 0

    @property
    def key(self) -> str:
        """A hash of all of it: asked again under the same key, a learner gives the same batch."""
        return key_of("standing", sorted(self.labels.items()), sorted(self.declined), self.cycle)

    @property
    def next_batch(self) -> int:
        """Number of the batch that follows: 0 while there is no label, else one more than the cycle."""
        return self.cycle + 1 if self.labels else 0

    def of(self, image: str) -> str | None:
        """``labelled as ...`` in one comparable value: the class name, ``""`` where declined, None in the pool."""
        return "" if image in self.declined else self.labels.get(image)


def fold(events: Iterable[LabelEvent], through: int | None = None) -> Standing:
    """What `events` amount to, all of them or those that answer batches up to number `through`."""
    labels: dict[str, str] = {}
    declined: set[str] = set()
    cycle = 0
    for event in events:
        if through is not None and event.batch is not None and event.batch > through:
            continue
        labels.pop(event.id, None)
        declined.discard(event.id)
        if event.label is not None:
            labels[event.id] = event.label
        elif event.kind == "declined":
            declined.add(event.id)
        cycle = max(cycle, event.batch or 0)
    return Standing(MappingProxyType(labels), frozenset(declined), cycle)


def effective(events: Iterable[LabelEvent], before: Sequence[LabelEvent]) -> list[LabelEvent]:
    """The events that change something after those `before`, each with its right kind and an id of its own.

    A label that stands already, a second refusal, a withdrawal of nothing and an event that was sent before have no
    effect and are left out; another label for a labelled image becomes a correction.
    """
    standing = fold(before)
    now: dict[str, str | None] = {}
    known = {event.event for event in before}
    said: dict[str, int] = {}
    for event in before:
        said[event.id] = said.get(event.id, 0) + 1
    taken = []
    for event in events:
        was = now.get(event.id, standing.of(event.id))
        will = "" if event.kind == "declined" else event.label
        if (event.event in known and event.event is not None) or was == will:
            continue
        if event.label is not None:
            event = replace(event, kind="corrected" if was else "labelled")
        if event.event is None:
            event = replace(event, event=key_of(event.kind, event.id, event.label, said.get(event.id, 0)))
        said[event.id] = said.get(event.id, 0) + 1
        known.add(event.event)
        now[event.id] = will
        taken.append(event)
    return taken


class EventLog(Protocol):
    """Where a learner reads and adds label events; a file in an experiment, the store in a project.

    The contract: `append` returns when the events are durable; each event is whole or absent, and of several a
    crash may keep the first few. `read` gives all events in the order in which they were appended, the same for
    every reader; an event, once read, never changes or disappears. Several writers may append at a time.
    """

    def append(self, events: Sequence[LabelEvent]) -> None:
        """Add events at the end."""

    def read(self) -> tuple[LabelEvent, ...]:
        """All events so far, in order."""


class EventFile:
    """Label events in a checksummed JSON-lines file."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path, "label event")

    def append(self, events: Sequence[LabelEvent]) -> None:
        """Add events at the end; on return they are on disk."""
        self._journal.append(
            {name: value for name, value in asdict(event).items() if value not in (None, "")} for event in events
        )

    def read(self) -> tuple[LabelEvent, ...]:
        """All events so far, in order."""
        return tuple(LabelEvent(**record) for record in self._journal.read())
