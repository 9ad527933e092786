"""What methods had to say of their queries: VAAL of its trainings, CoreSet of its coverings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from swither.experiment.cells import Cell
from swither.loop.batches import Batch, BatchFile


def vaal_rows(out: Path, cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """A row for every logged point: ``method``, ``seed``, ``cycle`` (of the labels that were known), and its measures.

    Args:
        out: the experiment's folder.
        cells: those that lie in it.
    """
    return [{**whose, **point} for whose, batch in _queries(out, cells) for point in batch.diagnostics.get("vaal", ())]


def covering_rows(out: Path, cells: Iterable[Cell]) -> list[dict[str, Any]]:
    """A row for every query of CoreSet: ``method``, ``seed``, ``cycle``, ``seconds`` and its diagnostics.

    Args:
        out: the experiment's folder.
        cells: those that lie in it.
    """
    return [
        {**whose, "seconds": batch.seconds, **batch.diagnostics}
        for whose, batch in _queries(out, cells)
        if batch.acquisition == "coreset" and "status" in batch.diagnostics
    ]


def _queries(out: Path, cells: Iterable[Cell]) -> Iterator[tuple[dict[str, Any], Batch]]:
    """Each batch that was chosen after a training, as it was written last, and whose it is."""
    for cell in cells:
        latest = {batch.number: batch for batch in BatchFile(cell.folder(out) / "batches.jsonl").read()}
        for number, batch in sorted(latest.items()):
            yield {"method": cell.method, "seed": cell.seed, "cycle": number - 1}, batch
