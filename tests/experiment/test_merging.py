from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from swither.errors import InputError, SettingsDiffer
from swither.experiment import rebuild
from swither.experiment.merging import ResultsDiffer, merge_cells, merge_packs
from swither.experiment.packing import pack_cells
from swither.experiment.probabilities import are_intact
from swither.experiment.running import finished_cycles
from swither.journal import Journal

KEPT = Path(__file__).parent / "formats" / "v1"
CELL = "cells/dispersion--seed0"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT, tmp_path / "theirs"))


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT, tmp_path / "ours"))


def accuracies(out: Path) -> dict[str, float]:
    return {f"{row['method']}, cycle {row['cycle']}": row["accuracy"] for row in rebuild(out).to_pylist()}


def shorten(folder: Path, name: str, kind: str, lines: int) -> None:
    records = Journal(folder / name, kind).read()[:lines]
    (folder / name).unlink()
    Journal(folder / name, kind).append(records)


def make_half_finished(out: Path) -> None:
    """As a machine leaves a cell that was taken away after its first cycle."""
    shorten(out / CELL, "events.jsonl", "label event", 12)
    shorten(out / CELL, "batches.jsonl", "batch", 1)
    shorten(out / CELL, "cycles.jsonl", "finished cycle", 1)
    (out / CELL / "probabilities" / "cycle-1.npy").unlink()


def test_results_merged_into_an_empty_folder_are_all_results(theirs: Path, tmp_path: Path) -> None:
    (file,) = pack_cells(theirs, tmp_path / "pack.zip")
    merged = merge_cells(file, tmp_path / "new")
    assert set(merged.new) == {"dispersion--seed0", "random--seed0", "reference--seed0"}
    assert accuracies(tmp_path / "new") == json.loads((KEPT / "accuracies.json").read_text())


