from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from swither.data import DataSettings
from swither.errors import InputError, SettingsDiffer
from swither.experiment import CompareSettings, compare, reopening
from swither.experiment.cells import Cell
from swither.experiment.protocol import read_experiment
from swither.experiment.reopening import reopen


@pytest.fixture
def quick(quick: CompareSettings, tmp_path: Path) -> CompareSettings:
    """On a copy of the images that may be moved away."""
    copy = shutil.copy(quick.data.source, tmp_path / "digits.npz")
    return replace(quick, data=replace(quick.data, source=str(copy)))


@pytest.fixture
def out(quick: CompareSettings, tmp_path: Path) -> Path:
    compare(replace(quick, acquisitions=("random", "margin"), reference=False), tmp_path / "out")
    return tmp_path / "out"


def test_a_folder_opens_with_the_settings_that_made_it(quick: CompareSettings, out: Path) -> None:
    experiment = reopen(out)
    assert experiment.settings.acquisitions == ("random", "margin")
    assert experiment.settings.recipe == quick.recipe
    assert experiment.settings.model == quick.model
    assert experiment.counts == (20, 10)
    assert experiment.settings.device == "cpu"  # what was trained on it gives the same bits there alone
    assert experiment.protocol == read_experiment(out)["protocol"]


def test_images_that_moved_are_found_where_they_are_said_to_be(
    quick: CompareSettings, out: Path, tmp_path: Path
) -> None:
    moved = shutil.move(quick.data.source, tmp_path / "moved.npz")
    with pytest.raises(InputError, match="--data"):
        reopen(out)
    assert len(reopen(out, moved).dataset.train) == 191
    assert len(reopen(out, DataSettings(str(moved))).dataset.train) == 191


def test_other_images_are_refused(quick: CompareSettings, out: Path, tmp_path: Path) -> None:
    with np.load(quick.data.source) as saved:
        arrays = {name: saved[name] for name in saved.files}
    labels = next(name for name in arrays if arrays[name].ndim == 1)
    arrays[labels] = arrays[labels][::-1]
    np.savez(tmp_path / "others.npz", **arrays)
    with pytest.raises(InputError, match=r"others\.npz are not those"):
        reopen(out, tmp_path / "others.npz")


def test_another_protocol_is_refused_as_that(out: Path) -> None:
    facts = json.loads((out / "experiment.json").read_text())
    facts["protocol"]["recipe"]["from_the_future"] = 3
    (out / "experiment.json").write_text(json.dumps(facts))
    with pytest.raises(SettingsDiffer, match="from_the_future"):
        reopen(out)


def test_a_folder_from_before_its_data_were_kept_goes_by_its_command(out: Path, quick: CompareSettings) -> None:
    facts = json.loads((out / "experiment.json").read_text())
    del facts["data"]
    facts["commands"] = [f"swither compare {quick.data.source} --out x --cache={quick.data.cache} --image-size 8"]
    (out / "experiment.json").write_text(json.dumps(facts))
    assert reopen(out).settings.data == replace(quick.data, image_size=8)


def test_a_split_file_is_that_of_the_folder(quick: CompareSettings, tmp_path: Path) -> None:
    compare(replace(quick, acquisitions=("random",), reference=False), tmp_path / "first")
    split = shutil.move(tmp_path / "first" / "split.json", tmp_path / "mine.json")
    given = replace(quick, data=replace(quick.data, split=str(split)), acquisitions=("random",), reference=False)
    compare(given, tmp_path / "out")
    split.unlink()
    assert reopen(tmp_path / "out").settings.data.split == str(tmp_path / "out" / "split.json")


def test_a_folder_without_an_experiment_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no experiment"):
        reopen(tmp_path)


CARD = {"device": "cuda", "precision": "float32, convolutions in tf32", "deterministic": 1}
HALF = CARD | {"precision": "bfloat16, last layer in float32", "deterministic": 0}


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([CARD, CARD], {"device": "cuda", "precision": "float32", "deterministic": True}),
        ([HALF, HALF], {"device": "cuda", "precision": "bfloat16", "deterministic": False}),
        ([CARD, HALF], {"device": "cuda", "deterministic": False}),
        (
            [HALF | {"precision": "bfloat16, last layer in float32, compiled"}],
            {"device": "cuda", "precision": "bfloat16", "deterministic": False, "graphs": "compiled"},
        ),
        ([CARD, {"device": "cpu", "precision": "float32", "deterministic": 1}], {}),
        ([{"device": "cpu", "deterministic": 1}], {"device": "cpu", "precision": "float32"}),
        ([CARD | {"device": "mps"}], {}),
        ([], {}),
    ],
)
def test_what_is_trained_again_is_trained_where_and_in_the_precision_that_all_rows_name(
    rows: list[dict[str, object]], place: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = {Cell("random", seed): row for seed, row in enumerate(rows)}
    by_folder = {cell.folder(tmp_path): {0: {"circumstances": row}} for cell, row in cells.items()}
    monkeypatch.setattr(reopening, "available_devices", lambda: ["cuda:0", "cpu"])
    monkeypatch.setattr(reopening, "cells_of", lambda out: [*cells])
    monkeypatch.setattr(reopening, "finished_cycles", by_folder.__getitem__)
    assert reopening._place(tmp_path) == place
