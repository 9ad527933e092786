from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from swither.data import open_dataset
from swither.dynamics import LabelHistory, dispersion
from swither.experiment import CompareSettings, compare, rebuild
from swither.experiment.cells import Cell
from swither.experiment.compare import unfinished
from swither.experiment.contents import report_data
from swither.experiment.merging import merge_cells
from swither.experiment.opinion import OF_A_CELL
from swither.experiment.packing import pack_cells
from swither.experiment.protocol import prepare
from swither.experiment.results import results_table, selected_table
from swither.experiment.watch import Silent
from swither.experiment.wrong_predictions import (
    FILE,
    FORMAT,
    MEASURES,
    VERSION,
    wrong_predictions,
    wrong_predictions_rows,
)
from swither.files import write_json
from swither.report.comparison import Comparison
from swither.report.first_models import other_first_models
from swither.report.portions import portion_curves

CELL = Cell("dispersion", 0)


def test_every_seed_that_recorded_its_pool_says_what_finds_its_wrong_predictions(
    quick: CompareSettings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    compare(replace(quick, seeds=2, reference=False), out)
    shown = report_data(out, results_table(out), selected_table(out)).wrong_predictions
    assert [(row["method"], row["seed"], row["cycle"], row["measure"]) for row in shown] == [
        ("dispersion", seed, 0, measure) for seed in (0, 1) for measure in MEASURES
    ]
    assert not (Cell("random", 0).folder(out) / FILE).exists()
    for kept in (OF_A_CELL, "informativeness.json"):
        assert json.loads((CELL.folder(out) / kept).read_text())["weights"] == shown[0]["weights"]

    pool = open_dataset(quick.data).train
    history = LabelHistory.open(next((out / "artifacts" / "history").glob("*/*/recorded.json")).parent)
    truth = pool.labels[pool.positions(map(str, history.ids))]
    expected = roc_auc_score(history.labels[-1] != truth, dispersion(history))
    assert any(row["auroc"] == pytest.approx(expected) for row in shown if row["measure"] == "dispersion")


def test_scores_are_held_against_the_wrong_predictions_alone() -> None:
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3]])
    evidence = {"probabilities": probabilities, "label_history": np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]])}
    rows = wrong_predictions(evidence, np.array([False, True, False]))
    assert {row["measure"]: row["auroc"] for row in rows} == {
        "dispersion": 0.75, "least-confidence": 1.0, "margin": 1.0, "entropy": 1.0
    }  # fmt: skip


@pytest.mark.parametrize("wrong", [False, True])
def test_a_model_that_is_never_or_always_wrong_gives_no_rows(wrong: bool) -> None:
    evidence = {"probabilities": np.full((2, 2), 0.5), "label_history": np.zeros((3, 2), dtype=np.int64)}
    assert wrong_predictions(evidence, np.array([wrong, wrong])) == []


@pytest.mark.parametrize("content", ["{", '{"format": "swither wrong predictions", "version": 1, "cycle": 0}', "[]"])
def test_a_damaged_file_is_left_out_of_the_report_and_made_again_by_the_next_start(
    quick: CompareSettings, tmp_path: Path, content: str
) -> None:
    out = tmp_path / "out"
    quick = replace(quick, reference=False, acquisitions=("dispersion",))
    compare(quick, out)
    path = CELL.folder(out) / FILE
    whole = path.read_bytes()
    path.write_text(content)
    assert wrong_predictions_rows(out, [CELL]) == []
    assert rebuild(out).num_rows == 2
    with pytest.warns(UserWarning, match="made again"):
        compare(quick, out)
    assert path.read_bytes() == whole


def test_a_folder_from_before_these_figures_has_none_and_is_finished(quick: CompareSettings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    quick = replace(quick, reference=False)
    compare(quick, out)
    (CELL.folder(out) / FILE).unlink()
    path = CELL.folder(out) / "informativeness.json"
    facts = json.loads(path.read_text())
    del facts["checksums"][FILE]
    path.write_text(json.dumps(facts))
    assert report_data(out, results_table(out), selected_table(out)).wrong_predictions == []
    assert unfinished(prepare(quick, out, Silent())) == []


def test_every_cell_of_a_seed_keeps_its_rows_under_its_own_name(tmp_path: Path) -> None:
    """Which of them counts is told where circumstances are known."""
    cells = [CELL, Cell("oracle", 0)]
    for area, cell in enumerate(cells):
        cell.folder(tmp_path).mkdir(parents=True)
        rows = [{"measure": "margin", "auroc": float(area)}]
        write_json(cell.folder(tmp_path) / FILE, FORMAT, VERSION, {"cycle": 0, "images": 2, "wrong": 1, "rows": rows})
    found = wrong_predictions_rows(tmp_path, cells)
    assert [(row["method"], row["auroc"]) for row in found] == [("dispersion", 0.0), ("oracle", 1.0)]


def test_two_cells_of_a_seed_whose_first_models_differ_are_packed_and_merged_as_such(
    quick: CompareSettings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    compare(replace(quick, reference=False), out)
    path = Cell("random", 0).folder(out) / "informativeness.json"
    facts = json.loads(path.read_text())
    path.write_text(json.dumps(facts | {"weights": "another"}))
    (pack,) = pack_cells(out, tmp_path / "pack.zip")
    merged = tmp_path / "merged"
    merge_cells(pack, merged)
    comparison = Comparison(report_data(merged, results_table(merged), selected_table(merged)))
    assert list(portion_curves(comparison)) == ["dispersion"]
    assert "random" in " ".join(other_first_models(comparison)).lower()

    path = Cell("random", 0).folder(merged) / "informativeness.json"
    path.write_text(json.dumps({name: value for name, value in facts.items() if name != "weights"}))
    before = Comparison(report_data(merged, results_table(merged), selected_table(merged)))
    assert list(portion_curves(before)) == ["random", "dispersion"]
    assert other_first_models(before) == []
