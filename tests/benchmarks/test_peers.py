"""Peers are asked in a process of their own; here that of this Python, with an operation written for the test."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

Script = Callable[[str], ModuleType]

OPERATIONS = """
import os, time
import numpy

def double(inputs, *, by=2):
    print("libraries may print")
    return lambda: {"values": inputs["values"] * by, "times": numpy.array([len(inputs)])}

def fail(inputs):
    raise ValueError("it does not work")

def wait(inputs):
    return lambda: time.sleep(60)

def end(inputs):
    return lambda: os._exit(3)
"""


@pytest.fixture
def peers(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The client, whose worker is copied to where a peer called NumPy has operations."""
    folder = tmp_path / "benchmarks"
    operations = folder / "_peer_operations"
    operations.mkdir(parents=True)
    module = script("_peers")
    for name in ("_measure.py", "_peer_worker.py"):
        (folder / name).write_text((module.HERE / name).read_text())
    worker = folder / "_peer_worker.py"
    worker.write_text(worker.read_text().replace('"baal": "baal"', '"baal": "numpy"'))
    (operations / "baal.py").write_text(OPERATIONS)
    (operations / "modal.py").write_text("import no_such_library\n")
    python = tmp_path / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(module, "HERE", folder)
    monkeypatch.setattr(module, "FOLDER", tmp_path / "environment")
    return module


def test_arrays_go_there_and_back_and_the_time_is_that_of_the_operation(peers: ModuleType) -> None:
    values = np.arange(5.0)
    with peers.Peers() as open_peers:
        call = open_peers.call("baal", "double", {"values": values}, by=3)
        for memory in (True, False):
            run = call(memory)
            assert run.answer["values"].tolist() == (3 * values).tolist()
            assert 0 <= run.seconds < 1
            assert (run.mebibytes is None) is not memory
        assert open_peers.versions == {"baal": np.__version__}


def test_what_goes_wrong_is_said_and_the_peer_is_asked_on(peers: ModuleType) -> None:
    values = {"values": np.arange(2.0)}
    with peers.Peers() as open_peers:
        with pytest.raises(peers.CannotRun, match="it does not work"):
            open_peers.call("baal", "fail", values)(False)
        with pytest.raises(peers.CannotRun, match="no_such_library"):
            open_peers.call("modal", "double", values)(False)
        with pytest.raises(peers.CannotRun, match="longer than 1 s"):
            open_peers.call("baal", "wait", values, too_long=1)(False)
        with pytest.raises(peers.CannotRun, match="exit code 3"):
            open_peers.call("baal", "end", values)(False)
        assert open_peers.call("baal", "double", values)(False).answer["values"].tolist() == [0, 2]


def test_without_their_environment_a_row_says_how_to_make_it(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = script("_peers")
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with module.Peers() as open_peers, pytest.raises(module.CannotRun, match="make peers"):
        open_peers.call("baal", "bald", {})(False)
