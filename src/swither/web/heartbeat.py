"""A thread beside the server: a note that it is there, so that the worker stays, and a worker where there is none."""

from __future__ import annotations

import logging
import socket
import threading
import time
from dataclasses import asdict, dataclass
from types import TracebackType

from swither.project.clock import now, seconds_between
from swither.project.notes import SERVER
from swither.project.project import Project
from swither.web import training

BETWEEN_NOTES = 30.0
BETWEEN_LOOKS = 5.0
ANSWERS_WITHIN = 0.5
BEFORE_THE_WORKER = 2.0
"""Whoever opened the page sees the first image before the worker takes a core."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Served:
    """Where a server is.

    Attributes:
        url: what a browser opens, without a token: the note that it stands in is no secret.
        host: that this machine reaches it by.
        port: that it listens on.
    """

    url: str
    host: str
    port: int

    def answers(self) -> bool:
        """Whether somebody listens there: a server that was killed leaves its note."""
        try:
            socket.create_connection((self.host, self.port), timeout=ANSWERS_WITHIN).close()
        except OSError:
            return False
        return True


def running_server(project: Project) -> Served | None:
    """Another server of the project, from the note that it leaves; None where none answers.

    Args:
        project: whose store.
    """
    note = project.store.note(SERVER) or {}
    if not note.get("url") or seconds_between(note["at"], now()) > 3 * BETWEEN_NOTES:
        return None
    found = Served(note["url"], note["host"], note["port"])
    return found if found.answers() else None


class Heartbeat:
    """Leaves the note, and starts the worker, until the server ends; a worker that was killed is started again.

    Args:
        project: whose store.
        stopping: set when the server ends.
        served: where the server is, for one that is started beside it.
    """

    def __init__(self, project: Project, stopping: threading.Event, served: Served | None = None) -> None:
        self._project = project
        self._stopping = stopping
        self._served = {} if served is None else asdict(served)
        self._thread = threading.Thread(target=self._beat, name="swither-heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        noted = begun = -float("inf")
        pause = BEFORE_THE_WORKER
        while not self._stopping.wait(pause):
            pause = BETWEEN_LOOKS
            moment = time.monotonic()
            try:
                if moment - noted >= BETWEEN_NOTES:
                    self._project.store.set_note(SERVER, {"at": now(), **self._served})
                    noted = moment
                if moment - begun >= BETWEEN_NOTES and training.start_worker(
                    self._project
                ):  # one that breaks is no loop
                    begun = moment
            except Exception:
                _log.exception("the worker could not be looked after; labelling goes on")
