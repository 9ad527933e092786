"""What a data base says when it cannot be opened or written, and that nothing is lost by it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from swither.errors import Busy, DamagedState, NewerFormat, NotEnoughSpace, NotWritable, SwitherError
from swither.project import database
from swither.project.migrations import REVISIONS, migrate, upgrade
from swither.project.records import ImageFile, ProjectEvent
from swither.project.sql_store import SqlStore

AT = "2026-03-01T12:30:00.000000Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "labels.db"
    with SqlStore(path) as store:
        store.put_files([ImageFile(f"{n}.jpg", 1, 1, f"{n:032x}") for n in range(500)])
        store.append([ProjectEvent("first", "skipped", AT, image=f"{0:032x}")], AT)
    return path


def change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def kept(path: Path) -> dict[str, bytes]:
    """The data base and its write-ahead log; what lies in the -shm file, SQLite makes anew from them."""
    files = {file.name: file.read_bytes() for file in path.parent.glob("labels.db*") if not file.name.endswith("-shm")}
    return {name: content for name, content in files.items() if content}


def refused(path: Path, error: type[SwitherError]) -> str:
    """Opening is refused, with words, and leaves every byte as it was."""
    before = kept(path)
    for create in (True, False):
        with pytest.raises(error) as caught:
            SqlStore(path, create=create)
    assert kept(path) == before, "a file that could not be read was written to"
    return str(caught.value)


def test_a_newer_schema_is_refused_by_name(path: Path) -> None:
    change(path, "UPDATE alembic_version SET version_num = '0099'")
    words = refused(path, NewerFormat)
    assert "'0099'" in words
    assert repr(REVISIONS[-1]) in words


@pytest.mark.parametrize("damage", [b"this is no data base at all" * 99, b"\0" * 5000, b"\xff" * 100])
def test_a_file_that_is_no_data_base_is_never_overwritten(path: Path, damage: bytes) -> None:
    path.write_bytes(damage)
    assert "backup" in refused(path, DamagedState)


def test_a_data_base_damaged_in_the_middle_is_told_at_opening(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\x5a" * (4096 * 3)
    path.write_bytes(content)
    assert ".recover" in refused(path, DamagedState)


def test_a_data_base_cut_short_is_told_at_opening(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 * 2])
    refused(path, DamagedState)


KILLED = """
import os, signal, sys
from pathlib import Path
from swither.project.records import ProjectEvent
from swither.project.sql_store import SqlStore
store = SqlStore(Path(sys.argv[1]))
store.append([ProjectEvent(f"n{n}", "skipped", "2026-03-01T12:30:00Z", image="0" * 32) for n in range(50)], "2026")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_beside_a_damaged_file_stays_there(path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False, timeout=120)
    log = path.with_name("labels.db-wal")
    assert log.stat().st_size > 0
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\x5a" * (len(whole) - 4096))
    refused(path, DamagedState)
    path.write_bytes(whole)
    with SqlStore(path, create=False) as store:
        assert len(store.events()) == 51


def test_damage_that_shows_later_is_told_in_the_same_words(path: Path) -> None:
    with SqlStore(path) as store:
        content = bytearray(path.read_bytes())
        content[4096 * 2 :] = b"\x5a" * (len(content) - 4096 * 2)
        path.write_bytes(content)
        store._database._engine.dispose()  # the next read begins with an empty cache
        with pytest.raises(DamagedState, match="backup"):
            store.files()


def test_another_programs_data_base_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    change(path, "CREATE TABLE theirs (id INTEGER)")
    assert "not one of swither's" in refused(path, DamagedState)


@pytest.mark.parametrize("content", [None, b""])
def test_a_store_that_is_gone_is_not_begun_anew_in_silence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "labels.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DamagedState, match="missing or empty"):
        SqlStore(path, create=False)
    assert path.exists() == (content is not None)


def test_a_full_disk_is_told_and_nothing_is_lost(path: Path) -> None:
    with SqlStore(path) as store:
        engine = store._database._engine
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        events = [ProjectEvent(f"e{n}", "skipped", AT, image=f"{n % 500:032x}", text=None) for n in range(5000)]
        with pytest.raises(NotEnoughSpace, match="free some space"):
            store.append(events, AT)
        assert [event.event for event in store.events()] == ["first"]
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        store.append(events, AT)
        assert len(store.events()) == 5001


