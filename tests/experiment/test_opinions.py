from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swither.acquisition import ACQUISITIONS
from swither.dynamics import LabelHistory
from swither.errors import InputError, NewerFormat, UnknownName
from swither.experiment import CompareSettings, compare, opinions
from swither.experiment.cells import Cell
from swither.experiment.contents import report_data
from swither.experiment.merging import merge_cells
from swither.experiment.opinion import FOLDER, OF_A_CELL
from swither.experiment.packing import pack_cells
from swither.experiment.paper_folder import record_paper
from swither.experiment.results import results_table, selected_table
from swither.experiment.watch import Silent
from swither.experiment.wrong_predictions import FILE as WRONG_PREDICTIONS
from swither.loop import trainings as trainings_module
from swither.loop.batches import BatchFile
from swither.report import ReportData


class Listening(Silent):
    """A watcher that remembers its notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.fixture
def out(quick: CompareSettings, tmp_path: Path) -> Path:
    """A finished comparison of margin and dispersion, two queries, one seed."""
    compare(replace(quick, acquisitions=("margin", "dispersion"), cycles=2, reference=False), tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts what is trained from here on."""
    trained: list[int] = []
    real = trainings_module.fit

    def counting(model: Any, images: Any, *arguments: Any, **options: Any) -> Any:
        trained.append(len(images))
        return real(model, images, *arguments, **options)

    monkeypatch.setattr(trainings_module, "fit", counting)
    return trained


def shown(out: Path) -> ReportData:
    return report_data(out, results_table(out), selected_table(out))


def by_method(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["method"]: row for row in found[0]["rows"]}


def test_every_method_gives_its_opinion_of_the_stored_training_and_nothing_is_trained(
    out: Path, untrained: list[int]
) -> None:
    found = opinions(out)
    rows = by_method(found)
    assert untrained == []
    assert set(rows) | set(found[0]["left_out"]) >= set(ACQUISITIONS)
    assert (found[0]["seed"], found[0]["cycle"], found[0]["count"], found[0]["labelled"]) == (0, 0, 10, 20)
    assert all(len(set(row["ids"])) == 10 == sum(row["classes"]) for row in rows.values())
    assert rows["oracle"]["accuracy"] == 0
    assert rows["random"]["auroc"] is None
    for method in ("margin", "dispersion"):  # what was asked in the comparison itself
        batches = BatchFile(Cell(method, 0).folder(out) / "batches.jsonl").read()
        assert rows[method]["ids"] == list(batches[1].ids)
        kept = json.loads((Cell(method, 0).folder(out) / OF_A_CELL).read_text())["rows"][0]
        assert kept | {"seconds": 0} == rows[method] | {"seconds": 0}


def test_the_report_shows_what_was_compared_at_once_and_everything_when_asked(out: Path) -> None:
    assert [row["method"] for row in shown(out).opinions] == ["margin", "dispersion"]
    before = shown(out).overlaps
    opinions(out, methods=("random", "margin", "dispersion:stride=2"))
    data = shown(out)
    assert [row["method"] for row in data.opinions] == ["random", "margin", "dispersion", "dispersion:stride=2"]
    assert data.opinions[3]["title"] == "dispersion (stride 2)"
    shared = {(row["method"], row["other"]): row["share"] for row in data.overlaps}
    assert len(shared) == 6
    assert shared["margin", "dispersion"] == before[0]["share"]
    ids = {row["method"]: set(row["ids"]) for row in opinions(out, methods=("random", "margin"))[0]["rows"]}
    assert shared["random", "margin"] == len(ids["random"] & ids["margin"]) / 10
    assert data.overlaps[0]["by_chance"] == 10 / 171
    assert 'id="opinions"' in (out / "report.html").read_text()


def test_a_history_thinned_afterwards_is_that_of_fewer_recordings(out: Path) -> None:
    rows = by_method(opinions(out, methods=("dispersion", "dispersion:stride=1", "dispersion:stride=3"), count=30))
    assert rows["dispersion"]["ids"] == rows["dispersion:stride=1"]["ids"]
    assert rows["dispersion"]["ids"] != rows["dispersion:stride=3"]["ids"]


def test_opinions_of_the_same_training_and_count_add_up_and_others_begin_anew(out: Path) -> None:
    opinions(out, methods=("margin",))
    assert set(by_method(opinions(out, methods=("entropy",)))) == {"margin", "entropy"}
    assert set(by_method(opinions(out, methods=("random",), count=7))) == {"random"}


@pytest.mark.parametrize("weights", ["those of another network", None])
def test_opinions_of_another_network_are_not_added_to(out: Path, weights: str | None) -> None:
    opinions(out, methods=("margin",))
    path = out / FOLDER / "seed0-cycle0.json"
    facts = json.loads(path.read_text())
    others = facts | {"weights": weights} if weights else {k: v for k, v in facts.items() if k != "weights"}
    path.write_text(json.dumps(others))
    assert set(by_method(opinions(out, methods=("entropy",)))) == {"entropy"}


