from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from swither.errors import DamagedState, InputError, NewerFormat
from swither.experiment.choice import FORMAT as CHOICE
from swither.experiment.choice import read_choice
from swither.experiment.merging import merge_cells
from swither.experiment.packing import pack_cells, states_of, unpacked
from swither.experiment.paper_folder import FORMAT as PAPER
from swither.experiment.paper_folder import read_paper
from swither.files import write_json
from swither.journal import Journal

KEPT = Path(__file__).parent / "formats" / "v1"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT, tmp_path / "out"))


def test_a_pack_holds_results_and_nothing_that_can_be_made_again(out: Path, tmp_path: Path) -> None:
    cell = out / "cells" / "random--seed0"
    (cell / "events.damaged-1").write_text("set aside")
    (cell / "lock").touch()
    (cell / ".cell.json.x.tmp").touch()
    (out / "cells" / "no cell").mkdir()
    trial = out / "choice" / "batch_size=128" / "cells" / "reference--seed0"
    trial.mkdir(parents=True)
    (trial / "cell.json").write_bytes((out / "cells" / "reference--seed0" / "cell.json").read_bytes())
    (file,) = pack_cells(out, tmp_path / "pack.zip")
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
    assert {"pack.json", "experiment.json", "split.json", "cells/random--seed0/probabilities/cycle-1.npy"} <= names
    assert "choice/batch_size=128/cells/reference--seed0/cell.json" in names
    assert not [name for name in names if "artifacts" in name or "lock" in name or ".tmp" in name or "damaged" in name]
    assert not [name for name in names if name.endswith((".safetensors", ".parquet", ".html"))]


def test_no_file_is_larger_than_asked_for_and_each_knows_its_protocol(out: Path, tmp_path: Path) -> None:
    (whole,) = pack_cells(out, tmp_path / "whole.zip")
    largest = whole.stat().st_size * 3 // 4
    files = pack_cells(out, tmp_path / "part.zip", largest=largest)
    assert len(files) > 1
    assert all(file.stat().st_size <= largest for file in files)
    names: set[str] = set()
    for file in files:
        with zipfile.ZipFile(file) as archive:
            assert "experiment.json" in archive.namelist()
            names |= set(archive.namelist())
    with zipfile.ZipFile(whole) as archive:
        assert names == set(archive.namelist())


def test_each_part_alone_makes_a_folder_that_repeats_the_paper(out: Path, tmp_path: Path) -> None:
    write_json(out / "paper.json", PAPER, 1, {"dataset": "cifar10"})
    chosen = {"rows": [], "chosen": {"weight_decay": 0.0}, "training_images": 90, "held_out_images": 10}
    write_json(out / "choice.json", CHOICE, 1, chosen)
    (whole,) = pack_cells(out, tmp_path / "whole.zip")
    files = pack_cells(out, tmp_path / "part.zip", largest=whole.stat().st_size * 3 // 4)
    assert len(files) > 1
    for file in files:
        merge_cells(file, tmp_path / file.stem)
        paper, choice = read_paper(tmp_path / file.stem), read_choice(tmp_path / file.stem)
        assert paper is not None
        assert paper["dataset"] == "cifar10"
        assert choice is not None
        assert choice.chosen == {"weight_decay": 0.0}


def test_what_fits_into_no_file_is_said_and_not_left_out(out: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="got 100"):
        pack_cells(out, tmp_path / "pack.zip", largest=100)


@pytest.mark.parametrize(
    "name", ["../escape.json", "/etc/passwd.json", "cells/../../x", "artifacts/x", "x.sh", "C:/x.json", "cells\\..\\x"]
)
def test_nothing_is_written_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("pack.json", '{"format": "swither pack", "version": 1}')
        archive.writestr(name, "x")
    with pytest.raises(DamagedState, match="no pack"), unpacked(tmp_path / "bad.zip"):
        pass


def test_a_pack_cut_off_on_its_way_or_of_a_newer_version_is_refused(out: Path, tmp_path: Path) -> None:
    (file,) = pack_cells(out, tmp_path / "pack.zip")
    (tmp_path / "cut.zip").write_bytes(file.read_bytes()[:-2000])
    with pytest.raises(DamagedState, match="Carry it over again"), unpacked(tmp_path / "cut.zip"):
        pass
    with zipfile.ZipFile(tmp_path / "newer.zip", "w") as archive:
        archive.writestr("pack.json", '{"format": "swither pack", "version": 99}')
    with pytest.raises(NewerFormat), unpacked(tmp_path / "newer.zip"):
        pass
    with pytest.raises(InputError, match="found none"), unpacked(tmp_path / "missing.zip"):
        pass


def test_cells_that_are_known_and_unchanged_are_not_carried_again(out: Path, tmp_path: Path) -> None:
    known = states_of(out)
    Journal(out / "cells" / "random--seed0" / "events.jsonl", "label event").append([{"kind": "labelled"}])
    (file,) = pack_cells(out, tmp_path / "pack.zip", known=known)
    with zipfile.ZipFile(file) as archive:
        cells = {name.split("/")[1] for name in archive.namelist() if name.startswith("cells/")}
    assert cells == {"random--seed0"}
