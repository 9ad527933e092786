"""A folder has one protocol, and what cannot work is refused before anything is trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swither.errors import Busy, InputError, SettingsDiffer, UnknownName
from swither.experiment import CompareSettings, compare
from swither.experiment.protocol import prepare, record, refuse_difference
from swither.experiment.results import results_table
from swither.experiment.watch import Silent
from swither.files import locked
from swither.models import ModelSettings
from swither.training import Recipe


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"step": "12"}, "step: 10 there, 12 now"),
        ({"recipe": Recipe(epochs=4, least_steps=3)}, "recipe.epochs: 3 there, 4 now"),
        (
            {"recipe": Recipe(epochs=3, least_steps=3, class_weights="balanced")},
            "recipe.class_weights: none there, bal",
        ),
        ({"model": ModelSettings("tiny", width=8)}, "model.width: 4 there, 8 now"),
        ({"record_every": 2}, "record_every: 1 there, 2 now"),
    ],
)
def test_another_protocol_in_the_same_folder_is_refused_field_by_field(
    quick: CompareSettings, tmp_path: Path, change: dict[str, Any], shown: str
) -> None:
    settings = replace(quick, acquisitions=("random",), reference=False)
    compare(settings, tmp_path / "out")
    before = results_table(tmp_path / "out")
    with pytest.raises(SettingsDiffer, match=shown):
        compare(replace(settings, **change), tmp_path / "out")
    assert results_table(tmp_path / "out") == before


def test_a_folder_from_before_a_setting_was_there_is_of_the_protocol_that_leaves_it_out() -> None:
    older, newer = {"recipe": {"epochs": 3}}, {"recipe": {"epochs": 3, "class_weights": "none"}}
    refuse_difference(older, newer, "there")
    refuse_difference(newer, older, "there")
    with pytest.raises(SettingsDiffer, match=r"recipe\.class_weights: none there, balanced now"):
        refuse_difference(older, {"recipe": {"epochs": 3, "class_weights": "balanced"}}, "there")


def test_other_data_in_the_same_folder_are_refused(quick: CompareSettings, tmp_path: Path) -> None:
    settings = replace(quick, acquisitions=("random",), reference=False)
    compare(settings, tmp_path / "out")
    with pytest.raises(SettingsDiffer, match=r"data\.training images"):
        compare(replace(settings, data=replace(settings.data, source="digits")), tmp_path / "out")


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"acquisitions": ("random", "marign")}, UnknownName, "Did you mean 'margin'"),
        ({"initial": "190", "step": "5"}, InputError, "budget is impossible.*195.*191"),
        ({"initial": "many"}, InputError, "--initial"),
        ({"initial": "0.01%"}, InputError, "at least one"),
        ({"acquisitions": ("bald",), "model": ModelSettings("tiny", dropout=0.0)}, InputError, "--dropout 0"),
        (
            {"acquisitions": ("dispersion",), "record_every": 9},
            InputError,
            "dispersion .* --record-every 9 .* 3 epochs",
        ),
        ({"device": "quantum"}, InputError, "No device 'quantum' here"),
        ({"precision": "float8"}, UnknownName, "bfloat16, float32"),
        ({"graphs": "steps"}, InputError, "need CUDA"),
        ({"record": "folded"}, InputError, r"full, online or deferred, got 'folded'.*: --record-folded\."),
        ({"record": "defered"}, UnknownName, "Did you mean 'deferred'"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_trained(
    quick: CompareSettings, tmp_path: Path, change: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        compare(replace(quick, **change), tmp_path / "out")
    assert not (tmp_path / "out" / "artifacts").exists()


def test_a_second_process_in_the_same_folder_is_refused(quick: CompareSettings, tmp_path: Path) -> None:
    with locked(tmp_path / "out" / "lock"), pytest.raises(Busy, match="Another process"):
        compare(quick, tmp_path / "out")


@pytest.mark.parametrize("place", ["photos", "photos/results"])
def test_results_among_the_images_are_refused_before_anything_is_read(
    quick: CompareSettings, tmp_path: Path, place: str
) -> None:
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    data = replace(quick.data, source=str(tmp_path / "photos"))
    with pytest.raises(InputError, match="inside the data"):
        compare(replace(quick, data=data), tmp_path / place)
    assert not (tmp_path / "photos" / "results").exists()


def test_results_in_place_of_a_file_are_refused(quick: CompareSettings, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        compare(quick, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_a_folder_that_another_process_began_meanwhile_is_not_taken_over(
    quick: CompareSettings, tmp_path: Path
) -> None:
    settings = replace(quick, acquisitions=("random",), reference=False)
    late = prepare(replace(settings, step="11"), tmp_path / "out", Silent())
    compare(settings, tmp_path / "out")
    with pytest.raises(SettingsDiffer, match="step: 10 there, 11 now"):
        record(late, "")
