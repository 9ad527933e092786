from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from swither.data import open_dataset
from swither.errors import InputError, SettingsDiffer, UnknownName
from swither.experiment import CellsFailed, CompareSettings, compare, rebuild
from swither.experiment import executor as executor_module
from swither.experiment.cells import Cell
from swither.experiment.protocol import read_experiment
from swither.experiment.watch import Silent
from swither.journal import DamageWarning, Journal
from swither.loop import trainings as trainings_module
from swither.training import Recipe

CLOCK = ["seconds_training", "seconds_recording", "seconds_selecting"]


class Listening(Silent):
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.done: list[tuple[str, int]] = []

    def note(self, message: str) -> None:
        self.notes.append(message)

    def finished(self, cell: Cell, row: Mapping[str, Any]) -> None:
        self.done.append((cell.name, row["cycle"]))


def rows(out: Path) -> list[dict[str, Any]]:
    return pq.read_table(out / "results.parquet").drop_columns(CLOCK).to_pylist()


def test_a_method_with_settings_is_a_cell_of_its_own_beside_the_plain_one(
    quick: CompareSettings, tmp_path: Path
) -> None:
    methods = ("dispersion", "dispersion:stride=1", "dispersion:window=2", "dispersion:augmented=yes")
    compare(replace(quick, acquisitions=methods, reference=False), tmp_path / "out")
    selected = pq.read_table(tmp_path / "out" / "selected.parquet").to_pylist()
    chosen = {
        method: [row["id"] for row in selected if (row["method"], row["batch"]) == (method, 1)]
        for method in ("dispersion", "dispersion:stride=1", "dispersion:window=2", "dispersion:augmented=true")
    }
    assert chosen["dispersion"] == chosen["dispersion:stride=1"] != []
    assert chosen["dispersion:window=2"] != chosen["dispersion"] != chosen["dispersion:augmented=true"]
    assert "dispersion (window 2)" in (tmp_path / "out" / "report.html").read_text()


