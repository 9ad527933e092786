"""A comparison whose pools are recorded in part asks for the same images, and says what it does not have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from swither.data import DataSettings
from swither.errors import InputError, SettingsDiffer
from swither.experiment import CompareSettings, compare
from swither.experiment.opinions import opinions
from swither.models import ModelSettings
from swither.training import Recipe


@pytest.fixture
def settings(few_digits: Path, tmp_path: Path) -> CompareSettings:
    return CompareSettings(
        DataSettings(str(few_digits), cache=str(tmp_path / "cache")),
        acquisitions=("random", "dispersion"),
        seeds=1,
        reference=False,
        initial="20",
        step="10",
        cycles=2,
        model=ModelSettings("tiny", width=4),
        recipe=Recipe(epochs=6, least_steps=6),
        jobs=1,
        device="cpu",
    )


def chosen(out: Path) -> list[tuple[str, int, str]]:
    rows = pq.read_table(out / "selected.parquet").to_pylist()
    return [(row["method"], row["batch"], row["id"]) for row in rows]


def accuracies(out: Path) -> list[float]:
    return pq.read_table(out / "results.parquet").column("accuracy").to_pylist()


def test_the_ids_and_accuracies_are_those_of_a_full_recording(settings: CompareSettings, tmp_path: Path) -> None:
    full, online, deferred = (tmp_path / record for record in ("full", "online", "deferred"))
    for out in (full, online, deferred):
        compare(replace(settings, record=out.name), out)
    assert chosen(full) == chosen(online) == chosen(deferred)
    assert accuracies(full) == accuracies(online) == accuracies(deferred)
    for out in (online, deferred):
        page = (out / "report.html").read_text()
        assert f"recorded in part (--record {out.name})" in page
        assert "Was the recording sound?" not in page
        assert "Dispersion ranked no more images than were asked for" in page
        assert "chooses anew for every portion" not in page
        cell = out / "cells" / "dispersion--seed0"
        assert not (cell / "montage.npz").exists()
        assert not (cell / "wrong_predictions.json").exists()
    assert "recorded in part" not in (full / "report.html").read_text()


def test_a_run_in_part_has_no_opinion_that_needs_the_whole_pool_until_it_is_asked_for(
    settings: CompareSettings, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    compare(replace(settings, record="deferred"), out)
    slow = ("coreset", "badge", "typiclust", "bald", "kcenter")
    (answer,) = opinions(out, without=slow)
    assert "margin" in {row["method"] for row in answer["rows"]}
    left_out = answer["left_out"]["diverse-dispersion"]
    assert "no record of the whole pool was there when it was asked" in left_out
    (answer,) = opinions(out, methods=("dispersion",))
    assert answer["left_out"]["diverse-dispersion"] == left_out  # which is still so: it was not asked again
    (answer,) = opinions(out, without=slow)  # the record that was made for dispersion is there now
    assert {"diverse-dispersion", "clustered-dispersion", "dispersion"} <= {row["method"] for row in answer["rows"]}
    assert not any("record" in reason for reason in answer["left_out"].values())


def test_a_folder_has_one_way_to_record(settings: CompareSettings, tmp_path: Path) -> None:
    compare(settings, tmp_path / "out")
    with pytest.raises(SettingsDiffer, match="record: full there, online now"):
        compare(replace(settings, record="online"), tmp_path / "out")


@pytest.mark.parametrize("method", ["clustered-dispersion", "dispersion:burn_in=0.2"])
def test_methods_that_need_the_whole_pool_are_refused_before_anything_is_trained(
    settings: CompareSettings, tmp_path: Path, method: str
) -> None:
    with pytest.raises(InputError, match="--record full"):
        compare(replace(settings, record="deferred", acquisitions=("random", method)), tmp_path / "out")
    assert not (tmp_path / "out" / "artifacts").exists()
