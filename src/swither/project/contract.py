"""What a data base must do to hold a project; the words here are the contract, `store_contract` its tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol

from swither.project.records import Cycle, ImageFile, Job, ProjectEvent, Question, Receipt


class Store(Protocol):
    """Events, files, questions, jobs and cycles of one project.

    Every method is one transaction: whole or not at all, durable on return (a power cut loses nothing that was
    answered). Any number of threads and processes may call at once; writers wait for each other, for a minute at
    most (half of it for threads of their own process), readers for nobody. What one call wrote, every later call
    sees, in any process. Times are given by the caller, ISO 8601 in UTC, so that tests own the clock.
    """

    def identity(self) -> str:
        """A random id that no other project has; the same for good, in every process.

        What was said elsewhere and is not here yet, as in a browser without a connection, is kept under it.
        """

    # Events: the only truth about labels and classes.

    def append(self, events: Sequence[ProjectEvent], received: str) -> Receipt:
        """Add events behind all others, in the order given; they get consecutive `sequence` numbers.

        An event whose id is there already is not added again; where its content differs, nothing of the call is
        written. An image is there once a file with it was put, and stays when the file goes. A `query` is kept as it
        is: where no question bears that token, it answers none.

        Raises:
            InputError: an image or class that is not there (a class may be added earlier in the same call), a
                malformed event (see `swither.project.event_rules`), an id that was used for something else, the id of
                a class that was added before, an `undoes` that is not there; nothing of the call is written.
        """

    def events(self, after: int = 0) -> tuple[ProjectEvent, ...]:
        """All events with a `sequence` above `after`, in order. What was read once never changes or disappears."""

    # Files and images: derived from the folder, and made again by walking it.

    def put_files(self, files: Iterable[ImageFile]) -> None:
        """Add files or replace what was known of the same paths."""

    def files(self) -> tuple[ImageFile, ...]:
        """All files that were ever seen, in order of path."""

    def files_of(self, image: str) -> tuple[ImageFile, ...]:
        """The files with this content, in order of path; the first present one is shown."""

    def count_files(self) -> tuple[int, int]:
        """How many files are present, and how many images they hold that can be shown; an unread file counts as one."""

    def gone_images(self) -> frozenset[str]:
        """Ids of the images none of whose files is present."""

    def images_named(self, text: str, most: int) -> tuple[tuple[str, ...], int]:
        """Images that can be shown, with a present file whose path holds `text`, whatever the case.

        Returns:
            Their ids, `most` at most, in order of the first such path; and how many more files have it in their path
            but were not read yet.
        """

    def hold_out(self, images: Iterable[str]) -> None:
        """Fix that these images are for testing and never trained on; once said, it stays.

        Raises:
            InputError: an image that no file was put for; nothing is written.
        """

    def held_out(self) -> frozenset[str]:
        """Ids of the images that are never trained on."""

    def held_out_after(self) -> dict[str, int]:
        """The same, in the order of saying so, each with the `sequence` of the last event at that time (0: none).

        An image that is held out after it was labelled leaves the learner's events at this place and no other.
        """

    # Questions: who was asked what, so that nobody is asked the same at the same time.

    def put_questions(self, questions: Iterable[Question]) -> None:
        """Add questions; a token that is there already gets the new `until`, and keeps everything else.

        Raises:
            InputError: an image that no file was put for, or a new question whose token an event named before;
                nothing is written.
        """

    def questions(self, tokens: Iterable[str]) -> dict[str, Question]:
        """Those of `tokens` that are known."""

    def open_questions(self, now: str) -> tuple[Question, ...]:
        """Those whose `until` lies after `now`, oldest first."""

    def forget_questions(self, sources: Iterable[str], before: str) -> int:
        """Remove questions from one of `sources` whose `until` lies before a time and that no event names; how many."""

    # Jobs: one worker at a time does each.

    def request_job(self, kind: str, now: str) -> Job:
        """Ask for a job; one of this kind that waits already is it."""

    def take_job(self, worker: str, now: str, lease_until: str) -> Job | None:
        """Take the oldest job that waits, or runs with a lease that ended before `now`; None where there is none.

        While one job runs under a valid lease, nobody takes any.
        """

    def keep_job(self, number: int, worker: str, lease_until: str, progress: Mapping[str, Any]) -> bool:
        """Lengthen the lease and say how far it is; False where `worker` does not hold it any more."""

    def fail_job(self, number: int, worker: str, error: str, *, again: bool) -> bool:
        """Give a job back, to be tried `again` or as failed; False where `worker` does not hold it any more."""

    def jobs(self, last: int = 10) -> tuple[Job, ...]:
        """The latest jobs, newest first."""

    def publish(self, cycle: Cycle, worker: str) -> bool:
        """Write a finished cycle and end its job, both or neither; False where `worker` lost the job."""

    def cycles(self) -> tuple[Cycle, ...]:
        """All finished cycles, in order."""

    # Notes: small JSON values by name that one process leaves for another (progress of reading the folder).

    def set_note(self, name: str, value: Any) -> None:
        """Keep a JSON value under a name, in place of what was there."""

    def note(self, name: str, otherwise: Any = None) -> Any:
        """What is kept under a name."""

    def changes(self) -> int:
        """A number that goes up with every write by anyone; cheap enough to be asked ten times a second."""

    def close(self) -> None:
        """Let go of the data base; no other method may be called after it."""

    def __enter__(self) -> Store:
        """The store itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