def test_a_pack_in_several_files_is_merged_file_by_file(theirs: Path, tmp_path: Path) -> None:
    (whole,) = pack_cells(theirs, tmp_path / "whole.zip")
    files = pack_cells(theirs, tmp_path / "part.zip", largest=whole.stat().st_size * 3 // 4)
    for file in reversed(files):
        merge_cells(file, tmp_path / "new")
    assert accuracies(tmp_path / "new") == json.loads((KEPT / "accuracies.json").read_text())


def test_merging_again_changes_nothing(ours: Path, theirs: Path, tmp_path: Path) -> None:
    (file,) = pack_cells(theirs, tmp_path / "pack.zip")
    before = {path: path.read_bytes() for path in ours.rglob("*.jsonl")}
    merged = merge_cells(file, ours)
    assert (merged.new, merged.longer) == ((), ())
    assert {path: path.read_bytes() for path in ours.rglob("*.jsonl")} == before


def test_a_half_finished_cell_goes_on_where_the_other_machine_stopped(ours: Path, theirs: Path, tmp_path: Path) -> None:
    make_half_finished(ours)
    (file,) = pack_cells(theirs, tmp_path / "pack.zip")
    assert merge_cells(file, ours).longer == ("dispersion--seed0",)
    assert accuracies(ours) == accuracies(theirs)


def test_less_than_is_there_takes_nothing_away(ours: Path, theirs: Path, tmp_path: Path) -> None:
    make_half_finished(theirs)
    (file,) = pack_cells(theirs, tmp_path / "pack.zip")
    assert merge_cells(file, ours).longer == ()
    assert len(finished_cycles(ours / CELL)) == 2


def test_a_cycle_without_its_probabilities_is_not_taken_for_finished(theirs: Path, tmp_path: Path) -> None:
    (theirs / CELL / "probabilities" / "cycle-1.npy").write_bytes(b"damaged on the way")
    (file,) = pack_cells(theirs, tmp_path / "pack.zip")
    merge_cells(file, tmp_path / "new")
    assert set(finished_cycles(tmp_path / "new" / CELL)) == {0}


@pytest.mark.parametrize(
    ("name", "kind", "field", "value"),
    [("cycles.jsonl", "finished cycle", "accuracy", 0.5), ("events.jsonl", "label event", "id", "another image")],
)
def test_two_different_results_for_one_cell_are_an_error_and_nothing_is_written(
    ours: Path, theirs: Path, tmp_path: Path, name: str, kind: str, field: str, value: object
) -> None:
    records = Journal(theirs / CELL / name, kind).read()
    (theirs / CELL / name).unlink()
    Journal(theirs / CELL / name, kind).append([*records[:-1], records[-1] | {field: value}])
    shutil.rmtree(ours / "cells" / "random--seed0")
    (file,) = pack_cells(theirs, tmp_path / "pack.zip")
    with pytest.raises(ResultsDiffer, match="dispersion--seed0"):
        merge_cells(file, ours)
    assert not (ours / "cells" / "random--seed0").exists()


def test_packs_that_differ_from_one_another_are_named_and_none_is_taken(
    ours: Path, theirs: Path, tmp_path: Path
) -> None:
    name, kind = "cycles.jsonl", "finished cycle"
    records = Journal(theirs / CELL / name, kind).read()
    (theirs / CELL / name).unlink()
    Journal(theirs / CELL / name, kind).append([*records[:-1], records[-1] | {"accuracy": 0.99}])
    files = [*pack_cells(ours, tmp_path / "one.zip"), *pack_cells(theirs, tmp_path / "two.zip")]
    with pytest.raises(ResultsDiffer, match=r"dispersion--seed0: cycle 1 differ between .*one\.zip and .*two\.zip"):
        merge_packs(files, tmp_path / "new")
    assert not (tmp_path / "new" / "cells").exists()


def test_packs_of_the_same_cells_are_taken_one_after_the_other(ours: Path, theirs: Path, tmp_path: Path) -> None:
    make_half_finished(theirs)
    files = [*pack_cells(theirs, tmp_path / "half.zip"), *pack_cells(ours, tmp_path / "whole.zip")]
    half, whole = merge_packs(files, tmp_path / "new")
    assert (len(half.new), whole.longer, len(whole.known)) == (3, ("dispersion--seed0",), 2)
    assert accuracies(tmp_path / "new") == json.loads((KEPT / "accuracies.json").read_text())


def test_another_protocol_is_refused_field_by_field(ours: Path, theirs: Path, tmp_path: Path) -> None:
    for path in [theirs / "experiment.json", *theirs.glob("cells/*/cell.json")]:
        facts = json.loads(path.read_text())
        facts["protocol"]["recipe"]["weight_decay"] = 0.25
        path.write_text(json.dumps(facts))
    (file,) = pack_cells(theirs, tmp_path / "pack.zip")
    with pytest.raises(SettingsDiffer, match=r"recipe\.weight_decay: .* there, 0\.25 now"):
        merge_cells(file, ours)


def test_the_folder_knows_the_methods_and_seeds_of_both(ours: Path, theirs: Path, tmp_path: Path) -> None:
    facts = json.loads((theirs / "experiment.json").read_text())
    facts |= {"methods": ["margin"], "seeds": 3, "commands": ["theirs"]}
    (theirs / "experiment.json").write_text(json.dumps(facts))
    (file,) = pack_cells(theirs, tmp_path / "pack.zip")
    merge_cells(file, ours)
    now = json.loads((ours / "experiment.json").read_text())
    assert now["methods"] == ["random", "dispersion", "margin"]
    assert now["seeds"] == 3
    assert "theirs" in now["commands"]


def test_different_choices_of_open_settings_are_an_error(ours: Path, theirs: Path, tmp_path: Path) -> None:
    for out, value in ((ours, 0.0), (theirs, 5e-4)):
        facts = {"rows": [], "chosen": {"weight_decay": value}, "training_images": 10, "held_out_images": 1}
        (out / "choice.json").write_text(json.dumps({"format": "swither choice", "version": 1, **facts}))
    (file,) = pack_cells(theirs, tmp_path / "pack.zip")
    with pytest.raises(ResultsDiffer, match="choices of open settings"):
        merge_cells(file, ours)


def test_trials_of_open_settings_are_carried_before_there_is_an_experiment(theirs: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    for name in ("batch_size=128", "batch_size=256"):
        shutil.copytree(theirs / "cells" / "reference--seed0", begun / "choice" / name / "cells" / "reference--seed0")
    (file,) = pack_cells(begun, tmp_path / "pack.zip")
    new = tmp_path / "new"
    assert merge_cells(file, new).new == ("batch_size=128", "batch_size=256")
    assert merge_cells(file, new).known == ("batch_size=128", "batch_size=256")
    cell = new / "choice" / "batch_size=256" / "cells" / "reference--seed0"
    assert set(finished_cycles(cell)) == {0}
    (whole,) = pack_cells(theirs, tmp_path / "whole.zip")
    assert len(merge_cells(whole, new).new) == 3
    assert accuracies(new) == json.loads((KEPT / "accuracies.json").read_text())


def test_a_folder_without_results_is_nothing_to_pack_or_to_merge(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no experiment"):
        pack_cells(tmp_path / "empty", tmp_path / "pack.zip")
    with pytest.raises(InputError, match="holds no experiment"):
        merge_cells(tmp_path / "empty", tmp_path / "new")


def test_cells_that_came_without_probabilities_are_finished_and_show_the_same(theirs: Path, tmp_path: Path) -> None:
    (whole,) = pack_cells(theirs, tmp_path / "whole.zip")
    (small,) = pack_cells(theirs, tmp_path / "small.zip", probabilities=False)
    assert small.stat().st_size < whole.stat().st_size
    new = tmp_path / "new"
    assert len(merge_cells(small, new).new) == 3
    assert accuracies(new) == json.loads((KEPT / "accuracies.json").read_text())
    for cell in (new / "cells").iterdir():
        assert all(are_intact(cell, row) for row in finished_cycles(cell).values())
    (again,) = pack_cells(new, tmp_path / "again.zip", probabilities=False)
    assert len(merge_cells(again, tmp_path / "newer").new) == 3
    assert len(merge_cells(whole, tmp_path / "newer").known) == 3


def test_a_note_of_other_probabilities_does_not_make_a_cycle_finished(theirs: Path, tmp_path: Path) -> None:
    (small,) = pack_cells(theirs, tmp_path / "small.zip", probabilities=False)
    merge_cells(small, tmp_path / "new")
    note = tmp_path / "new" / CELL / "probabilities" / "cycle-1.left-out"
    note.write_text("0" * 32)
    rows = finished_cycles(tmp_path / "new" / CELL)
    assert [are_intact(tmp_path / "new" / CELL, rows[cycle]) for cycle in (0, 1)] == [True, False]


def test_the_same_work_done_twice_is_one_result_though_it_took_another_time(theirs: Path, ours: Path) -> None:
    rows = Journal(theirs / CELL / "cycles.jsonl", "finished cycle").read()
    (theirs / CELL / "cycles.jsonl").unlink()
    slower = [{**row, "seconds_training": row["seconds_training"] + 9} for row in rows]
    Journal(theirs / CELL / "cycles.jsonl", "finished cycle").append(slower)
    assert len(merge_cells(theirs, ours).known) == 3
