"""Names of methods as figures can show them: short enough, and never two methods by one name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from swither.report.drawing import plain

_SHORT = {
    "least confidence": "least conf.",
    "k-center greedy": "k-center",
    "clustered dispersion": "clust. disp.",
    "dispersion": "disp.",
}
"""Words of a title -> what stands for them where there is no room."""

_LEAST = 1
"""So many letters of a name are left before its settings, at least; else the settings are cut too."""


def short_names(titles: Mapping[str, str], longest: int) -> dict[str, str]:
    """What stands for each method in a figure: its title, with known words abbreviated where it is too long.

    A longer one loses the end of its name before its settings. Where two come out alike, their middle is left out,
    and where that does not tell them apart either, they are numbered.

    Args:
        titles: method -> title, of all methods that a figure may show, so that all figures say the same.
        longest: how many letters there is room for.

    Example:
        >>> short_names({"a": "dispersion (stride 2)", "b": "dispersion (augmented)", "c": "margin"}, 16)
        {'a': 'disp. (stride 2)', 'b': 'dis… (augmented)', 'c': 'margin'}
        >>> short_names({"a": "what I tried in May", "b": "what I tried in June"}, 10)
        {'a': 'what…n May', 'b': 'what… June'}
    """
    lines = {method: plain(title, len(title) + 1) for method, title in titles.items()}
    short = {method: _short(line, longest) for method, line in lines.items()}
    for method in _alike(short):
        short[method] = _both_ends(_abbreviated(lines[method], longest), longest)
    for number, method in enumerate(_alike(short), start=1):
        short[method] = f"{plain(lines[method], longest - len(f' {number}'))} {number}"
    return short


def _alike(names: Mapping[str, str]) -> list[str]:
    times = Counter(names.values())
    return [method for method, name in names.items() if times[name] > 1]


def _short(line: str, longest: int) -> str:
    line = _abbreviated(line, longest)
    name, bracket, settings = line.partition(" (")
    room = longest - len(f"… ({settings}")
    if len(line) <= longest or not bracket or room < _LEAST:
        return plain(line, longest)
    return f"{name[:room].rstrip()}… ({settings}"


def _abbreviated(line: str, longest: int) -> str:
    """With known words made short, the capital at the beginning kept, where the line is too long."""
    for words, short in _SHORT.items():
        at = line.lower().find(words)
        if len(line) > longest and at >= 0:
            kept = short if line[at].islower() else short[0].upper() + short[1:]
            line = line[:at] + kept + line[at + len(words) :]
    return line


def _both_ends(line: str, longest: int) -> str:
    if len(line) <= longest:
        return line
    end = longest // 2
    return f"{line[: longest - end - 1].rstrip()}…{line[-end:]}"
