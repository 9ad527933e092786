"""The contract of `swither.project.contract` as checks that run on any store, so that another data base can join.

A check takes a function that opens the same, at first empty, data base each time it is called, and raises an
AssertionError where a promise is not kept. To test a store of your own, give every check a data base of its own::

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_mine(check, tmp_path):
        check(lambda: MyStore(tmp_path / "new"))
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from swither.errors import InputError
from swither.project.contract import Store
from swither.project.more_store_checks import OpenStore, a_project_has_one_identity, check_finding
from swither.project.records import Cycle, EventKind, ImageFile, ProjectEvent, Question, Receipt

Check = Callable[[OpenStore], None]

IMAGES = tuple(f"{number:032x}" for number in range(6))
"""Images that every check finds put."""


def at(second: float) -> str:
    """A time, so many seconds after an arbitrary one.

    Example:
        >>> at(61)
        '2026-01-01T00:01:01.000000Z'
    """
    minutes, seconds = divmod(second, 60)
    return f"2026-01-01T00:{int(minutes):02d}:{seconds:09.6f}Z"


def said(event: str, kind: EventKind, **values: Any) -> ProjectEvent:
    """An event, short to write."""
    return ProjectEvent(event, kind, at(0), by="ann", **values)


ADDED = said("added", "class_added", class_id="cat", text="Cat")
LABELLED = said("labelled", "labelled", image=IMAGES[0], class_id="cat", query="token", seconds=1.25)


@contextmanager
def begun(open_store: OpenStore) -> Iterator[Store]:
    """A store with files and one class."""
    with open_store() as store:
        store.put_files([ImageFile(f"{image[-1]}.jpg", 10, 20, image) for image in IMAGES])
        store.append([ADDED], at(1))
        yield store


def events_get_consecutive_numbers_and_read_back_as_they_were(open_store: OpenStore) -> None:
    """Whole, in order, with nothing changed but what the store gives; by every handle."""
    declined = said("declined", "declined", image=IMAGES[1], text="more than one ☃ ' \" ; --")
    with begun(open_store) as store:
        receipt = store.append([LABELLED, declined], at(2))
        assert receipt == Receipt(stored=("labelled", "declined"))
        expected = (
            replace(ADDED, sequence=1, received=at(1)),
            replace(LABELLED, sequence=2, received=at(2)),
            replace(declined, sequence=3, received=at(2)),
        )
        with open_store() as other:
            for handle in (store, other):
                assert handle.events() == expected
                assert handle.events(after=1) == expected[1:]
                assert handle.events(after=3) == ()


def an_event_sent_again_is_harmless(open_store: OpenStore) -> None:
    """The same id with the same content is not stored twice, not even in one call."""
    with begun(open_store) as store:
        store.append([LABELLED], at(2))
        again = store.append([LABELLED, said("other", "skipped", image=IMAGES[2]), LABELLED], at(3))
        assert again == Receipt(stored=("other",), repeated=("labelled", "labelled"))
        twice = said("twice", "skipped", image=IMAGES[3])
        assert store.append([twice, twice], at(4)) == Receipt(stored=("twice",), repeated=("twice",))
        assert [event.sequence for event in store.events()] == [1, 2, 3, 4]
        assert store.events()[1].received == at(2), "what was stored first stays"


def a_refused_call_stores_nothing(open_store: OpenStore) -> None:
    """One bad event among good ones: whole or not at all."""
    good = said("good", "skipped", image=IMAGES[0])
    bad = (
        said("bad", "labelled", image="f" * 32, class_id="cat"),
        said("bad", "labelled", image=IMAGES[0], class_id="dog"),
        said("bad", "labelled", image=IMAGES[0]),
        said("bad", "undone", undoes="nobody"),
        said("bad", "undone", undoes="bad"),
        said("bad", "class_merged", class_id="cat", into="dog"),
        said("bad", "class_merged", class_id="cat", into="cat"),
        said("bad", "class_added", class_id="cat", text="Cat again"),
        said("bad", "class_added", class_id="dog", text="  "),
        said("bad", "labelled", image=IMAGES[0], class_id="cat", seconds=float("nan")),
        replace(said("bad", "skipped", image=IMAGES[0]), at="yesterday"),
        said("added", "class_added", class_id="cat", text="another content"),
        said("", "skipped", image=IMAGES[0]),
        said("bad", "guessed", image=IMAGES[0]),  # type: ignore[arg-type]
    )
    with begun(open_store) as store:
        before, changes = store.events(), store.changes()
        for event in bad:
            _refused(lambda event=event: store.append([good, event], at(2)), f"{event} was taken")  # type: ignore[misc]
            assert store.events() == before, f"something was stored beside {event}"
        assert store.changes() == changes, "nothing was written, but the number of changes moved"


def a_class_may_be_added_and_used_in_one_call(open_store: OpenStore) -> None:
    """And an event may be undone in the call that brings it."""
    with begun(open_store) as store:
        store.append(
            [
                said("e1", "class_added", class_id="dog", text="Dog"),
                said("e2", "labelled", image=IMAGES[0], class_id="dog"),
                said("e3", "undone", undoes="e2"),
                said("e4", "class_merged", class_id="dog", into="cat"),
            ],
            at(2),
        )
        assert [event.event for event in store.events(after=1)] == ["e1", "e2", "e3", "e4"]


def an_image_stays_known_when_its_file_goes(open_store: OpenStore) -> None:
    """Labels outlive files."""
    with begun(open_store) as store:
        store.put_files([ImageFile("0.jpg", 11, 21, "e" * 32)])
        assert store.files_of(IMAGES[0]) == ()
        assert store.append([LABELLED], at(2)).stored == ("labelled",)


def files_are_replaced_by_path_and_found_by_content(open_store: OpenStore) -> None:
    """In order of path, whatever order they came in."""
    with open_store() as store:
        copy = ImageFile("b/copy ü.jpg", 1, 2**62, IMAGES[0], 640, 480)
        unread = ImageFile("a.jpg", 3, 4)
        broken = ImageFile("c.jpg", 0, 0, problem="empty", present=False)
        store.put_files([copy, broken, unread])
        assert store.files() == (unread, copy, broken)
        read = replace(unread, image=IMAGES[0], width=8, height=9)
        store.put_files([read])
        store.put_files([])
        assert store.files() == (read, copy, broken)
        check_finding(store)
        assert store.files_of(IMAGES[0]) == (read, copy)
        assert store.files_of(IMAGES[1]) == ()


def what_is_held_out_stays_and_says_since_when(open_store: OpenStore) -> None:
    """Also said twice, also by another handle."""
    with begun(open_store) as store:
        store.hold_out([IMAGES[3], IMAGES[1]])
        store.append([LABELLED], at(2))
        store.hold_out([IMAGES[1], IMAGES[2]])
        store.hold_out([])
        _refused(lambda: store.hold_out([IMAGES[4], "f" * 32]), "an image was held out that no file was put for")
        with open_store() as other:
            assert other.held_out() == {IMAGES[1], IMAGES[2], IMAGES[3]}
            assert list(other.held_out_after().items()) == [(IMAGES[3], 1), (IMAGES[1], 1), (IMAGES[2], 2)]


def questions_are_found_by_token_and_end(open_store: OpenStore) -> None:
    """A token that is put again keeps everything but its end."""
    first = Question("t1", IMAGES[0], "batch", "ann", at(0), at(10), batch=3)
    second = Question("t2", IMAGES[1], "test", "bob", at(1), at(20))
    with begun(open_store) as store:
        store.put_questions([first, second])
        assert store.questions(["t2", "t1", "none", "t1"]) == {"t1": first, "t2": second}
        assert store.questions([]) == {}
        assert store.open_questions(at(5)) == (first, second)
        assert store.open_questions(at(10)) == (second,)
        store.put_questions([replace(first, until=at(30), by="bob", batch=4, source="test")])
        assert store.questions(["t1"]) == {"t1": replace(first, until=at(30))}
        assert store.open_questions(at(25)) == (replace(first, until=at(30)),)


def questions_that_were_shown_and_not_answered_are_forgotten(open_store: OpenStore) -> None:
    """Those of the named sources, that ended before; an answered one stays, as its answer is read by it."""
    shown = [
        Question(f"{source}{n}", IMAGES[n], source, "ann", at(0), at(10 + n))
        for source in ("review", "grid", "batch")
        for n in range(3)
    ]
    with begun(open_store) as store, open_store() as other:
        store.put_questions(shown)
        store.append([said("answer", "labelled", image=IMAGES[0], class_id="cat", query="review0")], at(2))
        tokens = [question.token for question in shown]
        assert other.forget_questions(["review", "grid"], at(12)) == 3
        assert set(tokens) - set(store.questions(tokens)) == {"review1", "grid0", "grid1"}
        changes = store.changes()
        assert store.forget_questions(["review", "grid"], at(12)) == 0
        assert store.changes() == changes, "nothing was removed, but the number of changes moved"


def a_question_is_asked_of_a_known_image_before_its_answer(open_store: OpenStore) -> None:
    """Otherwise an answer that was read already would be read otherwise."""
    with begun(open_store) as store:
        store.append([LABELLED], at(2))
        question = Question("token", IMAGES[0], "batch", "ann", at(0), at(10), batch=3)
        _refused(lambda: store.put_questions([question]), "a question came after its answer")
        _refused(
            lambda: store.put_questions([replace(question, token="new", image="f" * 32)]),
            "a question was put for an image that is not there",
        )
        assert store.questions(["token", "new"]) == {}


def one_worker_at_a_time_does_a_job(open_store: OpenStore) -> None:
    """Until its lease ends; then another one takes it, and the first one is told."""
    with open_store() as store, open_store() as other:
        assert store.take_job("w1", at(0), at(30)) is None
        asked = store.request_job("cycle", at(0))
        assert (asked.number, asked.state, asked.requested) == (1, "waiting", at(0))
        assert other.request_job("cycle", at(1)) == asked, "one that waits is enough"
        taken = store.take_job("w1", at(2), at(32))
        assert taken is not None
        assert (taken.number, taken.state, taken.worker, taken.attempts) == (1, "running", "w1", 1)
        waiting = other.request_job("cycle", at(3))
        assert waiting.number == 2, "one that runs does not know of what came since"
        assert other.take_job("w2", at(31), at(61)) is None
        assert store.keep_job(1, "w1", at(40), {"what": "training", "done": 3, "of": 40})
        assert not other.keep_job(1, "w2", at(99), {})
        assert other.jobs()[1].progress == {"what": "training", "done": 3, "of": 40}
        assert other.take_job("w2", at(39), at(69)) is None
        again = other.take_job("w2", at(41), at(71))
        assert again is not None
        assert (again.number, again.worker, again.attempts) == (1, "w2", 2)
        assert not store.keep_job(1, "w1", at(99), {})
        assert not store.fail_job(1, "w1", "late", again=True)
        assert not store.publish(_cycle(1), "w1")
        assert store.cycles() == ()
        assert [job.number for job in store.jobs()] == [2, 1]
        assert [job.number for job in store.jobs(last=1)] == [2]


def a_failed_job_is_tried_again_or_not(open_store: OpenStore) -> None:
    """As whoever gives it back says."""
    with open_store() as store:
        store.request_job("cycle", at(0))
        store.take_job("w1", at(0), at(30))
        assert store.fail_job(1, "w1", "no memory", again=True)
        back = store.jobs()[0]
        assert (back.state, back.worker, back.error, back.attempts) == ("waiting", "", "no memory", 1)
        store.take_job("w2", at(1), at(30))
        assert store.fail_job(1, "w2", "no memory", again=False)
        assert store.jobs()[0].state == "failed"
        assert store.take_job("w3", at(2), at(30)) is None
        assert not store.keep_job(1, "w2", at(50), {})
        assert not store.fail_job(7, "w2", "no such job", again=False)


def a_cycle_and_its_job_end_together(open_store: OpenStore) -> None:
    """Once; read by a handle that has read cycles before, too."""
    with open_store() as store, open_store() as other:
        for number in (1, 2):
            store.request_job("cycle", at(0))
            store.take_job("w1", at(0), at(30))
            assert store.publish(_cycle(number), "w1")
            assert not store.publish(_cycle(number), "w1"), "a cycle was published twice"
            expected = tuple(replace(_cycle(n), number=n) for n in range(1, number + 1))
            assert store.cycles() == other.cycles() == expected
            assert other.jobs()[0].state == "done"


def notes_are_kept_under_a_name(open_store: OpenStore) -> None:
    """Any JSON value, the last one."""
    with open_store() as store, open_store() as other:
        assert store.note("n") is None
        assert store.note("n", otherwise=7) == 7
        values: tuple[Any, ...] = ({"what": "reading", "done": [1, 2.5, None, "é"]}, [], None, "text")
        for value in values:
            store.set_note("n", value)
            assert other.note("n", otherwise=7) == value


def every_write_moves_the_number_of_changes(open_store: OpenStore) -> None:
    """As another handle sees it."""
    with begun(open_store) as store, open_store() as other:
        store.request_job("cycle", at(0))
        writes: tuple[Callable[[], object], ...] = (
            lambda: store.append([LABELLED], at(2)),
            lambda: store.put_files([ImageFile("new.jpg", 1, 1)]),
            lambda: store.hold_out([IMAGES[5]]),
            lambda: store.put_questions([Question("t", IMAGES[1], "test", "ann", at(0), at(9))]),
            lambda: store.take_job("w", at(0), at(30)),
            lambda: store.keep_job(1, "w", at(40), {}),
            lambda: store.publish(_cycle(1), "w"),
            lambda: store.set_note("n", 1),
        )
        seen = other.changes()
        for write in writes:
            write()
            assert other.changes() > seen, "a write went unnoticed"
            seen = other.changes()
        assert other.changes() == seen, "reading moved the number"


def writers_of_many_threads_lose_nothing(open_store: OpenStore) -> None:
    """Each on a handle of its own and all on one; numbers stay consecutive, readers see beginnings of one list."""
    threads, each = 4, 10
    problems: list[BaseException] = []
    seen: list[tuple[ProjectEvent, ...]] = []
    with begun(open_store) as shared:

        def write(number: int) -> None:
            try:
                store = shared if number % 2 else open_store()
                for step in range(each):
                    store.append([said(f"{number}-{step}", "skipped", image=IMAGES[number])], at(2))
                    seen.append(store.events())
                if store is not shared:
                    store.close()
            except BaseException as problem:  # told in the thread that checks
                problems.append(problem)

        writers = [threading.Thread(target=write, args=(number,)) for number in range(threads)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert not problems, problems
        events = shared.events()
        assert [event.sequence for event in events] == list(range(1, threads * each + 2))
        assert len({event.event for event in events}) == len(events)
        assert all(events[: len(some)] == some for some in seen), "what was read changed afterwards"


CHECKS: tuple[Check, ...] = (
    a_project_has_one_identity,
    events_get_consecutive_numbers_and_read_back_as_they_were,
    an_event_sent_again_is_harmless,
    a_refused_call_stores_nothing,
    a_class_may_be_added_and_used_in_one_call,
    an_image_stays_known_when_its_file_goes,
    files_are_replaced_by_path_and_found_by_content,
    what_is_held_out_stays_and_says_since_when,
    questions_are_found_by_token_and_end,
    questions_that_were_shown_and_not_answered_are_forgotten,
    a_question_is_asked_of_a_known_image_before_its_answer,
    one_worker_at_a_time_does_a_job,
    a_failed_job_is_tried_again_or_not,
    a_cycle_and_its_job_end_together,
    notes_are_kept_under_a_name,
    every_write_moves_the_number_of_changes,
    writers_of_many_threads_lose_nothing,
)
"""Every check; each wants a data base of its own."""


def check_store(databases: Callable[[], OpenStore]) -> None:
    """Run every check.

    Args:
        databases: makes a new, empty data base each time and gives a function that opens it.

    Raises:
        AssertionError: a promise is not kept; its traceback says which check found it.
    """
    for check in CHECKS:
        check(databases())


def _cycle(job: int) -> Cycle:
    facts = {"accuracy": {"right": 3, "counted": 4}, "why": "small"}
    return Cycle(job, job, 5, 4, ("cat", "dog"), (IMAGES[1], IMAGES[0]), "key", facts, at(9))


def _refused(call: Callable[[], object], otherwise: str) -> None:
    try:
        call()
    except InputError as error:
        if str(error):
            return
        otherwise = "refused without a word"
    raise AssertionError(otherwise)