def test_reasons_for_what_was_left_out_outlive_a_question_about_another_method(out: Path) -> None:
    assert "dispersion" in opinions(out, cycle=2)[0]["left_out"]
    assert "dispersion" in opinions(out, cycle=2, methods=("margin",))[0]["left_out"]
    assert "dispersion" not in opinions(out, cycle=2, methods=("dispersion",))[0]["left_out"], "answered by now"
    again = opinions(out, cycle=2)[0]
    assert "dispersion" in by_method([again])
    assert "dispersion" not in again["left_out"], "its earlier answer stands"


def test_a_later_cycle_is_looked_at_in_the_run_that_is_named(out: Path, untrained: list[int]) -> None:
    for run in ("margin", "dispersion"):
        found = opinions(out, cycle=1, run=run, methods=("margin", "entropy"))
        assert (found[0]["run"], found[0]["labelled"]) == (run, 30)
        if run == "margin":
            batches = BatchFile(Cell(run, 0).folder(out) / "batches.jsonl").read()
            assert by_method(found)["margin"]["ids"] == list(batches[2].ids)
    assert "dispersion" in by_method(opinions(out, cycle=1))
    assert untrained == []


def test_a_pool_that_was_never_recorded_leaves_dispersion_out_unless_it_is_asked_for(
    out: Path, untrained: list[int]
) -> None:
    found = opinions(out, cycle=2)
    assert "no record of the whole pool" in found[0]["left_out"]["dispersion"]
    assert untrained == []
    watcher = Listening()
    assert "dispersion" in by_method(opinions(out, cycle=2, methods=("dispersion",), watcher=watcher))
    assert untrained == [40]
    assert watcher.notes == ["Seed 0, cycle 2 is trained again: dispersion needs a label history of its own."]


def test_a_history_recorded_otherwise_is_made_once_and_only_for_the_method_that_asks(
    out: Path, untrained: list[int]
) -> None:
    asked = ("dispersion", "dispersion:augmented=true")
    whole = (Cell("dispersion", 0).folder(out) / WRONG_PREDICTIONS).read_bytes()
    rows, watcher = by_method(opinions(out, methods=asked, count=40)), Listening()
    assert untrained == [20]
    assert rows["dispersion"]["auroc"] != rows["dispersion:augmented=true"]["auroc"]
    assert by_method(opinions(out, methods=asked, count=40, watcher=watcher)).keys() == rows.keys()
    assert untrained == [20]
    assert watcher.notes == []
    assert (Cell("dispersion", 0).folder(out) / WRONG_PREDICTIONS).read_bytes() == whole


@pytest.mark.parametrize("gone", ["training", "history", ""])
def test_removed_artifacts_are_made_again_and_that_is_said(out: Path, untrained: list[int], gone: str) -> None:
    before = by_method(opinions(out, methods=("margin", "dispersion")))
    shutil.rmtree(out / "artifacts" / gone)
    shutil.rmtree(out / FOLDER)
    watcher = Listening()
    again = by_method(opinions(out, methods=("margin", "dispersion"), watcher=watcher))
    assert [row["ids"] for row in again.values()] == [row["ids"] for row in before.values()]
    assert len(untrained) == 1
    assert len(watcher.notes) == 1
    assert "trained again" in watcher.notes[0]


def test_a_damaged_history_is_set_aside_and_recorded_again(out: Path, untrained: list[int]) -> None:
    before = by_method(opinions(out, methods=("dispersion",)))
    for labels in (out / "artifacts" / "history").glob("*/*/labels.npy"):
        labels.write_bytes(labels.read_bytes()[:-20] + bytes(20))
    shutil.rmtree(out / FOLDER)
    with pytest.warns(UserWarning, match="made again"):
        again = by_method(opinions(out, methods=("dispersion",)))
    assert again["dispersion"]["ids"] == before["dispersion"]["ids"]
    assert len(untrained) == 1


def test_a_folder_from_before_gets_what_finds_its_wrong_predictions(out: Path, untrained: list[int]) -> None:
    path = Cell("dispersion", 0).folder(out) / WRONG_PREDICTIONS
    whole = path.read_bytes()
    path.unlink()
    opinions(out, methods=("margin",))
    assert path.read_bytes() == whole
    assert untrained == []
    found = {row["measure"]: row["auroc"] for row in shown(out).wrong_predictions}
    asked = by_method(opinions(out))
    assert found == {measure: asked[measure]["auroc"] for measure in found}


@pytest.mark.parametrize("content", ["{", '{"format": "swither opinions", "version": 1}'])
def test_a_damaged_file_of_opinions_is_left_out_and_written_anew(out: Path, content: str) -> None:
    opinions(out, methods=("random",))
    path = out / FOLDER / "seed0-cycle0.json"
    path.write_text(content)
    assert [row["method"] for row in shown(out).opinions] == ["margin", "dispersion"]
    assert set(by_method(opinions(out, methods=("entropy",)))) == {"entropy"}


