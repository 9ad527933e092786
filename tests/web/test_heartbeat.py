"""The worker is there while the server is, is started again when it was killed, and never in a loop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict

import pytest

from swither.project.clock import now
from swither.project.project import Project
from swither.web import heartbeat, training
from swither.web.heartbeat import Heartbeat, Served, running_server
from swither.web.server import listen, served_at
from swither.web.workspace import Workspace


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When a worker was looked for; times are a fiftieth of the real ones."""
    found: list[float] = []

    def start(project: Project) -> bool:
        found.append(time.monotonic())
        return True

    monkeypatch.setattr(training, "start_worker", start)
    monkeypatch.setattr(heartbeat, "BEFORE_THE_WORKER", 0.04)
    monkeypatch.setattr(heartbeat, "BETWEEN_LOOKS", 0.1)
    monkeypatch.setattr(heartbeat, "BETWEEN_NOTES", 0.6)
    return found


def until(true: Callable[[], bool]) -> None:
    """Wait until something is true, for ten seconds at most."""
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    assert true()


def test_the_server_says_that_it_is_there_and_sees_to_a_worker(workspace: Workspace, looks: list[float]) -> None:
    with Heartbeat(workspace.project, workspace.stopping):
        until(lambda: bool(looks) and workspace.project.store.note("server") is not None)
    assert workspace.stopping.is_set()
    count = len(looks)
    time.sleep(0.3)
    assert len(looks) == count


def test_a_worker_that_dies_at_once_is_not_started_again_and_again(workspace: Workspace, looks: list[float]) -> None:
    with Heartbeat(workspace.project, workspace.stopping):
        until(lambda: len(looks) >= 2)
    assert looks[1] - looks[0] > 0.5


def test_an_error_does_not_end_it(
    workspace: Workspace, looks: list[float], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls = threading.Semaphore(0)

    def fail(project: Project) -> bool:
        calls.release()
        raise OSError("no processes left")

    monkeypatch.setattr(training, "start_worker", fail)
    with Heartbeat(workspace.project, workspace.stopping):
        assert calls.acquire(timeout=10)
        assert calls.acquire(timeout=10)
    assert "no processes left" in caplog.text


def test_another_server_is_known_by_its_note_while_it_answers_and_not_after(
    workspace: Workspace, looks: list[float]
) -> None:
    project = workspace.project
    with listen("127.0.0.1", 0) as listening:
        served = served_at(listening, "127.0.0.1")
        with Heartbeat(project, workspace.stopping, served):
            until(lambda: project.store.note("server") is not None)
        assert running_server(project) == served
    assert running_server(project) is None, "one that was killed leaves its note, and is not there"


def test_an_old_note_names_no_server_whoever_listens_at_its_address_now(workspace: Workspace) -> None:
    with listen("127.0.0.1", 0) as listening:
        served = Served("http://127.0.0.1/", "127.0.0.1", listening.getsockname()[1])
        for note, known in (({"at": now()}, False), ({"at": now(-1000), **asdict(served)}, False)):
            workspace.project.store.set_note("server", note)
            assert (running_server(workspace.project) is not None) is known
        workspace.project.store.set_note("server", {"at": now(), **asdict(served)})
        assert running_server(workspace.project) == served
