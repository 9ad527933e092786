"""What every test may use: the real data sets where they are, and one thread."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("KERAS_BACKEND", "torch")  # read once, when Keras is first imported

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """The folder of a real data set by name; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        root = Path(os.environ.get("SWITHER_DATA", REPOSITORY.parent / "shared" / "data"))
        if not (root / name).is_dir():
            pytest.skip(f"no {name} under {root}: set SWITHER_DATA to a folder that holds it as Parquet")
        return root / name

    return find


@pytest.fixture(scope="session")
def few_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 of scikit-learn's digits as a .npz file, for runs that need real images and no accuracy."""
    digits = load_digits()
    path = tmp_path_factory.mktemp("data") / "digits.npz"
    np.savez(path, images=(digits.images[:240] * 15).astype(np.uint8), labels=digits.target[:240])
    return path


LIMIT = """
import resource

def allow(more):
    lines = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
    used = int(lines["VmData"].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + more, resource.getrlimit(resource.RLIMIT_DATA)[1]))
"""


@pytest.fixture(scope="session")
def run_bounded() -> Callable[..., list[str]]:
    """Run code in a process that may take only so much memory more than it has when it calls ``allow(bytes)``.

    The limit is Linux's on private writable memory, so what counts is what a process makes for itself. Pages of
    files that are mapped read-only do not count: the system may drop them at any time and read them again.

    Returns:
        A function of the code and its ``sys.argv[1:]`` that answers the lines which it prints.
    """
    required("Linux", sys.platform == "linux")

    def run(code: str, *arguments: object) -> list[str]:
        command = [sys.executable, "-c", LIMIT + code, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def required(service: str, there: bool) -> None:
    """Skip where a service is absent, or fail where SWITHER_REQUIRE names it: no run may pass by missing it."""
    if not there:
        absent = f"{service} is not installed here"
        if service in os.environ.get("SWITHER_REQUIRE", "").split(","):
            pytest.fail(f"{absent}, and SWITHER_REQUIRE names it")
        pytest.skip(absent)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    required("chromium", path is not None)
    assert path is not None
    return path


@pytest.fixture(scope="session")
def serving() -> ModuleType:
    """The module beside this file that runs a real server."""
    specification = importlib.util.spec_from_file_location("swither_serving", Path(__file__).with_name("serving.py"))
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def serve(serving: ModuleType) -> Iterator[Callable[..., Any]]:
    """Run ``swither label FOLDER`` with further flags on a free port; every server is stopped in the end.

    What it gives has `url`, `get`, `post`, `stop` and `kill`; see `serving.py`.
    """
    running: list[Any] = []

    def start(folder: Path, *flags: str, **more: Any) -> Any:
        running.append(serving.serve(folder, *flags, **more))
        return running[-1]

    yield start
    for served in running:
        served.stop()
        served.stop_worker()
