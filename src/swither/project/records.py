"""What a project keeps: events, images and their files, questions, jobs and finished cycles. Frozen values, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

EventKind = Literal["labelled", "declined", "skipped", "undone", "class_added", "class_renamed", "class_merged"]
JobState = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True)
class ProjectEvent:
    """One thing that somebody said; only ever added, never changed.

    Attributes:
        event: an id made by whoever says it (the page, an import); the same one sent again has no effect.
        kind: ``labelled`` (a label, the first or another one), ``declined`` (cannot be labelled, see `text`),
            ``skipped`` (not now; the image stays in the pool), ``undone`` (the event `undoes` is as if never said),
            ``class_added``, ``class_renamed``, ``class_merged`` (`class_id` is from now on `into`).
        at: when, ISO 8601 in UTC, by the clock of whoever says it.
        by: who.
        image: id of the image; None for events of classes.
        class_id: the class; made by whoever adds it, never shown, never used again.
        text: the class's name where one is added or renamed; the reason where an image is declined
            (``cannot tell``, ``more than one``).
        into: the class that `class_id` is merged into.
        query: token of the `Question` that this answers; None where nothing was asked.
        seconds: from showing the image to the answer; None where nobody measured.
        undoes: id of the event that is undone.
        sequence: place in the order of all events, from 1; given by the store, 0 before.
        received: when the store took it, ISO 8601 in UTC; given by the store.
    """

    event: str
    kind: EventKind
    at: str
    by: str = ""
    image: str | None = None
    class_id: str | None = None
    text: str | None = None
    into: str | None = None
    query: str | None = None
    seconds: float | None = None
    undoes: str | None = None
    sequence: int = 0
    received: str = ""


@dataclass(frozen=True)
class Receipt:
    """What became of events that were sent.

    Attributes:
        stored: ids of those written now.
        repeated: ids of those that were there before, with the same content.
    """

    stored: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageFile:
    """A file in the project's image folder.

    Attributes:
        path: relative to the image folder, with ``/`` between its parts.
        size: in bytes.
        modified: when it was last changed, in nanoseconds.
        image: id of its content (BLAKE2b, 32 hexadecimal digits); None until it has been read.
        width: of the upright image in pixels; 0 until it has been read.
        height: likewise.
        problem: why it cannot be shown; None where it can or has not been read.
        present: whether it was there when the folder was last walked.
    """

    path: str
    size: int
    modified: int
    image: str | None = None
    width: int = 0
    height: int = 0
    problem: str | None = None
    present: bool = True


@dataclass(frozen=True)
class Question:
    """One image asked of one person.

    Attributes:
        token: what the page sends back with the answer; says nothing of `source`.
        image: id.
        source: ``batch`` (the learner's choice), ``test`` (drawn uniformly, never trained on), ``random`` (before
            there is a batch), ``typical`` (cold start), ``grid``, ``similar``, ``review``, ``search``.
        batch: number of the learner's batch where `source` is ``batch``, ``typical`` or ``random``.
        by: who is asked.
        at: when, ISO 8601 in UTC.
        until: nobody else is asked this before then, ISO 8601 in UTC.
    """

    token: str
    image: str
    source: str
    by: str
    at: str
    until: str
    batch: int | None = None


@dataclass(frozen=True)
class Job:
    """Work for the one background worker.

    Attributes:
        number: from 1.
        kind: ``cycle`` (train on the labels so far, measure, choose a new batch).
        state: ``waiting``, ``running``, ``done`` or ``failed``.
        worker: who holds the lease; "" while it waits.
        lease_until: ISO 8601 in UTC; another worker may take a running job after it.
        progress: what it is doing, for people: ``{"what": "training", "done": 3, "of": 40}``.
        attempts: how often it was taken.
        error: why it failed.
        requested: when it was asked for, ISO 8601 in UTC.
    """

    number: int
    kind: str
    state: JobState
    worker: str = ""
    lease_until: str = ""
    progress: Mapping[str, Any] = field(default_factory=dict)
    attempts: int = 0
    error: str = ""
    requested: str = ""


@dataclass(frozen=True)
class Cycle:
    """What one finished training gave; published whole, in one transaction.

    Attributes:
        job: number of the job.
        batch: number of the batch that it chose.
        events: sequence of the last event that it knew.
        labelled: images trained on.
        classes: ids of the classes that it knew, in the order of its outputs.
        ids: images to ask next, the most wanted first.
        training: key of the training, whose folder holds weights and history; None where nothing could be trained.
        facts: everything else for people, JSON values: model, recordings, candidates, seconds of each part, held-out
            images right and counted with the interval, share of the pool that still changes, why this budget.
        at: when it was published, ISO 8601 in UTC.
        number: from 1; given by the store.
    """

    job: int
    batch: int
    events: int
    labelled: int
    classes: tuple[str, ...]
    ids: tuple[str, ...]
    training: str | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    number: int = 0
