"""From the opinions that lie in an experiment's folder to the rows that its report shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from swither.acquisition import ACQUISITIONS, Variant
from swither.acquisition.variant import in_catalogue_order
from swither.errors import DamagedState, InputError
from swither.experiment.cells import Cell
from swither.experiment.opinion import FOLDER, OF_A_CELL, read_opinions
from swither.statistics.selections import overlap


def opinion_rows(out: Path, cells: Iterable[Cell]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What every method would ask for, and what two of them share.

    Opinions that were asked for count before those that cells kept of their own method. A damaged file is left out:
    they are only shown, and made again by asking.

    Args:
        out: the experiment's folder.
        cells: those in it.

    Returns:
        Rows ``seed``, ``cycle``, ``count``, ``pool``, ``method``, ``title``, ``accuracy``, ``pool_accuracy``,
        ``auroc``, ``classes`` (a number for each class), ``nearest_chosen``, ``nearest_labelled``; and rows
        ``seed``, ``cycle``, ``count``, ``method``, ``other``, ``share``, ``by_chance`` for every two methods.
    """
    asked = sorted((out / FOLDER).glob("seed*-cycle*.json"))
    kept = [cell.folder(out) / OF_A_CELL for cell in cells]
    groups: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = {}
    for facts in _read([*asked, *kept]):
        key = tuple(facts[name] for name in ("seed", "cycle", "count", "training", "pool"))
        for row in facts["rows"]:
            groups.setdefault(key, {}).setdefault(row["method"], facts | row | {"pool_accuracy": facts["accuracy"]})
    rows, shared = [], []
    for (seed, cycle, count, _, pool), found in sorted(groups.items()):
        which = {"seed": seed, "cycle": cycle, "count": count}
        methods = in_catalogue_order(found)
        rows += [which | {"pool": pool, **_shown(found[method])} for method in methods]
        for one, other in combinations(methods, 2):
            common = overlap(found[one]["ids"], found[other]["ids"], pool)
            shared.append(which | {"method": one, "other": other} | common._asdict())
    return rows, shared


def _read(paths: Iterable[Path]) -> Iterator[Mapping[str, Any]]:
    needed = {"seed", "cycle", "count", "training", "pool", "accuracy", "rows"}
    for path in paths:
        try:
            facts = read_opinions(path)
        except (FileNotFoundError, DamagedState):
            continue
        if needed <= facts.keys() and all(
            {"method", "ids", "accuracy", "classes"} <= row.keys() for row in facts["rows"]
        ):
            yield facts


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("method", "accuracy", "pool_accuracy", "auroc", "classes", "nearest_chosen", "nearest_labelled")
    return {name: row.get(name) for name in names} | {"title": _title(row["method"])}


def _title(method: str) -> str:
    if method.partition(":")[0] not in ACQUISITIONS:
        return method  # of a later version, or of somebody's own
    try:
        return Variant.named(method).title
    except InputError:
        return method
