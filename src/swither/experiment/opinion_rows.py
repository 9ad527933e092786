"""From the opinions that lie in an experiment's folder to the rows that its report shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from swither.acquisition.variant import in_catalogue_order, title_of
from swither.errors import DamagedState
from swither.experiment.cells import Cell
from swither.experiment.making import files_of
from swither.experiment.opinion import FOLDER, OF_A_CELL, read_opinions
from swither.statistics.selections import overlap


def opinion_rows(out: Path, cells: Iterable[Cell]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What every method would ask for, and what two of them share.

    Only opinions of one and the same network stand together: of each seed, cycle and count those that were asked for,
    with what cells kept of their own method where theirs was that network; where nothing was asked, the network that
    most cells had. A file from before the network was named in it counts as of one of its own. A damaged file is left
    out: opinions are only shown, and made again by asking.

    Args:
        out: the experiment's folder.
        cells: those in it.

    Returns:
        Rows ``seed``, ``cycle``, ``count``, ``pool``, ``method``, ``title``, ``accuracy``, ``pool_accuracy``,
        ``auroc``, ``classes`` (a number for each class), ``nearest_chosen``, ``nearest_labelled``; and rows
        ``seed``, ``cycle``, ``count``, ``method``, ``other``, ``share``, ``by_chance`` for every two methods.
    """
    cells = list(cells)
    files = files_of(out, cells)
    asked = sorted((out / FOLDER).glob("seed*-cycle*.json"))
    kept = [cell.folder(out) / OF_A_CELL for cell in cells]
    networks: dict[tuple[int, int, int], dict[tuple[Any, ...], dict[str, dict[str, Any]]]] = {}
    answered: dict[tuple[int, int, int], tuple[Any, ...]] = {}  # where something was asked: of which network
    for path in [*asked, *kept]:
        facts = _read(path)
        if facts is None:
            continue
        which = facts["seed"], facts["cycle"], facts["count"]
        network = facts["training"], facts.get("weights"), facts["pool"]
        if path.parent.name == FOLDER:
            answered[which] = network
        found = networks.setdefault(which, {}).setdefault(network, {})
        for row in facts["rows"]:
            made = files.get(row["method"])
            if made and row.get("method_file", made) != made:  # asked of another content of the user's file
                continue
            found.setdefault(row["method"], facts | row | {"pool_accuracy": facts["accuracy"]})
    rows, shared = [], []
    for (seed, cycle, count), by_network in sorted(networks.items()):
        which_one = answered.get((seed, cycle, count)) or max(by_network, key=lambda network: len(by_network[network]))
        found, pool = by_network[which_one], which_one[-1]
        place = {"seed": seed, "cycle": cycle, "count": count}
        methods = in_catalogue_order(found)
        rows += [place | {"pool": pool, **_shown(found[method])} for method in methods]
        for one, other in combinations(methods, 2):
            common = overlap(found[one]["ids"], found[other]["ids"], pool)
            shared.append(place | {"method": one, "other": other} | common._asdict())
    return rows, shared


def _read(path: Path) -> dict[str, Any] | None:
    """The facts of a file; None where it is missing, or does not read."""
    needed = {"seed", "cycle", "count", "training", "pool", "accuracy", "rows"}
    try:
        facts = read_opinions(path)
    except (FileNotFoundError, DamagedState):
        return None
    whole = {"method", "ids", "accuracy", "classes"}
    return facts if needed <= facts.keys() and all(whole <= row.keys() for row in facts["rows"]) else None


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("method", "accuracy", "pool_accuracy", "auroc", "classes", "nearest_chosen", "nearest_labelled")
    return {name: row.get(name) for name in names} | {"title": title_of(row["method"])}
