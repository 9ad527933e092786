"""Which score finds the first model's wrong predictions: the question of the paper's section 3.2, as one number each.

A small file in the folder of every cell that recorded its pool. It is made where the cell is analysed, or afterwards
from the stored training and its history.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from swither.acquisition import find
from swither.arrays import BoolArray, IntArray
from swither.errors import DamagedState
from swither.experiment.cells import Cell
from swither.files import read_json, write_json
from swither.loop.evidence import Evidence
from swither.statistics import auroc

FILE = "wrong_predictions.json"
FORMAT = "swither wrong predictions"
VERSION = 1

MEASURES = ("dispersion", "least-confidence", "margin", "entropy")
"""Names of the scores that are held against each other."""


def wrong_predictions(
    evidence: Mapping[str, Any], wrong: BoolArray, measures: Iterable[str] = MEASURES
) -> list[dict[str, Any]]:
    """How well each score puts the samples that the model gets wrong before those that it gets right.

    Args:
        evidence: arrays by name, what the measures need; rows are the candidates.
        wrong: (samples,) whether the prediction is another than the true label.
        measures: names of acquisition functions that are scores.

    Returns:
        For each measure ``measure`` and ``auroc``; none where all predictions are right, or all wrong.

    References:
        Zolfaghari Bengar, Raducanu and van de Weijer, "When Deep Learners Change Their Mind", CAIP 2021, section 3.2.
    """
    rows = []
    for name in measures:
        method = find(name)
        area = auroc(method.function(**{need: evidence[need] for need in method.needs}), wrong)
        if not math.isnan(area):
            rows.append({"measure": name, "auroc": area})
    return rows


def save_wrong_predictions(folder: Path, cycle: int, evidence: Evidence, true_labels: IntArray) -> None:
    """Write the file of a cell.

    Args:
        folder: the cell's.
        cycle: whose training it is.
        evidence: of the training, which recorded its pool.
        true_labels: (samples,) of the candidates.
    """
    pieces = {"probabilities": evidence.probabilities, "label_history": evidence.label_history}
    wrong = evidence.predicted_labels != true_labels  # (samples,)
    rows = wrong_predictions(pieces, wrong)
    facts = {"cycle": cycle, "weights": evidence.trained.weights, "images": len(wrong), "wrong": int(wrong.sum())}
    write_json(folder / FILE, FORMAT, VERSION, facts | {"rows": rows})


def wrong_predictions_rows(out: Path, cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """A row for every cell and measure: ``method``, ``seed``, ``cycle``, ``weights``, ``measure``, ``auroc``.

    Methods of a seed share their first training; whoever reads the rows takes one of those whose circumstances count.
    ``weights`` is the digest of that training's network; None in files from before it was kept.
    A cell without the file, or whose file is damaged, has no row: the figures are only shown.
    """
    found = []
    for cell in cells:
        try:
            facts = read_json(cell.folder(out) / FILE, FORMAT, VERSION)
            for row in facts["rows"]:
                named = {"method": cell.method, "seed": cell.seed, "cycle": int(facts["cycle"])}
                named["weights"] = facts.get("weights")
                found.append({**named, "measure": str(row["measure"]), "auroc": float(row["auroc"])})
        except (FileNotFoundError, DamagedState, KeyError, TypeError, ValueError):
            continue
    return sorted(found, key=lambda row: (row["seed"], row["cycle"]))
