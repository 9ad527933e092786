"""The command that makes a comparison again: only what differs from the defaults, ready to paste."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from swither.cli.flags import FLAGS, NEGATIVES, Flag, default_of, value_of
from swither.experiment.settings import CompareSettings


def command_of(settings: CompareSettings, out: Path | str, *more: str) -> str:
    """A shell command that, parsed again, gives `settings` and `out`.

    Args:
        settings: of the comparison.
        out: the experiment's folder.
        *more: further flags, such as ``--yes``.

    Example:
        >>> from swither.data.settings import DataSettings
        >>> command_of(CompareSettings(DataSettings("my photos"), seeds=5), "results", "--yes")
        "swither compare 'my photos' --out results --seeds 5 --yes"
    """
    source = settings.data.source
    flags = [*_flag("out", str(out))]
    for flag in FLAGS:
        value = value_of(settings, flag)
        if flag.name != "data" and value != default_of(flag, settings):
            flags += _tokens(flag, value)
    flags += more
    tokens = [*flags, "--", source] if source.startswith("-") else [source, *flags]
    return shlex.join(["swither", "compare", *tokens])


def _tokens(flag: Flag, value: Any) -> Sequence[str]:
    if flag.type is bool:
        return [f"--{flag.name}" if value else f"--no-{flag.name}"]
    if not flag.is_list:
        return _flag(flag.name, str(value))
    if not value:
        return [NEGATIVES[flag.name]]
    if any(str(item).startswith("-") for item in value):
        return [token for item in value for token in _flag(flag.name, str(item))]
    return [f"--{flag.name}", *map(str, value)]


def _flag(name: str, text: str) -> Sequence[str]:
    """A value with a dash in front, or an empty one, would be taken for a flag."""
    return [f"--{name}={text}"] if text.startswith("-") else [f"--{name}", text]
