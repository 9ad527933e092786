"""The command that goes on with a folder: under the folder's own name, with every method and seed that it is to hold.

What was typed is kept in ``experiment.json`` word by word, and may speak of a folder on another machine, or of a part.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from swither.experiment.settings import PAPER_METHODS

_SEEDS = "3"  # of every command, where nobody says


def command_on(out: Path, facts: Mapping[str, Any], *, of_paper: bool) -> str:
    """A command that goes on with all of a folder; of one that repeats the paper, with all that is the paper's.

    Args:
        out: the folder.
        facts: what its ``experiment.json`` says.
        of_paper: whether it repeats the paper.

    Returns:
        The command, ready to paste; empty where none is known.

    Example:
        >>> facts = {"commands": ["swither compare d --out there --acquisition margin --seeds 5 --no-reference"]}
        >>> facts |= {"methods": ["margin", "bald"], "seeds": 10, "reference": False}
        >>> command_on(Path("here"), facts, of_paper=False)
        'swither compare d --out here --acquisition margin bald --seeds 10 --no-reference'
    """
    commands: list[str] = facts["commands"]
    wanted = "swither paper " if of_paper else "swither compare "
    fitting = [command for command in commands if command.startswith(wanted)] or ([] if of_paper else commands)
    if not fitting:
        return ""
    if not fitting[-1].startswith("swither "):
        return fitting[-1]  # somebody's own words, given in Python
    words = _Flags(fitting[-1])
    words.set("out", [str(out) if out.name else str(out.resolve())])
    words.set("seeds", [str(facts["seeds"])], usual=[_SEEDS])
    if fitting[-1].startswith("swither compare "):
        words.set("acquisition", facts["methods"], usual=PAPER_METHODS)
        if facts["reference"]:
            words.drop("no-reference")
    return words.command


class _Flags:
    """A command as swither keeps it: what it is about, and then flags, each with its values behind it."""

    def __init__(self, command: str) -> None:
        self._groups: list[list[str]] = []
        for word in shlex.split(command):
            if word.startswith("--") or not self._groups:
                self._groups.append([word])
            else:
                self._groups[-1].append(word)

    @property
    def command(self) -> str:
        """The whole of it, ready to paste."""
        return shlex.join(word for group in self._groups for word in group)

    def set(self, name: str, values: Iterable[str], usual: Iterable[str] | None = None) -> None:
        """Give a flag these values, in its place or as the last; left as it is where it has them, or they are usual."""
        values, there = list(values), self._values(name)
        if set(values) == set(there or usual or ()):
            return
        places = [number for number, group in enumerate(self._groups) if _is(group, name)]
        place = places[0] if places else len(self._groups) - (self._groups[-1][0] == "--")
        self.drop(name)
        dashed = any(value.startswith("-") for value in values)
        self._groups[place:place] = [[f"--{name}={value}"] for value in values] if dashed else [[f"--{name}", *values]]

    def drop(self, name: str) -> None:
        """Leave a flag out."""
        self._groups = [group for group in self._groups if not _is(group, name)]

    def _values(self, name: str) -> list[str]:
        mine = [group for group in self._groups if _is(group, name)]
        return [value for group in mine for value in (*group[0].split("=", 1)[1:], *group[1:])]


def _is(group: list[str], name: str) -> bool:
    return group[0].partition("=")[0] == f"--{name}"
