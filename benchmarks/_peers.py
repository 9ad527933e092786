"""Other libraries for active learning, each in a process of its own, in an environment of their own (``make peers``).

    with Peers() as peers:
        call = peers.call("baal", "bald", {"logits": logits})
        timed = interleaved({"swither": here(ours), "baal": call}, repeats=5)

Seconds and memory are measured inside that process, around the public interface alone: neither the way there nor the
libraries' own preparation of data counts. What a peer can be asked is in ``_peer_operations``, a file for each. One
that is missing, fails or takes too long says so in its row.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from _measure import Call, CannotRun, Run

HERE = Path(__file__).resolve().parent
FOLDER = Path(os.environ.get("SWITHER_PEERS", HERE.parent / ".venv" / "apart" / "peers"))
TOO_LONG = 300.0
"""Seconds after which a call of a peer is given up."""


class Peers:
    """Starts a process for each peer when it is first asked, and ends them all.

    Args:
        threads: of the peers' arithmetic; None: as many as here.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.versions: dict[str, str] = {}
        self._threads = threads
        self._workers: dict[str, _Worker] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="swither-peers-")
        self._files: dict[tuple[int, ...], tuple[Path, Mapping[str, Any]]] = {}

    def __enter__(self) -> Peers:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._workers.values():
            worker.end()
        self._folder.cleanup()

    def call(
        self, peer: str, operation: str, inputs: Mapping[str, Any], *, too_long: float = TOO_LONG, **arguments: Any
    ) -> Call:
        """Something to be timed: one operation of one peer; its answer is an array by name.

        Args:
            peer: ``"baal"``, ``"distil"``, ``"modal"`` or ``"scikit-activeml"``.
            operation: a function of the peer's file in ``_peer_operations``.
            inputs: arrays by name; sent once, however often they are used.
            too_long: seconds after which it is given up.
            arguments: of the operation, as JSON.
        """

        def ask(memory: bool) -> Run:
            worker = self._worker(peer)
            request = {"operation": operation, "inputs": str(self._file(inputs)), "memory": memory}
            try:
                answer = worker.ask({**request, "arguments": arguments}, too_long)
            except CannotRun:
                if worker.ended():
                    self._workers.pop(peer).end()
                raise
            with np.load(answer["answer"]) as file:
                arrays = {name: file[name] for name in file.files}
            Path(answer["answer"]).unlink()
            return Run(answer["seconds"], arrays, answer["mebibytes"])

        return ask

    def _worker(self, peer: str) -> _Worker:
        if peer not in self._workers:
            worker = _Worker(peer, Path(self._folder.name), self._threads)
            self.versions[peer] = worker.version
            self._workers[peer] = worker
        return self._workers[peer]

    def _file(self, inputs: Mapping[str, Any]) -> Path:
        """Where the arrays lie for a worker. They are held here, so that no other array gets their identity."""
        key = tuple(id(array) for array in inputs.values())
        if key not in self._files:
            path = Path(self._folder.name) / f"inputs-{len(self._files)}.npz"
            np.savez(path, **{name: np.asarray(array) for name, array in inputs.items()})
            self._files[key] = (path, dict(inputs))
        return self._files[key][0]


class _Worker:
    """One process: a line of JSON in, a line of JSON out."""

    def __init__(self, peer: str, folder: Path, threads: int | None) -> None:
        python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not python.exists():
            raise CannotRun(f"{peer} is not installed: make peers")
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        if threads is not None:
            environment |= {"OMP_NUM_THREADS": str(threads)}
        self.errors = folder / f"{peer}.txt"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [str(python), "-W", "ignore", str(HERE / "_peer_worker.py"), peer, str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
            )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self.version = str(self._next(120)["version"])
        except CannotRun:
            self.end()
            raise

    def ask(self, request: Mapping[str, Any], too_long: float) -> dict[str, Any]:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except OSError as problem:
            raise CannotRun(f"ended: {self._last_words()}") from problem
        return self._next(too_long)

    def ended(self) -> bool:
        return self.process.poll() is not None

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(ValueError):  # closed while it was read
            for line in self.process.stdout:
                self._lines.put(line)
        self._lines.put("")

    def _next(self, too_long: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=too_long)
        except queue.Empty:
            self.end()
            raise CannotRun(f"took longer than {too_long:g} s and was ended") from None
        if not line:
            self.process.wait()
            raise CannotRun(f"ended: {self._last_words()}")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise CannotRun(answer["failed"])
        return answer

    def _last_words(self) -> str:
        code = self.process.poll()
        words = self.errors.read_text(errors="replace").strip().splitlines()
        return words[-1][:300] if words else f"without a word, exit code {code} (-9: not enough memory)"
