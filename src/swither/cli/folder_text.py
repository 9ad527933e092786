"""What an experiment's folder holds beside what was asked for, and what it still lacks, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from swither.experiment.cells import REFERENCE
from swither.experiment.going_on import command_on
from swither.experiment.paper_folder import paper_study
from swither.experiment.protocol import read_experiment
from swither.experiment.settings import CompareSettings
from swither.report.wording import listed, plural


def also_held(facts: Mapping[str, Any], settings: CompareSettings) -> str:
    """A sentence on what a folder holds beside these settings' methods and seeds; empty where that is nothing.

    Args:
        facts: of ``experiment.json``.
        settings: that are begun now.
    """
    more = max(0, facts["seeds"] - settings.seeds)
    held = [plural(more, "more seed")] if more else []
    held += [name for name in facts["methods"] if name not in settings.acquisitions]
    held += ["the training on all images"] if facts["reference"] and not settings.reference else []
    return f"The folder also holds {listed(held)}; the report shows that too." if held else ""


def print_standing(results: Any, out: Path, console: Console | None = None) -> None:
    """Say how much of a folder is finished, and how to go on, where something is left.

    Args:
        results: its table, see `swither.experiment.compare`.
        out: the folder.
        console: where to.
    """
    console = console or Console()
    for standing, command in not_finished(out, results):
        console.print(standing, style="yellow", markup=False, highlight=False)
        if command:
            console.print(f"  {command}", soft_wrap=True, markup=False, highlight=False)


def not_finished(out: Path, results: Any) -> list[tuple[str, str]]:
    """How many runs of a folder's grid are finished, and the command that goes on; none where all are.

    Args:
        out: the folder.
        results: its table, see `swither.experiment.compare`.

    Returns:
        A sentence and its command. In a folder that repeats the paper, methods that are not of the paper come second,
        and without a command.
    """
    facts = read_experiment(out)
    cycles = dict.fromkeys(facts["methods"], facts["protocol"]["cycles"] + 1)
    cycles |= {REFERENCE: 1} if facts["reference"] else {}
    rows = Counter(zip(results.column("method").to_pylist(), results.column("seed").to_pylist(), strict=True))
    study = paper_study(out, with_beside=False)
    apart = [] if study is None else study.apart(cycles)
    command = command_on(out, facts, of_paper=study is not None) or f"the command that began it, with --out {out}"
    go_on = "to go on" if study is None else "to go on with everything"  # a part may have been asked for
    of_paper = " of the paper" if apart else ""
    said = []
    for methods in ([name for name in cycles if name not in apart], apart):
        planned = [(method, seed) for method in methods for seed in range(facts["seeds"])]
        left = [cell for cell in planned if rows[cell] < cycles[cell[0]]]
        done = f"{len(planned) - len(left)} of {plural(len(planned), 'run')}"
        if left and methods is apart:
            names = listed(list(dict.fromkeys(method for method, _ in left)))
            said.append((f"{done} not of the paper finished; swither compare goes on with {names}.", ""))
        elif left:
            said.append((f"{done}{of_paper} finished; {go_on}{of_paper}:", command))
    return said
