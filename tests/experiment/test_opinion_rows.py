"""Opinions stand together in the report only where they are of one and the same network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from swither.experiment.cells import Cell
from swither.experiment.opinion import FOLDER, OF_A_CELL, save_opinions
from swither.experiment.opinion_rows import opinion_rows

CELLS = [Cell(method, 0) for method in ("random", "margin", "bald", "dispersion")]


def facts(weights: str | None, **others: Any) -> dict[str, Any]:
    named = {} if weights is None else {"weights": weights}
    return {"count": 2, "pool": 10, "labelled": 5, "training": "one key", "accuracy": 0.5, **named, **others}


def row(method: str, accuracy: float = 0.5) -> dict[str, Any]:
    return {"method": method, "ids": [f"{method}-1", "shared"], "accuracy": accuracy, "classes": [1, 1]}


def keep(out: Path, method: str, weights: str | None) -> None:
    save_opinions(Cell(method, 0).folder(out) / OF_A_CELL, 0, 0, facts(weights), [row(method)])


def shown(out: Path) -> tuple[list[str], list[tuple[str, str]]]:
    rows, shared = opinion_rows(out, CELLS)
    return [row["method"] for row in rows], [(row["method"], row["other"]) for row in shared]


def test_cells_that_kept_opinions_of_another_network_are_not_held_against_each_other(tmp_path: Path) -> None:
    for method, weights in (("random", "a"), ("margin", "b"), ("bald", "b"), ("dispersion", None)):
        keep(tmp_path, method, weights)
    assert shown(tmp_path) == (["margin", "bald"], [("margin", "bald")])


def test_what_was_asked_of_a_network_trained_again_stands_without_cells_of_the_old_one(tmp_path: Path) -> None:
    for method, weights in (("random", "old"), ("margin", "old"), ("bald", "new"), ("dispersion", "old")):
        keep(tmp_path, method, weights)
    asked = [row("random", 0.1), row("margin", 0.2)]
    save_opinions(tmp_path / FOLDER / "seed0-cycle0.json", 0, 0, facts("new"), asked)
    rows, _ = opinion_rows(tmp_path, CELLS)
    assert [(row["method"], row["accuracy"]) for row in rows] == [("random", 0.1), ("margin", 0.2), ("bald", 0.5)]
    assert shown(tmp_path)[1] == [("random", "margin"), ("random", "bald"), ("margin", "bald")]


def test_files_from_before_the_network_was_named_stand_together(tmp_path: Path) -> None:
    for method in ("random", "margin"):
        keep(tmp_path, method, None)
    save_opinions(tmp_path / FOLDER / "seed0-cycle0.json", 0, 0, facts(None), [row("dispersion")])
    assert shown(tmp_path)[0] == ["random", "margin", "dispersion"]


def test_other_cycles_and_counts_are_shown_beside_each_other(tmp_path: Path) -> None:
    keep(tmp_path, "margin", "a")
    save_opinions(tmp_path / FOLDER / "seed0-cycle1.json", 0, 1, facts("b", training="two"), [row("random")])
    save_opinions(tmp_path / FOLDER / "seed0-cycle0.json", 0, 0, facts("c", count=7), [row("bald")])
    rows, _ = opinion_rows(tmp_path, CELLS)
    assert [(row["cycle"], row["count"], row["method"]) for row in rows] == [
        (0, 2, "margin"),
        (0, 7, "bald"),
        (1, 2, "random"),
    ]
