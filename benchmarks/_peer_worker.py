"""The process of one peer; runs in the peers' environment, which has no swither: ``_peer_worker.py PEER FOLDER``.

Reads a request a line from standard input: the operation, a file of input arrays, arguments. An operation prepares the
inputs as its library wants them and gives a function, which alone is timed. Answers with a line on standard output:
seconds, memory, and a file of arrays; or what failed.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from _measure import here

DISTRIBUTIONS = {
    "baal": "baal",
    "distil": "decile-distil",
    "modal": "modAL-python",
    "scikit-activeml": "scikit-activeml",
}


@functools.lru_cache(maxsize=2)
def arrays(path: str) -> dict[str, Any]:
    """Input arrays, kept from one repetition to the next."""
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def find(peer: str, operation: str) -> Any:
    """A function of the peer's file, or of a file of its own, ``PEER_OPERATION``."""
    file = f"_peer_operations.{peer.replace('-', '_')}"
    found = getattr(importlib.import_module(file), operation, None)
    return found or getattr(importlib.import_module(f"{file}_{operation}"), operation)


def answered(peer: str, request: dict[str, Any], answer: Path) -> dict[str, Any]:
    """Do what is asked."""
    operation = find(peer, request["operation"])
    run = here(operation(arrays(request["inputs"]), **request["arguments"]))(request["memory"])
    np.savez(answer, **{name: np.asarray(value) for name, value in run.answer.items()})
    return {"seconds": run.seconds, "mebibytes": run.mebibytes, "answer": str(answer)}


def described(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {problem}".strip().splitlines()[0][:300]


def main(peer: str, folder: Path) -> None:
    out = os.fdopen(os.dup(1), "w")  # the libraries may print: what they print goes with the errors
    os.dup2(2, 1)

    def say(words: dict[str, Any]) -> None:
        out.write(json.dumps(words) + "\n")
        out.flush()

    try:
        importlib.import_module(f"_peer_operations.{peer.replace('-', '_')}")
        say({"version": version(DISTRIBUTIONS[peer])})
    except Exception as problem:  # whatever a library does while it is imported
        say({"failed": f"{peer} cannot be imported: {described(problem)}"})
        return
    for number, line in enumerate(sys.stdin):
        try:
            say(answered(peer, json.loads(line), folder / f"answer-{peer}-{number}.npz"))
        except Exception as problem:  # whatever a library does: it is said in its row
            say({"failed": described(problem)})


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
