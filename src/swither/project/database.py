"""An SQLite file that is opened, brought to the newest schema, read and written in whole transactions.

WAL, so that readers wait for nobody; ``synchronous=FULL``, so that what was answered survives a power cut; foreign
keys; one writer at a time, in this process by a lock, beside other processes by ``BEGIN IMMEDIATE``. What SQLite says
of a full disk, a damaged file or a long wait becomes an error that says what to do.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from swither.errors import Busy, DamagedState, NewerFormat, NotEnoughSpace, NotWritable
from swither.files import locked, make_folder, room_for
from swither.project.migrations import REVISIONS, migrate

WAIT = 30.0
"""Seconds that a writer waits for the writers before it."""

_locks: dict[str, threading.Lock] = {}
_locks_lock = threading.Lock()


class Database:
    """One SQLite file.

    Args:
        path: the file.
        create: make it where it is missing or empty; otherwise that is an error, because labels would be missing.

    Raises:
        DamagedState: the file is damaged, is no data base of swither's, or is missing.
        NewerFormat: a newer swither wrote it.
        NotWritable, NotEnoughSpace, Busy: the disk or another process is in the way.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        if not create and not (path.is_file() and path.stat().st_size):
            raise DamagedState(_missing(path))
        make_folder(path.parent)
        self._lock = _lock_of(path)
        self._engine = create_engine(
            URL.create("sqlite", database=os.path.abspath(path)),  # whatever characters the path holds
            connect_args={"timeout": WAIT, "check_same_thread": False},
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=-1,
        )
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        try:
            with locked(path.with_name(path.name + ".lock"), wait=True), _in_words(path), room_for(path):
                self._open(create)
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the data base and changes nothing."""
        with _in_words(self.path), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is durable when it is left, or undone whole where it is left with an error."""
        if not self._lock.acquire(timeout=WAIT):
            raise Busy(_busy(self.path))
        try:
            with _in_words(self.path), self._engine.connect() as connection:
                connection = connection.execution_options(swither_writes=True)
                with connection.begin():
                    yield connection
                    connection.exec_driver_sql("UPDATE counter SET writes = writes + 1")
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _open(self, create: bool) -> None:
        schema = self._look()
        if schema == REVISIONS[-1]:
            return
        if schema is None and not create:
            raise DamagedState(_missing(self.path))
        if schema is not None and schema not in REVISIONS:
            raise NewerFormat(
                f"{self.path} has schema {schema!r}; this swither knows schemas up to {REVISIONS[-1]!r}. Nothing was "
                "changed. Use the newer swither that wrote it."
            )
        bare = self._engine.raw_connection()  # the mode cannot change within a transaction
        try:
            bare.cursor().execute("PRAGMA journal_mode=WAL")
        finally:
            bare.close()
        with self._engine.connect() as connection:
            connection = connection.execution_options(swither_writes=True)
            with connection.begin():
                migrate(connection)

    def _look(self) -> str | None:
        """Name of the schema, None where there is none yet; the file is opened for reading only.

        A connection that may write would, on closing, move what a killed process left in the write-ahead log into the
        file, which must not happen to a damaged one.
        """
        if not self.path.exists() or not self.path.stat().st_size:
            return None
        uri = Path(os.path.abspath(self.path)).as_uri() + "?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=WAIT)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise DamagedState(_damaged(self.path, str(verdict)))
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not names:
                return None
            if "alembic_version" not in names:
                raise DamagedState(
                    f"{self.path} is a data base, but not one of swither's: expected a table 'alembic_version' in it. "
                    "Nothing was changed. Move the file away, or give another folder."
                )
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row and row[0])


def _lock_of(path: Path) -> threading.Lock:
    with _locks_lock:
        return _locks.setdefault(os.path.realpath(path), threading.Lock())


def _prepare(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:  # noqa: ARG001
    """Set up a new connection; transactions begin where we say so, not where the driver guesses."""
    connection.isolation_level = None
    connection.create_function("casefold", 1, str.casefold, deterministic=True)
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", "fullfsync=ON", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("swither_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextlib.contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ones that say what to do."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        said = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(said, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise NotEnoughSpace(
                f"No space left on the disk while writing {path}. What was stored before is untouched, and nothing "
                "of this write is in it: free some space and do the same again."
            ) from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise DamagedState(_damaged(path, str(said))) from error
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Busy(_busy(path)) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise NotWritable(
                f"{path} cannot be written: {said}. Expected a file and a folder that may be written to."
            ) from error
        if code == sqlite3.SQLITE_IOERR:
            raise NotEnoughSpace(
                f"The disk refused to read or write {path}: {said}. What was stored before is untouched. See "
                "whether the disk is full, was taken out, or fails; then do the same again."
            ) from error
        raise


def _damaged(path: Path, what: str) -> str:
    name = path.name
    return (
        f"{path} is damaged: {what}. Nothing was changed, and nothing will be written to it. What to do: first copy "
        f"{name}, {name}-wal and {name}-shm to a safe place; then put back a copy from a backup, or save what can be "
        f"read with `sqlite3 {name} .recover | sqlite3 saved.db` and put saved.db in its place."
    )


def _missing(path: Path) -> str:
    return (
        f"{path} is missing or empty, but a project was begun there, so it held labels. Put {path.name} (with "
        f"{path.name}-wal, if there is one) back from where it was moved to, or from a backup. To begin anew "
        f"without any label, remove {path.parent} by hand."
    )


def _busy(path: Path) -> str:
    return (
        f"Waited {WAIT:.0f} seconds to write {path}, which another process keeps locked. Nothing was written. See what "
        "else works in this project, and do the same again."
    )
