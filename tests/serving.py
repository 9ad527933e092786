"""A real server in a process of its own, for tests that kill it or open it in a browser."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds until a server must answer; on a busy machine an import alone may take ten."""


@dataclass
class Served:
    """A server that answers.

    Attributes:
        url: where, without a slash at the end.
        folder: of the images.
        process: the server's.
        listening: reads what it prints.
        worker: whether it starts the background worker.
        lines: what it printed so far.
        started: seconds from its start until it printed its address.
    """

    url: str
    folder: Path
    process: subprocess.Popen[str]
    listening: threading.Thread
    worker: bool = True
    lines: list[str] = field(default_factory=list)
    started: float = 0.0

    def get(self, path: str, timeout: float = 30) -> Any:
        """JSON from an address."""
        return json.loads(self.bytes(path, timeout))

    def bytes(self, path: str, timeout: float = 30) -> bytes:
        """The content at an address."""
        with urllib.request.urlopen(self.url + path, timeout=timeout) as answer:
            content: bytes = answer.read()
            return content

    def post(self, path: str, value: Mapping[str, Any], timeout: float = 30) -> Any:
        """Send JSON as the page does; the JSON that is answered."""
        headers = {"Content-Type": "application/json", "X-Swither": "1"}
        request = urllib.request.Request(self.url + path, json.dumps(value).encode(), headers)
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.loads(answer.read())

    def stop(self) -> str:
        """End it as ^C does; what it printed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self._wait()
        return "\n".join(self.lines)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self._wait()

    def stop_worker(self) -> None:
        """End the worker, which outlives its server, and wait until it has."""
        from swither.project.project import Project
        from swither.project.worker_process import stop_worker, worker_lives

        if not self.worker:
            return
        with Project.open(self.folder) as project:
            until = time.monotonic() + 30
            while worker_lives(project) and time.monotonic() < until:
                stop_worker(project)  # again: one that was just coming up has not heard it
                time.sleep(0.2)

    def _wait(self) -> None:
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=10)
        self.listening.join(timeout=10)
        if self.process.stdout is not None:
            self.process.stdout.close()


WITHOUT_WORKER = (
    "import sys, swither.web.training as training; training.start_worker = lambda project: False; "
    "from swither.cli import main; sys.exit(main())"
)


def serve(folder: Path, *flags: str, port: int = 0, worker: bool = True, **environment: str) -> Served:
    """Run ``swither label FOLDER`` and wait until it answers.

    Args:
        folder: of images.
        *flags: further ones of the command.
        port: 0 for a free one.
        worker: whether it starts the background worker.
        **environment: further variables.
    """
    program = ["-m", "swither"] if worker else ["-c", WITHOUT_WORKER]
    command = [sys.executable, *program, "label", str(folder), "--no-browser", "--port", str(port), *flags]
    begun = time.monotonic()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200", **environment},
    )
    lines: list[str] = []
    found = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if "http://" in line:
                found.set()

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    while not found.wait(0.02):
        if process.poll() is not None or time.monotonic() - begun > PATIENCE:
            process.kill()
            raise AssertionError("the server did not start:\n" + "\n".join(lines))
    started = time.monotonic() - begun
    address = re.search(r"http://\S+?(?=/?(?:\?|\s|$))", "\n".join(lines))
    assert address is not None
    return Served(address[0], folder, process, listening, worker, lines, started)