def test_a_comparison_leaves_results_ids_probabilities_and_a_report(quick: CompareSettings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    table = compare(quick, out)
    assert table.column("method").to_pylist() == ["dispersion", "dispersion", "random", "random", "reference"]
    assert table.column("labelled").to_pylist() == [20, 30, 20, 30, 191]
    assert table.equals(pq.read_table(out / "results.parquet"))
    selected = pq.read_table(out / "selected.parquet").to_pylist()
    assert len(selected) == 2 * 30
    assert len({(row["method"], row["id"]) for row in selected}) == 60
    probabilities = np.load(out / "cells" / "random--seed0" / "probabilities" / "cycle-1.npy")
    assert probabilities.shape == (49, 10)
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert "<svg" in (out / "report.html").read_text()


def test_the_report_shows_the_batches_that_were_used(quick: CompareSettings, tmp_path: Path) -> None:
    compare(replace(quick, acquisitions=("random",)), tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<td>8 (cycle 0), 8 (cycle 1), 8 (all images)</td>" in page


def test_accuracies_follow_from_the_saved_probabilities(quick: CompareSettings, tmp_path: Path) -> None:
    table = compare(quick, tmp_path / "out").to_pylist()
    test = open_dataset(quick.data).test
    for row in table:
        folder = Cell(row["method"], row["seed"]).folder(tmp_path / "out")
        predicted = np.load(folder / "probabilities" / f"cycle-{row['cycle']}.npy").argmax(axis=1)
        assert row["accuracy"] == pytest.approx((predicted == test.labels).mean())
        for number, recall in enumerate(row["recall"]):
            assert recall == pytest.approx((predicted[test.labels == number] == number).mean())


def test_methods_share_the_initial_set_and_the_first_training(
    quick: CompareSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[int] = []
    real = trainings_module.fit

    def counting(model: Any, images: Any, *arguments: Any, **options: Any) -> Any:
        trained.append(len(images))
        return real(model, images, *arguments, **options)

    monkeypatch.setattr(trainings_module, "fit", counting)
    compare(replace(quick, acquisitions=("margin", "dispersion", "kcenter")), tmp_path / "out")
    assert sorted(trained) == [20, 30, 30, 30, 191]
    first = [row for row in rows(tmp_path / "out") if row["cycle"] == 0 and row["method"] != "reference"]
    assert len({row["training"] for row in first}) == 1
    assert len({row["accuracy"] for row in first}) == 1


def test_started_again_a_finished_comparison_trains_nothing(quick: CompareSettings, tmp_path: Path) -> None:
    compare(quick, tmp_path / "out")
    watcher = Listening()
    before = rows(tmp_path / "out")
    compare(quick, tmp_path / "out", watcher=watcher)
    assert watcher.done == []
    assert rows(tmp_path / "out") == before


def test_methods_and_seeds_added_later_give_what_a_whole_run_gives(quick: CompareSettings, tmp_path: Path) -> None:
    whole = replace(quick, acquisitions=("random", "margin", "dispersion"), seeds=2)
    compare(whole, tmp_path / "whole")
    compare(replace(quick, acquisitions=("random",)), tmp_path / "grown")
    compare(replace(whole, acquisitions=("margin",), seeds=1), tmp_path / "grown")
    compare(whole, tmp_path / "grown")
    assert rows(tmp_path / "grown") == rows(tmp_path / "whole")
    facts = read_experiment(tmp_path / "grown")
    assert (facts["methods"], facts["seeds"]) == (["random", "margin", "dispersion"], 2)


def test_merging_is_copying_cells(quick: CompareSettings, tmp_path: Path) -> None:
    both = replace(quick, acquisitions=("random", "margin"), reference=False)
    compare(both, tmp_path / "both")
    for name in ("random", "margin"):
        compare(replace(both, acquisitions=(name,)), tmp_path / name)
    shutil.copytree(Cell("margin", 0).folder(tmp_path / "margin"), Cell("margin", 0).folder(tmp_path / "random"))
    rebuild(tmp_path / "random")
    assert rows(tmp_path / "random") == rows(tmp_path / "both")


def test_a_cell_of_another_protocol_is_refused_by_name(quick: CompareSettings, tmp_path: Path) -> None:
    compare(replace(quick, acquisitions=("random",), reference=False), tmp_path / "one")
    other = replace(quick, acquisitions=("margin",), reference=False, step="11")
    compare(other, tmp_path / "other")
    shutil.copytree(Cell("margin", 0).folder(tmp_path / "other"), Cell("margin", 0).folder(tmp_path / "one"))
    with pytest.raises(SettingsDiffer, match=r"margin--seed0.*\n.*step: 11 there, 10 now"):
        rebuild(tmp_path / "one")


def test_a_cell_that_fails_stops_no_other_and_its_reason_is_told(
    quick: CompareSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = executor_module.run_cell

    def failing(experiment: Any, cell: Cell, watcher: Any) -> None:
        if cell.method == "random":
            raise InputError("the disk fell out")
        real(experiment, cell, watcher)

    monkeypatch.setattr(executor_module, "run_cell", failing)
    with pytest.raises(CellsFailed, match="random--seed0: the disk fell out"):
        compare(quick, tmp_path / "out")
    assert {row["method"] for row in rows(tmp_path / "out")} == {"dispersion", "reference"}
    monkeypatch.undo()
    compare(quick, tmp_path / "out")
    assert {row["method"] for row in rows(tmp_path / "out")} == {"random", "dispersion", "reference"}


def damage_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


DAMAGED: Sequence[str] = (
    "experiment.json",
    "cells/dispersion--seed0/cell.json",
    "cells/dispersion--seed0/informativeness.json",
    "cells/dispersion--seed0/montage.npz",
    "cells/dispersion--seed0/probabilities/cycle-0.npy",
    "cells/reference--seed0/probabilities/cycle-0.npy",
)


@pytest.mark.filterwarnings("ignore::swither.journal.DamageWarning")
@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_named_and_the_results_come_out_the_same(
    quick: CompareSettings, tmp_path: Path, name: str, recwarn: pytest.WarningsRecorder
) -> None:
    out = tmp_path / "out"
    compare(quick, out)
    before, content = rows(out), (out / name).read_bytes()
    damage_byte(out / name)
    watcher = Listening()
    with pytest.warns(DamageWarning) if name != "experiment.json" else _nothing() as caught:
        compare(quick, out, watcher=watcher)
    told = [str(warning.message) for warning in caught or []] + watcher.notes
    assert any(Path(name).name in message for message in told)
    assert rows(out) == before
    if name.endswith(".npy"):
        assert (out / name).read_bytes() == content


class _nothing:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def test_one_python_call_takes_names_and_numbers(few_digits: Path, tmp_path: Path) -> None:
    import swither

    table = swither.compare(
        few_digits,
        tmp_path / "out",
        acquisitions=["random"],
        seeds=1,
        initial=20,
        step="5%",
        cycles=1,
        reference=False,
        model="tiny",
        recipe={"epochs": 1, "least_steps": 1},
        jobs=1,
    )
    assert table.column("labelled").to_pylist() == [20, 30]
    with pytest.raises(UnknownName, match="Did you mean 'cycles'"):
        swither.compare(few_digits, tmp_path / "out", cycle=1)


def test_a_montage_that_a_kill_left_out_is_made_when_the_run_goes_on(quick: CompareSettings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    compare(quick, out)
    path = out / "cells" / "dispersion--seed0" / "montage.npz"
    content = path.read_bytes()
    path.unlink()
    with pytest.warns(DamageWarning, match=r"montage\.npz"):
        compare(quick, out)
    assert path.read_bytes() == content


def test_a_cell_whose_protocol_is_unknown_is_run_again_rather_than_believed(
    quick: CompareSettings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    compare(quick, out)
    (out / "experiment.json").unlink()
    for path in out.glob("cells/*/cell.json"):
        path.unlink()
    other = replace(quick, recipe=Recipe(epochs=4, least_steps=3))
    with pytest.warns(DamageWarning, match=r"cell\.json is missing"):
        compare(other, out)
    assert {row["epochs"] for row in rows(out)} == {4}


def test_only_some_cells_run_and_the_grid_stays_what_it_is(quick: CompareSettings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    some = compare(replace(quick, only=("random--seed0",)), out)
    assert set(some.column("method").to_pylist()) == {"random"}
    assert read_experiment(out)["methods"] == ["random", "dispersion"]
    rest = compare(quick, out)
    whole = compare(quick, tmp_path / "at once")
    assert rest.drop_columns(CLOCK).to_pylist() == whole.drop_columns(CLOCK).to_pylist()


def test_a_cell_outside_the_grid_is_refused_with_those_that_are_in_it(quick: CompareSettings, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="random--seed0"):
        compare(replace(quick, only=("random--seed7",)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_another_machine_trained_for_finished_cycles_is_not_trained_again(
    quick: CompareSettings, tmp_path: Path
) -> None:
    quick, out = replace(quick, acquisitions=("random",), reference=False), tmp_path / "out"
    before = compare(quick, out).column("accuracy").to_pylist()
    shutil.rmtree(out / "artifacts")  # stayed on the machine that went
    journal = Journal(out / "cells" / "random--seed0" / "cycles.jsonl", "finished cycle")
    first = journal.read()[:1]
    journal.path.unlink()
    journal.append(first)
    assert compare(quick, out).column("accuracy").to_pylist() == before
    assert len(list((out / "artifacts" / "training").glob("*/training.json"))) == 1
