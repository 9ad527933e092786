"""The queue: which images a person is asked next, so that nothing is asked twice or of two people at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from swither.files import locked
from swither.project.clock import now
from swither.project.discovery import Discovery
from swither.project.held_out import KeptBack, answered, kept_back, next_test_image, outdated, walked
from swither.project.identify import identify
from swither.project.ledger import Ledger
from swither.project.lots import Lot, Lots, lots_after_reading, lots_of
from swither.project.near_copies import near_copies
from swither.project.records import Cycle, Question
from swither.randomness import derive, generator

if TYPE_CHECKING:
    from swither.project.project import Project

LEASE_SECONDS = 300.0
"""An image that was put before somebody is put before nobody else for so long."""

SKIPPED_FOR = 20
"""A skipped image comes back after so many further answers, or when nothing else is left."""

MOST_READ = 30
"""Files that are read for one call at most, beside one for each question: most of a folder may be damaged."""

_OF_PAGE = 8
"""So many characters at the beginning of its tokens a page has for itself."""

_FIRST_LOOK = 0.3  # seconds in which a folder that nobody has looked at is listed, for the very first image


def next_questions(
    project: Project,
    by: str,
    count: int,
    have: Iterable[str] = (),
    *,
    token: Callable[[], str] = lambda: secrets.token_hex(12),
) -> list[Question]:
    """What to ask a person next.

    About every fifth place (`test_every`) is a test image, until `test_limit` of them have an answer; which places, a
    keyed draw says, so that nobody can guess. The other places are the learner's latest batch in its order, and where
    it is used up, or there is none yet, a random draw. Left out are images with an answer, those that are before
    somebody, near copies of what this person has before them, and for a while those that were skipped.

    `have` is all that the page still has. What it was given before and has dropped since, because a new batch came, is
    asked again in its turn, with the token that it had. All tokens of a page begin alike, so that another page of the
    same person is asked other images.

    Args:
        project: whose images.
        by: who is asked.
        count: how many questions are wanted beside those that the person has.
        have: tokens of questions that the person has not answered yet; their leases are lengthened.
        token: makes the questions' tokens.

    Returns:
        At most `count` questions; fewer where nothing else can be asked now.
    """
    have = tuple(have)
    page = next(iter(have), "")[:_OF_PAGE] or token()[:_OF_PAGE]
    tokens = [page + token()[_OF_PAGE:] for _ in range(count)]
    taken: list[Question] = []
    read: dict[str, str | None] = {}
    near_copies(project)  # the first time it takes seconds where there are 100,000, and nobody else is to wait for it
    while True:
        try:
            with locked(project.derived("queue.lock"), wait=True):
                here = (*have, *(question.token for question in taken))
                _take(_Asking.of(project, by, here, read, count + MOST_READ), tokens, taken)
            return taken
        except _ToRead as wanted:  # decoded while nobody waits for the queue
            read[wanted.path] = identify(project, wanted.path)


def _take(asking: _Asking, tokens: list[str], taken: list[Question]) -> None:
    """Take a question for each of `tokens` that is left, and tell the store of those that were taken in the end."""
    fresh: list[Question] = []
    try:
        while tokens and (question := asking.one(tokens[0])) is not None:
            fresh.append(question)
            tokens.pop(0)
    finally:
        asking.project.store.put_questions([*asking.kept, *fresh])
        taken += fresh


class _ToRead(Exception):
    """A file is to be read before the queue can go on."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass
