"""What methods say of their queries, in a whole comparison: kept, shown, and made again the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from swither.experiment import CompareSettings, compare
from swither.experiment.cells import Cell
from swither.experiment.queries import covering_rows, vaal_rows
from swither.experiment.results import cells_of

SPEC = "vaal:width=1,iterations=6"


def compared(quick: CompareSettings, out: Path) -> CompareSettings:
    settings = replace(quick, acquisitions=("random", SPEC), reference=False, cycles=2)
    compare(settings, out)
    return settings


def test_a_comparison_holds_the_log_of_every_query_and_calls_a_small_vaal_reduced(
    quick: CompareSettings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    compared(quick, out)
    rows = vaal_rows(out, cells_of(out))
    assert {(row["method"], row["seed"], row["cycle"]) for row in rows} == {(SPEC, 0, 0), (SPEC, 0, 1)}
    assert [row["iteration"] for row in rows] == [*range(1, 7), *range(1, 7)]
    page = (out / "report.html").read_text("utf-8")
    assert "VAAL (reduced)" in page
    assert "Did VAAL learn?" in page
    results = {(row["method"], row["cycle"]): row for row in pq.read_table(out / "results.parquet").to_pylist()}
    assert results[SPEC, 0]["training"] == results["random", 0]["training"]
    assert len(list((out / "artifacts" / "vaal").glob("*/vaal.json"))) == 2, "the analysis and the query share one"


def test_lost_likelihoods_and_batches_are_made_again_the_same(quick: CompareSettings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    settings = compared(quick, out)
    before = pq.read_table(out / "selected.parquet").to_pylist()
    for name in ("cycles.jsonl", "batches.jsonl", "events.jsonl"):
        (Cell(SPEC, 0).folder(out) / name).unlink()
    for path in (out / "artifacts" / "vaal").glob("*/*"):
        path.unlink()
    compare(settings, out)
    assert pq.read_table(out / "selected.parquet").to_pylist() == before


def test_a_comparison_shows_what_every_query_of_coreset_proved(quick: CompareSettings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    compare(replace(quick, acquisitions=("coreset",), reference=False, cycles=2), out)
    rows = covering_rows(out, cells_of(out))
    assert [(row["seed"], row["cycle"]) for row in rows] == [(0, 0), (0, 1)]
    assert all(row["lower_bound"] <= row["radius"] <= row["greedy_radius"] for row in rows)
    assert "Did CoreSet cover as well as can be?" in (out / "report.html").read_text("utf-8")
