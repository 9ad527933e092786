"""How long a whole process takes to say something: `swither --help`, `swither --version`, `import swither`.

Run: python benchmarks/startup.py [--quick] [--json FILE]. Each is a process of its own, from its start to its end,
interleaved with the floor: a Python that does nothing, and one that imports NumPy.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

from _measure import Row, here, interleaved, main, row

GOALS = {"swither --help": 0.5, "import swither": 0.1}
REPEATS = 21

COMMANDS = {
    "swither --help": ["-m", "swither", "--help"],
    "swither methods": ["-m", "swither", "methods"],
    "import swither": ["-c", "import swither"],
    "from swither.dynamics import dispersion": ["-c", "from swither.dynamics import dispersion"],
    "floor: python": ["-c", ""],
    "floor: import numpy": ["-c", "import numpy"],
}


def whole_process(arguments: list[str]) -> Callable[[], None]:
    """Something that starts a Python and waits for its end."""

    def call() -> None:
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    return call


def rows(quick: bool) -> Iterator[Row]:
    """One row a command, all of them timed in turn."""
    timed = interleaved({name: here(whole_process(argv)) for name, argv in COMMANDS.items()}, 1 if quick else REPEATS)
    for name in COMMANDS:
        if name.startswith("floor"):
            continue
        kept = row(name, {"swither": timed[name], **{n: timed[n] for n in COMMANDS if n.startswith("floor")}})
        kept.pop("mebibytes_over_input")  # this process's, which only waits
        if name in GOALS:
            kept["goal"] = {"seconds": GOALS[name]}
            kept["reached"] = {"seconds": kept["seconds"]["swither"] < GOALS[name]}
        yield kept


if __name__ == "__main__":
    main(
        __doc__,
        "startup",
        "swither --help under 0.5 s; import swither under 0.1 s, without torch",
        rows,
    )
