"""How VAAL's trainings went, from the batches that they chose."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from swither.experiment.cells import Cell
from swither.loop.batches import BatchFile


def vaal_rows(out: Path, cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """A row for every logged point: ``method``, ``seed``, ``cycle`` (of the labels that were known), and its measures.

    Args:
        out: the experiment's folder.
        cells: those that lie in it.
    """
    rows: list[dict[str, Any]] = []
    for cell in cells:
        latest = {batch.number: batch for batch in BatchFile(cell.folder(out) / "batches.jsonl").read()}
        for number, batch in sorted(latest.items()):
            whose = {"method": cell.method, "seed": cell.seed, "cycle": number - 1}
            rows += [{**whose, **point} for point in batch.diagnostics.get("vaal", ())]
    return rows
