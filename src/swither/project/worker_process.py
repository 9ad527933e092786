"""The worker as a process of its own: it outlives the server that started it, and there is one for each project.

    python -m swither.project.worker_process FOLDER

An exclusive lock of the operating system says that a worker lives; the system lets go of it when the process dies,
however it dies. So a second server starts no second worker, and a dead one is never taken for alive.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from swither.errors import Busy
from swither.files import locked
from swither.project.clock import now

if TYPE_CHECKING:
    from swither.project.project import Project

MODULE = "swither.project.worker_process"
LOCK, LOG = "worker.lock", "worker.log"
_MOST_LOG = 1_000_000  # bytes; a longer log is begun anew
_NICENESS = 5  # whoever labels on the same machine goes first

_started: dict[Path, subprocess.Popen[bytes]] = {}


def worker_lives(project: Project) -> bool:
    """Whether a worker process has the project's lock."""
    try:
        with locked(project.derived(LOCK)):
            return False
    except Busy:
        return True


def ensure_worker(project: Project) -> bool:
    """Start the worker's process unless one lives, or was started by this process and is coming up.

    Args:
        project: for which.

    Returns:
        Whether one was started now.
    """
    child = _started.get(project.folder)
    if (child is not None and child.poll() is None) or worker_lives(project):
        _end_an_older_one(project)
        return False
    place = project.derived(LOG)
    if place.exists() and place.stat().st_size > _MOST_LOG:
        place.unlink()
    command = [sys.executable, "-m", MODULE, str(project.folder)]
    with place.open("ab") as output:
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, creationflags=flags
            )
        else:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
    _started[project.folder] = child
    return True


def _end_an_older_one(project: Project) -> None:
    """Ask a worker to end that began before swither was updated or something was installed; asked again, one starts."""
    from swither.project.worker import STOP, WORKER, made_of

    worker = project.store.note(WORKER)
    if worker is not None and worker["made_of"] != made_of(project) and project.store.note(STOP, "") < worker["at"]:
        stop_worker(project)


def stop_worker(project: Project) -> None:
    """Ask the worker to end; it leaves off within a second or so, and a training goes on with the next one."""
    from swither.project.worker import STOP

    project.store.set_note(STOP, now())


def main(arguments: list[str]) -> int:
    """Be the worker of the project in the folder that is named; end at once where there is one already."""
    from swither.project.project import Project

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.captureWarnings(True)
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    idle = float(arguments[1]) if len(arguments) > 1 else None
    with Project.open(arguments[0]) as project:
        for _ in range(20):  # somebody may only be looking whether a worker has the lock
            try:
                with locked(project.derived(LOCK)):
                    _work(project, asked, idle)
                return 0
            except Busy:
                time.sleep(0.1)
    logging.info("another worker lives")
    return 0


def _work(project: Project, asked: list[int], idle: float | None) -> None:
    from swither.project.worker import IDLE_SECONDS, Worker

    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    worker = Worker(project, lambda: bool(asked), IDLE_SECONDS if idle is None else idle)
    logging.info("worker %s begins", worker.name)
    worker.run()
    logging.info("worker %s ends", worker.name)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