class _Asking:
    """One call: what is known at its beginning, and what it has taken so far.

    Attributes:
        project: whose images.
        by: who is asked.
        ledger: what was answered.
        lots: what there is.
        cycle: the latest that has images to ask.
        kept: questions that the person has, their leases lengthened.
        dropped: open questions that this page had, by image; asked again in their turn.
        own: open questions of the same person that another page of theirs had; given again where nothing else is left.
        busy: images that are before somebody.
        read: what files hold that were read for this call, by path.
        most_read: so many files are read for one call.
        groups: near copies, image -> group.
        near: groups of which the person has an image.
        kept_back: images that only test.
    """

    project: Project
    by: str
    ledger: Ledger
    lots: Lots
    cycle: Cycle | None
    kept: list[Question]
    dropped: dict[str, Question]
    own: list[Question]
    busy: set[str]
    read: dict[str, str | None]
    most_read: int
    groups: dict[str, str]
    kept_back: KeptBack
    near: set[str] = field(default_factory=set)
    at: str = ""
    _drawn_from: tuple[Lots, list[Lot]] | None = None

    @classmethod
    def of(
        cls, project: Project, by: str, have: tuple[str, ...], read: dict[str, str | None], most_read: int
    ) -> _Asking:
        store, at = project.store, now()
        lots = _listed(project)
        ledger = project.ledger()
        open_ones = [q for q in store.open_questions(at) if not _is_over(ledger, q)]
        mine = [q for q in store.questions(have).values() if not _is_over(ledger, q)]
        own = [q for q in open_ones if q.by == by and q.token not in have and q.source in _ASKED]
        pages, here = {one[:_OF_PAGE] for one in have}, {q.image for q in mine}
        dropped = {q.image: q for q in own if q.token[:_OF_PAGE] in pages and q.image not in here}
        others = [q for q in open_ones if q.image not in dropped or q.by != by]
        asking = cls(
            project,
            by,
            ledger,
            lots,
            _latest_with_ids(store.cycles()),
            kept=[replace(q, until=now(LEASE_SECONDS)) for q in mine],
            dropped=dropped,
            own=list({q.image: q for q in own if q.image not in dropped and q.image not in here}.values()),
            busy={q.image for q in [*others, *mine]},
            read=read,
            most_read=most_read,
            groups=dict(near_copies(project)),
            kept_back=kept_back(project, lots),
            at=at,
        )
        asking.near = {asking.groups[q.image] for q in [*mine, *asking.own] if q.image in asking.groups}
        return asking

    def one(self, token: str) -> Question | None:
        """The next question; None where there is none."""
        ways = [self._test, self._other] if self._is_test_place(token) else [self._other, self._test]
        for skipped in (False, True):
            for way in ways:
                if (question := way(token, skipped)) is not None:
                    return question
        return self._test(token, skipped=True, beyond=True) or self._again()

    def _is_test_place(self, token: str) -> bool:
        every = self.project.settings.test_every
        return every > 0 and derive(self.project.settings.seed, "test place", token) % every == 0

    def _test(self, token: str, skipped: bool, beyond: bool = False) -> Question | None:
        near = {image for image, group in self.groups.items() if group in self.near}
        lately = set() if skipped else self._skipped_lately()
        again = derive(self.project.settings.seed, "outdated first", token) % 2 == 0
        taken = self.busy | near | lately
        image = next_test_image(self.project, self.ledger, taken, again=again, beyond=beyond)
        return None if image is None else self._asked(token, image, "test", None)

    def _other(self, token: str, skipped: bool) -> Question | None:
        for image, source in self._candidates(token, skipped):
            return self._asked(token, image, source, self.cycle.batch if self.cycle is not None else 0)
        return None

    def _again(self) -> Question | None:
        """A question that the same person had on another page, or before the page was loaded again."""
        while self.own:
            question = self.own.pop(0)
            if not _is_over(self.ledger, question):
                return replace(question, until=now(LEASE_SECONDS))
        return None

    def _candidates(self, token: str, skipped: bool) -> Iterator[tuple[str, str]]:
        """Images that may be asked for training, the most wanted first."""
        lately = self._skipped_lately()
        if self.cycle is not None:
            source = str(self.cycle.facts.get("source", "batch"))
            for image in self.cycle.ids:
                if self.groups.get(image) in self._answered_of_batch:
                    continue
                if self._may_ask(image) and (image in lately) == skipped and self.project.path_of(image) is not None:
                    yield image, source
        for lot in self._shuffled(token):
            if (lot.image in lately) != skipped:
                continue
            shown = lot.image or self._content_of(lot.path)
            if shown is None or (lot.image is None and not self._is_new(shown, lot.path)) or not self._may_ask(shown):
                continue
            if self.project.path_of(shown) is not None:
                yield shown, "random"

    def _content_of(self, path: str) -> str | None:
        """What a file holds that was not read when the lots were listed; None where it cannot be shown now."""
        if path not in self.read and len(self.read) < self.most_read:
            raise _ToRead(path)
        return self.read.get(path)

    def _shuffled(self, token: str) -> Iterator[Lot]:
        """The lots in a random order, without those that are known to test."""
        ordered = self._untested
        for position in generator(self.project.settings.seed, "random question", token).permutation(len(ordered)):
            yield ordered[position]

    @property
    def _untested(self) -> list[Lot]:
        """What `_shuffled` draws from; made once for the lots that are known, as 20,000 of them take a while."""
        if self._drawn_from is None or self._drawn_from[0] is not self.lots:
            self._drawn_from = self.lots, [lot for lot in self.lots.ordered if lot.image not in self.kept_back]
        return self._drawn_from[1]

    def _is_new(self, image: str, path: str) -> bool:
        """Whether a content that was just read may be asked: it may be a copy of a known one, or one that tests."""
        if image in self.kept_back or image in self.lots.of_image:
            self.lots = lots_after_reading(self.project, path, image)
            self.kept_back = kept_back(self.project, self.lots, self.busy)
        return image not in self.kept_back

    def _may_ask(self, image: str) -> bool:
        out = image in self.kept_back or image in self.busy or answered(self.ledger, image)
        return not (out or self._is_near(image))

    @cached_property
    def _answered_of_batch(self) -> set[str]:
        """Near copies of which one was answered since the batch was chosen: the others add little to it."""
        since = 0 if self.cycle is None else self.cycle.events
        found = set()
        for image in self.groups:
            event = self.ledger.standing_event(image)
            if event is not None and event.sequence > since:
                found.add(self.groups[image])
        return found

    def _is_near(self, image: str) -> bool:
        return self.groups.get(image) in self.near

    def _skipped_lately(self) -> set[str]:
        return {i for i, at in self.ledger.last_skipped.items() if at > self._long_ago}

    @cached_property
    def _long_ago(self) -> int:
        """What was skipped before this event has waited for enough answers; skips and classes are none."""
        end, back = self.ledger.sequence, 2 * SKIPPED_FOR
        while True:
            events = self.project.store.events(max(0, end - back))
            answers = [event.sequence for event in events if event.kind in ("labelled", "declined")]
            if len(answers) >= SKIPPED_FOR:
                return answers[-SKIPPED_FOR]
            if back >= end:
                return 0
            back *= 4

    def _asked(self, token: str, image: str, source: str, batch: int | None) -> Question:
        self.busy.add(image)
        if image in self.groups:
            self.near.add(self.groups[image])
        if (before := self.dropped.get(image)) is not None:
            return replace(before, until=now(LEASE_SECONDS))
        return Question(token, image, source, self.by, self.at, now(LEASE_SECONDS), batch)


_ASKED = ("batch", "test", "random", "typical")


def _is_over(ledger: Ledger, question: Question) -> bool:
    """Whether a question had its answer: the image has one now, or it was skipped."""
    event = ledger.standing_event(question.image)
    if event is not None:
        asked_again = question.source == "test" and event.query != question.token
        return not (asked_again and event.sequence < outdated(ledger))
    undone = {event.undoes for event in ledger.of_image(question.image) if event.kind == "undone"}
    return any(
        event.query == question.token and event.kind == "skipped" and event.event not in undone
        for event in ledger.of_image(question.image)
    )


def _latest_with_ids(cycles: Iterable[Cycle]) -> Cycle | None:
    return next((cycle for cycle in reversed(tuple(cycles)) if cycle.ids), None)


def _listed(project: Project) -> Lots:
    """What is known of the folder; where that is nothing, what can be listed at once."""
    lots = lots_of(project)
    if len(lots) or walked(project):
        return lots
    walk = Discovery(project)  # whoever reads the folder meanwhile has the lock, and has listed something soon
    walk.step(_FIRST_LOOK)
    walk.close()
    return lots_of(project, fresh=True)
