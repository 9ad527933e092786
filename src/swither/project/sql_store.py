"""The store in an SQLite file, by SQLAlchemy; what each method promises stands in `swither.project.contract`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Table, case, delete, distinct, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from swither.project import tables
from swither.project.database import Database
from swither.project.event_rules import check_event
from swither.project.records import Cycle, ImageFile, Job, ProjectEvent, Question, Receipt
from swither.project.references import (
    EVENT,
    check_references,
    columns_of,
    in_parts,
    new_events,
    refuse_answered,
    refuse_unknown,
)

_IDENTITY = "identity"  # the name of a note
_FILE = tuple(field.name for field in fields(ImageFile))
_QUESTION = tuple(field.name for field in fields(Question))
_JOB = tuple(field.name for field in fields(Job))
_CYCLE = tuple(field.name for field in fields(Cycle))
_EVENTS_AFTER = "SELECT {} FROM events WHERE sequence > ? ORDER BY sequence".format(", ".join(f'"{n}"' for n in EVENT))


class SqlStore:
    """Events, files, questions, jobs and cycles of one project in one SQLite file.

    Args:
        path: the file, ``labels.db``.
        create: make it where it is missing; otherwise that is an error.

    Raises:
        DamagedState, NewerFormat, NotWritable, Busy: it cannot be opened; the message says what to do.

    Example:
        >>> import tempfile
        >>> from swither.project.clock import now
        >>> store = SqlStore(Path(tempfile.mkdtemp()) / "labels.db")
        >>> store.append([ProjectEvent("e1", "class_added", now(), class_id="c1", text="cat")], now()).stored
        ('e1',)
        >>> [event.text for event in store.events()]
        ['cat']
        >>> store.close()
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self._database = Database(path, create=create)
        self._cycles: tuple[Cycle, ...] = ()

    def identity(self) -> str:
        """A random id that no other project has; made when it is first asked for, and never another."""
        known = self.note(_IDENTITY)
        if known is None:
            made = upsert(tables.notes).on_conflict_do_nothing()
            with self._database.writing() as connection:  # of several that make one at once the first one stays
                connection.execute(made, [{"name": _IDENTITY, "value": secrets.token_hex(16)}])
            known = self.note(_IDENTITY)
        return str(known)

    # Events

    def append(self, events: Sequence[ProjectEvent], received: str) -> Receipt:
        """Add events behind all others; see the contract."""
        events = list(events)
        for event in events:
            check_event(event)
        if not events:
            return Receipt()
        with self._database.writing() as connection:
            new, repeated = new_events(connection, events)
            check_references(connection, new)
            last = _last_event(connection)
            added = [{"id": event.class_id} for event in new if event.kind == "class_added"]
            if added:
                connection.execute(insert(tables.classes), added)
            rows = [
                vars(event) | {"sequence": last + place, "received": received} for place, event in enumerate(new, 1)
            ]
            if rows:
                connection.execute(insert(tables.events), rows)
        return Receipt(tuple(event.event for event in new), tuple(repeated))

    def events(self, after: int = 0) -> tuple[ProjectEvent, ...]:
        """All events with a `sequence` above `after`, in order."""
        with self._database.reading() as connection:
            cursor = connection.exec_driver_sql(_EVENTS_AFTER, (after,)).cursor
            assert cursor is not None
            return tuple(ProjectEvent(*row) for row in cursor.fetchall())  # bare rows: there may be 100,000

    # Files and images

    def put_files(self, files: Iterable[ImageFile]) -> None:
        """Add files or replace what was known of the same paths."""
        rows = [dict(vars(file)) for file in files]
        if not rows:
            return
        images = sorted({row["image"] for row in rows if row["image"] is not None})
        with self._database.writing() as connection:
            if images:
                known = upsert(tables.images).on_conflict_do_nothing()
                connection.execute(known, [{"id": image} for image in images])
            statement = upsert(tables.files)
            changed = {name: statement.excluded[name] for name in _FILE if name != "path"}
            connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=changed), rows)

    def files(self) -> tuple[ImageFile, ...]:
        """All files that were ever seen, in order of path."""
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns_of(tables.files, _FILE)).order_by(tables.files.c.path)).all()
        return tuple(ImageFile(*row) for row in rows)

    def files_of(self, image: str) -> tuple[ImageFile, ...]:
        """The files with this content, in order of path."""
        chosen = select(*columns_of(tables.files, _FILE)).where(tables.files.c.image == image)
        with self._database.reading() as connection:
            rows = connection.execute(chosen.order_by(tables.files.c.path)).all()
        return tuple(ImageFile(*row) for row in rows)

    def count_files(self) -> tuple[int, int]:
        """How many files are present, and how many images they hold that can be shown."""
        file = tables.files.c
        unread = func.sum(case((file.image.is_(None) & file.problem.is_(None), 1), else_=0))
        shown = func.count(distinct(case((file.problem.is_(None), file.image))))
        with self._database.reading() as connection:
            files, images, new = connection.execute(select(func.count(), shown, unread).where(file.present)).one()
        return files, images + (new or 0)

    def gone_images(self) -> frozenset[str]:
        """Ids of the images none of whose files is present."""
        image = tables.files.c.image
        chosen = select(image).where(image.is_not(None)).group_by(image).having(func.max(tables.files.c.present) == 0)
        with self._database.reading() as connection:
            return frozenset(connection.execute(chosen).scalars())

    def images_named(self, text: str, most: int) -> tuple[tuple[str, ...], int]:
        """Images with a present file whose path holds `text`, and how many files of that kind were not read yet."""
        file = tables.files.c
        here = file.present & file.problem.is_(None) & (func.instr(func.casefold(file.path), text.casefold()) > 0)
        read = select(file.image).where(here & file.image.is_not(None)).group_by(file.image)
        with self._database.reading() as connection:
            found = connection.execute(read.order_by(func.min(file.path)).limit(most)).scalars().all()
            unread = connection.execute(select(func.count()).where(here & file.image.is_(None))).scalar_one()
        return tuple(map(str, found)), unread

    def hold_out(self, images: Iterable[str]) -> None:
        """Fix that these images are for testing and never trained on."""
        wanted = list(dict.fromkeys(images))
        if not wanted:
            return
        with self._database.writing() as connection:
            refuse_unknown(connection, wanted, "hold out")
            said = {"after": _last_event(connection)}
            rows = [{"image": image, **said} for image in wanted]
            connection.execute(upsert(tables.held_out).on_conflict_do_nothing(index_elements=["image"]), rows)

    def held_out(self) -> frozenset[str]:
        """Ids of the images that are never trained on."""
        return frozenset(self.held_out_after())

    def held_out_after(self) -> dict[str, int]:
        """The images that are never trained on, in the order of saying so, each with the last event before that."""
        held = tables.held_out.c
        with self._database.reading() as connection:
            rows = connection.execute(select(held.image, held.after).order_by(held.number)).all()
        return {row.image: row.after for row in rows}

    # Questions

    def put_questions(self, questions: Iterable[Question]) -> None:
        """Add questions; a token that is there already gets the new `until`."""
        rows = [dict(vars(question)) for question in questions]
        if not rows:
            return
        with self._database.writing() as connection:
            refuse_unknown(connection, [row["image"] for row in rows], "ask for")
            refuse_answered(connection, [row["token"] for row in rows])
            statement = upsert(tables.questions)
            until = {"until": statement.excluded["until"]}
            connection.execute(statement.on_conflict_do_update(index_elements=["token"], set_=until), rows)

    def questions(self, tokens: Iterable[str]) -> dict[str, Question]:
        """Those of `tokens` that are known."""
        found = {}
        chosen = select(*columns_of(tables.questions, _QUESTION))
        with self._database.reading() as connection:
            for some in in_parts(list(dict.fromkeys(tokens))):
                for row in connection.execute(chosen.where(tables.questions.c.token.in_(some))):
                    found[row.token] = Question(**row._mapping)
        return found

    def open_questions(self, now: str) -> tuple[Question, ...]:
        """Those whose `until` lies after `now`, oldest first."""
        chosen = select(*columns_of(tables.questions, _QUESTION)).where(tables.questions.c.until > now)
        with self._database.reading() as connection:
            rows = connection.execute(chosen.order_by(tables.questions.c.number)).all()
        return tuple(Question(**row._mapping) for row in rows)

    def forget_questions(self, sources: Iterable[str], before: str) -> int:
        """Remove questions from some sources that were open before a time and never answered; how many."""
        question, event = tables.questions.c, tables.events.c
        answered = select(event.query).where(event.query == question.token).exists()
        old = question.source.in_(list(sources)) & (question.until < before) & ~answered
        with self._database.reading() as connection:
            count = connection.execute(select(func.count()).select_from(tables.questions).where(old)).scalar_one()
        if count:
            with self._database.writing() as connection:
                count = connection.execute(delete(tables.questions).where(old)).rowcount
        return int(count)

    # Jobs

    def request_job(self, kind: str, now: str) -> Job:
        """Ask for a job; one of this kind that waits already is it."""
        jobs = tables.jobs.c
        with self._database.writing() as connection:
            waiting = select(tables.jobs).where(jobs.kind == kind, jobs.state == "waiting").order_by(jobs.number)
            row = connection.execute(waiting.limit(1)).one_or_none()
            if row is not None:
                return _job(row)
            job = Job(_highest(connection, tables.jobs) + 1, kind, "waiting", requested=now)
            connection.execute(insert(tables.jobs), [asdict(job)])
        return job

    def take_job(self, worker: str, now: str, lease_until: str) -> Job | None:
        """Take the oldest job that waits, or runs with a lease that ended before `now`."""
        jobs = tables.jobs.c
        with self._database.writing() as connection:
            rows = connection.execute(
                select(tables.jobs).where(jobs.state.in_(("waiting", "running"))).order_by(jobs.number)
            ).all()
            if not rows or any(row.state == "running" and row.lease_until >= now for row in rows):
                return None
            job = _job(rows[0])
            job = replace(
                job, state="running", worker=worker, lease_until=lease_until, progress={}, attempts=job.attempts + 1
            )
            _change_job(connection, job)
        return job

    def keep_job(self, number: int, worker: str, lease_until: str, progress: Mapping[str, Any]) -> bool:
        """Lengthen the lease and say how far it is; False where `worker` does not hold it any more."""
        with self._database.writing() as connection:
            job = _held_job(connection, number, worker)
            if job is not None:
                _change_job(connection, replace(job, lease_until=lease_until, progress=dict(progress)))
        return job is not None

    def fail_job(self, number: int, worker: str, error: str, *, again: bool) -> bool:
        """Give a job back, to be tried `again` or as failed; False where `worker` does not hold it any more."""
        with self._database.writing() as connection:
            job = _held_job(connection, number, worker)
            if job is not None:
                state = replace(job, state="waiting", worker="") if again else replace(job, state="failed")
                _change_job(connection, replace(state, lease_until="", error=error))
        return job is not None

    def jobs(self, last: int = 10) -> tuple[Job, ...]:
        """The latest jobs, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(tables.jobs).order_by(tables.jobs.c.number.desc()).limit(last)).all()
        return tuple(map(_job, rows))

    def publish(self, cycle: Cycle, worker: str) -> bool:
        """Write a finished cycle and end its job, both or neither; False where `worker` lost the job."""
        with self._database.writing() as connection:
            job = _held_job(connection, cycle.job, worker)
            if job is None:
                return False
            row = asdict(replace(cycle, number=_highest(connection, tables.cycles) + 1))
            connection.execute(insert(tables.cycles), [row | {"ids": list(cycle.ids), "classes": list(cycle.classes)}])
            _change_job(connection, replace(job, state="done", lease_until="", error=""))
        return True

    def cycles(self) -> tuple[Cycle, ...]:
        """All finished cycles, in order; a cycle never changes, so each is read once."""
        known = self._cycles
        chosen = select(*columns_of(tables.cycles, _CYCLE)).where(tables.cycles.c.number > len(known))
        with self._database.reading() as connection:
            rows = connection.execute(chosen.order_by(tables.cycles.c.number)).all()
        new = [dict(row._mapping) for row in rows]
        found = (Cycle(**(row | {"ids": tuple(row["ids"]), "classes": tuple(row["classes"])})) for row in new)
        self._cycles = (*known, *found)
        return self._cycles

    # Notes

    def set_note(self, name: str, value: Any) -> None:
        """Keep a JSON value under a name, in place of what was there."""
        statement = upsert(tables.notes)
        changed = {"value": statement.excluded["value"]}
        with self._database.writing() as connection:
            row = {"name": name, "value": value}
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed), [row])

    def note(self, name: str, otherwise: Any = None) -> Any:
        """What is kept under a name."""
        with self._database.reading() as connection:
            row = connection.execute(select(tables.notes.c.value).where(tables.notes.c.name == name)).one_or_none()
        return otherwise if row is None else row.value

    def changes(self) -> int:
        """A number that goes up with every write by anyone."""
        with self._database.reading() as connection:
            return int(connection.exec_driver_sql("SELECT writes FROM counter").scalar_one())

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _highest(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.coalesce(func.max(table.c.number), 0))).scalar_one())


def _last_event(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(tables.events.c.sequence), 0))).scalar_one())


def _job(row: Any) -> Job:
    return Job(**{name: getattr(row, name) for name in _JOB})


def _held_job(connection: Connection, number: int, worker: str) -> Job | None:
    """The job, if `worker` holds it."""
    row = connection.execute(select(tables.jobs).where(tables.jobs.c.number == number)).one_or_none()
    return _job(row) if row is not None and row.state == "running" and row.worker == worker else None


def _change_job(connection: Connection, job: Job) -> None:
    connection.execute(update(tables.jobs).where(tables.jobs.c.number == job.number).values(**asdict(job)))