def test_opinions_of_a_newer_version_are_refused_by_name(out: Path) -> None:
    opinions(out, methods=("random",))
    path = out / FOLDER / "seed0-cycle0.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 99}))
    with pytest.raises(NewerFormat, match=r"seed0-cycle0\.json.*version 99"):
        shown(out)


def test_what_cannot_be_asked_is_said_before_anything_is_done(out: Path) -> None:
    for options, said in (
        ({"count": 0}, "1 or more"),
        ({"count": 1000}, "at most 171"),
        ({"cycle": 7}, "no seed has finished cycle 7"),
        ({"seeds": [4]}, "seed 4 has not finished cycle 0; seeds that have: 0"),
        ({"run": "entropy", "cycle": 1}, "cycle 1 of entropy"),
        ({"methods": ["margin"], "without": ["margin"]}, "all of them are left out"),
    ):
        with pytest.raises(InputError, match=said):
            opinions(out, **options)  # type: ignore[arg-type]
    shutil.rmtree(out / "artifacts")
    watcher = Listening()
    with pytest.raises(UnknownName, match="margn"):
        opinions(out, methods=("margn",), watcher=watcher)
    assert watcher.notes == [], "nothing is trained again for a name that there is not"
    assert not (out / FOLDER).exists()


def test_vaal_is_asked_where_it_has_been_trained_or_is_named(quick: CompareSettings, tmp_path: Path) -> None:
    small = "vaal:width=4,iterations=2"
    compare(replace(quick, acquisitions=("random",), reference=False), tmp_path / "out")
    facts = json.loads((tmp_path / "out" / "experiment.json").read_text())
    facts["methods"].append(small)  # planned, and not run yet
    (tmp_path / "out" / "experiment.json").write_text(json.dumps(facts))
    assert not any(method.startswith("vaal") for method in by_method(opinions(tmp_path / "out")))
    compare(replace(quick, acquisitions=(small,), reference=False), tmp_path / "out")
    assert [method for method in by_method(opinions(tmp_path / "out")) if method.startswith("vaal")] == [small]
    last = opinions(tmp_path / "out", cycle=1, run=small)
    assert small in last[0]["left_out"], "after the last query it was not trained"


def test_a_plain_name_is_the_method_as_a_folder_of_the_paper_has_it(quick: CompareSettings, tmp_path: Path) -> None:
    small, out = "vaal:width=4,iterations=2", tmp_path / "out"
    settings = replace(quick, acquisitions=("random", small), reference=False)
    record_paper(out, "cifar10", settings)
    compare(settings, out)
    assert set(by_method(opinions(out, methods=("vaal", "entropy")))) == {small, "entropy"}
    assert set(by_method(opinions(out, cycle=1, run="vaal", methods=("margin",)))) == {"margin"}
    everything = opinions(out, without=("random",))[0]
    assert "vaal" not in {*by_method([everything]), *everything["left_out"]}


def test_vaal_that_another_machine_trained_is_not_trained_here_without_a_word(
    quick: CompareSettings, tmp_path: Path
) -> None:
    small, watcher = "vaal:width=4,iterations=2", Listening()
    compare(replace(quick, acquisitions=(small,), reference=False), tmp_path / "there")
    (pack,) = pack_cells(tmp_path / "there", tmp_path / "results.zip")
    merge_cells(pack, tmp_path / "here")
    found = opinions(tmp_path / "here")
    assert small not in by_method(found)
    assert "no networks of its own had been trained" in found[0]["left_out"][small]
    assert not (tmp_path / "here" / "artifacts" / "vaal").exists()
    assert small in by_method(opinions(tmp_path / "here", methods=(small,), watcher=watcher))
    (said,) = watcher.notes
    assert said.startswith("Seed 0, cycle 0: vaal trains its own networks, which were not kept here; that takes about ")
    assert small in by_method(opinions(tmp_path / "here")), "by now they are kept"


def test_a_network_without_dropout_leaves_bald_out(quick: CompareSettings, tmp_path: Path) -> None:
    still = replace(quick, model=replace(quick.model, dropout=0.0), reference=False, acquisitions=("random",))
    compare(still, tmp_path / "out")
    found = opinions(tmp_path / "out", without=("kcenter", "oracle"))
    assert "dropout" in found[0]["left_out"]["bald"]
    assert not {"kcenter", "oracle"} & (by_method(found).keys() | found[0]["left_out"].keys())
    with pytest.raises(InputError, match="bald cannot be asked"):
        opinions(tmp_path / "out", methods=("bald",))


def test_histories_are_those_that_were_recorded(out: Path) -> None:
    folder = next((out / "artifacts" / "history").glob("*/*/recorded.json")).parent
    assert LabelHistory.open(folder).epochs == 3
