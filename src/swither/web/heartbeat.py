"""A note in the store that a server is there, so that the worker stays."""

from __future__ import annotations

import threading
from types import TracebackType

from swither.project.clock import now
from swither.project.project import Project

NOTE = "server"
SECONDS = 30.0


class Heartbeat:
    """Leaves the note at once and then every half minute, until the server ends.

    Args:
        project: whose store.
        stopping: set when the server ends.
    """

    def __init__(self, project: Project, stopping: threading.Event) -> None:
        self._project = project
        self._stopping = stopping
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
        while True:
            self._project.store.set_note(NOTE, {"at": now()})
            if self._stopping.wait(SECONDS):
                return
