"""Several processes, sudden ends and what SQLite alone has to answer for; the contract is held in tests/conformance."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from swither.project.records import ImageFile, ProjectEvent
from swither.project.sql_store import SqlStore

AT = "2026-03-01T12:30:00.000000Z"
WRITER = Path(__file__).with_name("writing_process.py")
IMAGE = "a" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "labels.db"
    with SqlStore(path) as store:
        store.put_files([ImageFile("a.jpg", 1, 1, IMAGE)])
    return path


class Writer:
    """A process that writes; `start` lets it begin."""

    def __init__(self, path: Path, name: str, count: int, each: int = 1) -> None:
        command = [sys.executable, str(WRITER), str(path), name, str(count), str(each)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def start(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def told(self) -> Iterator[int]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                yield int(line)

    def close(self) -> int:
        code = self.process.wait(60)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        return code


def test_two_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    writers = [Writer(path, name, 40, each=3) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    with SqlStore(path) as store:
        seen = store.events()
        while any(writer.process.poll() is None for writer in writers):
            now = store.events()
            assert now[: len(seen)] == seen, "what was read changed while others wrote"
            seen = now
        assert [writer.close() for writer in writers] == [0, 0]
        events = store.events()
    assert [event.sequence for event in events] == list(range(1, 241))
    for name in ("one", "two"):
        own = [event.event for event in events if event.by == name]
        assert own == [f"{name}-{number}-{part}" for number in range(40) for part in range(3)]
    places = {event.by: [e.sequence for e in events if e.by == event.by] for event in events}
    for group in (events[i : i + 3] for i in range(0, 240, 3)):
        assert len({event.by for event in group}) == 1, f"a call was torn apart: {places}"


def test_a_process_killed_while_writing_loses_nothing_that_it_was_told_is_stored(path: Path) -> None:
    for turn in range(3):
        writer = Writer(path, f"w{turn}", 1_000_000, each=5)
        writer.start()
        last = -1
        until = time.monotonic() + 0.3 + 0.2 * turn
        for number in writer.told():
            last = number
            if time.monotonic() > until:
                writer.process.kill()  # what it still says on its way out counts, too
        assert writer.close() == -9
        with SqlStore(path, create=False) as store:
            own = [event.event for event in store.events() if event.by == f"w{turn}"]
            whole = [f"w{turn}-{number}-{part}" for number in range(len(own) // 5) for part in range(5)]
            assert own == whole, "a call is there in part"
            assert len(own) >= 5 * (last + 1), "something that was told to be stored is gone"
            again = ProjectEvent(own[-1], "skipped", AT, by=f"w{turn}", image=IMAGE)
            assert store.append([again], AT).repeated == (own[-1],)


def test_readers_do_not_wait_for_a_writer(path: Path) -> None:
    with SqlStore(path) as store, SqlStore(path) as other:
        inside, go = threading.Event(), threading.Event()

        def write() -> None:
            with store._database.writing():
                inside.set()
                go.wait(20)

        writer = threading.Thread(target=write)
        writer.start()
        assert inside.wait(20)
        begin = time.monotonic()
        assert other.events() == ()
        assert store.files_of(IMAGE)
        taken = time.monotonic() - begin
        go.set()
        writer.join()
        assert taken < 5


def test_power_cuts_find_everything_on_disk_and_keys_are_checked(path: Path) -> None:
    with SqlStore(path) as store, store._database.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_many_events_of_one_call_come_back_in_order(path: Path) -> None:
    events = [ProjectEvent(f"e{n}", "skipped", AT, image=IMAGE) for n in range(2_000)]
    with SqlStore(path) as store:
        assert len(store.append(events, AT).stored) == 2_000
        assert len(store.append(events, AT).repeated) == 2_000
        assert [event.event for event in store.events()] == [event.event for event in events]
