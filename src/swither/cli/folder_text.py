"""What an experiment's folder holds beside what was asked for, and what it still lacks, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from swither.experiment.cells import REFERENCE
from swither.experiment.paper_folder import read_paper
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
    standing, command = not_finished(out, results)
    if standing:
        console = console or Console()
        console.print(standing, style="yellow", markup=False, highlight=False)
        console.print(f"  {command}", soft_wrap=True, markup=False, highlight=False)


def not_finished(out: Path, results: Any) -> tuple[str, str]:
    """How many runs of a folder's grid are finished, and the command that goes on; empty where all are.

    Args:
        out: the folder.
        results: its table, see `swither.experiment.compare`.
    """
    facts = read_experiment(out)
    cycles = dict.fromkeys(facts["methods"], facts["protocol"]["cycles"] + 1)
    cycles |= {REFERENCE: 1} if facts["reference"] else {}
    rows = Counter(zip(results.column("method").to_pylist(), results.column("seed").to_pylist(), strict=True))
    planned = [(method, seed) for method in cycles for seed in range(facts["seeds"])]
    done = sum(rows[cell] >= cycles[cell[0]] for cell in planned)
    if done == len(planned):
        return "", ""
    go_on = "to go on" if read_paper(out) is None else "to go on with everything"  # a part may have been asked for
    commands = facts["commands"] or ["the command that began it, with --out " + str(out)]
    return f"{done} of {plural(len(planned), 'run')} finished; {go_on}:", str(commands[-1])
