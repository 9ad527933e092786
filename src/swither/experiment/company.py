"""Processes that keep other cores busy, as other runs will, while the speed of one is measured."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_WORK = """
import os, sys
import numpy as np
parent = int(sys.argv[1])
one = np.random.default_rng(0).random((512, 512), dtype=np.float32)
print(flush=True)
while os.getppid() == parent:
    for _ in range(20):
        np.maximum(one @ one, one)
"""
"""A megabyte in and a megabyte out: about what a small network keeps in a core's cache."""

_ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "VECLIB")}


@contextmanager
def in_company(others: int) -> Iterator[None]:
    """Run a block while `others` processes multiply matrices, each with one thread.

    They end with the block, and by themselves if this process is killed.

    Args:
        others: how many; 0 changes nothing.

    Example:
        >>> with in_company(0):
        ...     pass
    """
    command = [sys.executable, "-c", _WORK, str(os.getpid())]
    with ExitStack() as stack:
        processes = []
        for _ in range(others):
            process = subprocess.Popen(
                command, env={**os.environ, **_ONE_THREAD}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            processes.append(process)
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()  # it has loaded its library and begins
        yield