FULL = """
import resource, signal, sys
from pathlib import Path
from swither.errors import NotEnoughSpace
from swither.project.records import ProjectEvent
from swither.project.sql_store import SqlStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = SqlStore(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
stored = 0
try:
    for number in range(100_000):
        store.append([ProjectEvent(f"n{number}", "skipped", "2026-03-01T12:30:00Z", image="0" * 32)], "2026")
        stored += 1
except NotEnoughSpace as error:
    assert "untouched" in str(error), error
    assert len(store.events()) == stored + 1, (len(store.events()), stored)
    print(stored)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_disk_that_refuses_to_grow_a_file_loses_nothing_that_was_stored(path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with SqlStore(path, create=False) as store:
        assert len(store.events()) == int(done.stdout) + 1
        store.append([ProjectEvent("after", "skipped", AT, image=f"{0:032x}")], AT)


def test_a_beginning_that_fails_half_way_is_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, whole = tmp_path / "labels.db", database.migrate

    def cut(connection: Connection) -> None:
        whole(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(database, "migrate", cut)
    with pytest.raises(KeyboardInterrupt):
        SqlStore(path)
    with pytest.raises(DamagedState, match="missing or empty"):
        SqlStore(path, create=False)
    monkeypatch.setattr(database, "migrate", whole)
    with SqlStore(path) as store:
        store.set_note("n", 1)
        assert store.changes() == 1


BEGUN = """
import sys
from pathlib import Path
from swither.project.project import Project
sys.stdin.readline()
with Project.open_or_create(Path(sys.argv[1])) as project:
    project.store.set_note(sys.argv[2], project.settings.name)
"""


def test_processes_that_begin_one_project_together_begin_it_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BEGUN, str(tmp_path)]
    started = [
        subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for n in range(3)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        _, problems = process.communicate(timeout=120)
        assert process.returncode == 0, problems
    with SqlStore(tmp_path / ".swither" / "labels.db", create=False) as store:
        assert [store.note(str(n)) for n in range(3)] == [tmp_path.name] * 3
        assert store.changes() == 4  # the identity, once, and three notes


def test_threads_that_begin_several_projects_at_once_do_not_mix_them_up(tmp_path: Path) -> None:
    problems: list[BaseException] = []

    def begin(number: int) -> None:
        try:
            with SqlStore(tmp_path / str(number) / "labels.db") as store:
                store.set_note("n", number)
                assert store.note("n") == number
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems


def test_a_lock_that_never_comes_free_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WAIT", 0.2)
    blocker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    blocker.execute("BEGIN IMMEDIATE")
    with SqlStore(path) as store:
        with pytest.raises(Busy, match="another process"):
            store.set_note("n", 1)
        blocker.execute("ROLLBACK")
        blocker.close()
        store.set_note("n", 1)
        held, go = threading.Event(), threading.Event()

        def hold() -> None:
            with store._database.writing():
                held.set()
                go.wait(20)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(20)
        with pytest.raises(Busy):
            store.set_note("n", 2)
        go.set()
        thread.join()
        assert store.note("n") == 1


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable):
        SqlStore(tmp_path / "file" / "labels.db")


def test_a_path_with_odd_characters_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a ?mode=memory#%41 ü" / "labels.db"
    with SqlStore(path) as store:
        store.set_note("n", 1)
    assert path.stat().st_size > 0
    with SqlStore(path, create=False) as store:
        assert store.note("n") == 1


def test_a_new_data_base_is_the_one_that_the_migrations_make(tmp_path: Path) -> None:
    made = {}
    for name, make in (("at once", migrate), ("step by step", upgrade)):
        engine = create_engine(f"sqlite:///{tmp_path / name}.db")
        with engine.begin() as connection:
            make(connection)
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").all()
            made[name] = {(kind, table): " ".join((sql or "").split()) for kind, table, sql in rows}
            made[name]["version"] = connection.exec_driver_sql("SELECT * FROM alembic_version").all()
            made[name]["counter"] = connection.exec_driver_sql("SELECT * FROM counter").all()
        engine.dispose()
    assert made["at once"] == made["step by step"]


def test_every_migration_is_named_in_its_order() -> None:
    from alembic.script import ScriptDirectory

    folder = Path(database.__file__).parent / "migrations"
    scripts = list(ScriptDirectory(folder).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == REVISIONS


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_project_of_every_older_schema_opens_with_its_labels(revision: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.db"
    connection = sqlite3.connect(path)
    connection.executescript((Path(__file__).parent / "schemas" / f"{revision}.sql").read_text())
    connection.close()
    with SqlStore(path, create=False) as store:
        assert [event.kind for event in store.events()] == ["class_added", "labelled", "undone"]
        assert store.held_out_after() == {"b" * 32: 1}
        assert [file.path for file in store.files()] == ["a.jpg", "b.jpg"]
        assert [cycle.classes for cycle in store.cycles()] == [("cat",)]
        assert store.note("indexing") == {"done": 2}
        assert store.questions(["t"])["t"].batch == 1
