"""The plan of a prepared comparison: measured once for each network, and without what is finished."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from swither.data import DataSettings
from swither.experiment import CompareSettings, Silent, compare, forecast, prepare
from swither.experiment.forecast import Forecast
from swither.experiment.work import Speeds
from swither.models.settings import ModelSettings
from swither.training.recipe import Recipe

SETTINGS = CompareSettings(
    DataSettings("digits"),
    ("random", "margin"),
    seeds=2,
    reference=False,
    initial="20",
    step="10",
    cycles=1,
    model=ModelSettings("tiny", width=4),
    recipe=Recipe(epochs=2, least_steps=2),
    jobs=1,
    device="cpu",
)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[ModelSettings]:
    """The networks that were measured, in order; each image of the real time is pretended."""
    asked: list[ModelSettings] = []

    def measure(model: ModelSettings, *arguments: Any, **more: Any) -> Speeds:
        asked.append(model)
        return Speeds(0.0, 1.0, 0.0, 0.0, 10**9, 10**7, 512)

    monkeypatch.setattr(forecast, "measure_speeds", measure)
    return asked


def test_a_network_is_measured_once_however_many_plans_are_made(measured: list[ModelSettings], tmp_path: Path) -> None:
    made = Forecast(prepare(SETTINGS, tmp_path / "out", Silent()))
    other = ModelSettings("resnet8")
    for settings in (SETTINGS, replace(SETTINGS, seeds=1), replace(SETTINGS, model=other), SETTINGS):
        made.of(settings)
    assert made.plan.trainings == 2 * 3
    assert measured == [SETTINGS.model, other]


def test_what_is_finished_is_left_out_and_a_finished_folder_is_not_even_measured(
    measured: list[ModelSettings], tmp_path: Path
) -> None:
    compare(replace(SETTINGS, seeds=1), tmp_path / "out")
    grown = Forecast(prepare(SETTINGS, tmp_path / "out", Silent())).plan
    assert (grown.finished, grown.trainings, {work.seed for work in grown.work}) == (2, 3, {1})
    measured.clear()
    plan = Forecast(prepare(replace(SETTINGS, seeds=1), tmp_path / "out", Silent())).plan
    assert (plan.work, plan.seconds, measured) == ((), 0, [])


def test_the_nearest_settings_fit_by_their_own_plan(measured: list[ModelSettings], tmp_path: Path) -> None:
    made = Forecast(prepare(SETTINGS, tmp_path / "out", Silent()))
    limit = made.plan.seconds / 2
    nearest = made.nearest(limit)
    assert nearest is not None
    assert nearest.seeds == 1
    assert made.of(nearest).seconds <= limit


def test_free_disk_is_asked_of_a_folder_that_is_not_made_yet(tmp_path: Path) -> None:
    made = Forecast(prepare(SETTINGS, tmp_path / "not" / "yet" / "there", Silent()))
    assert made.free_disk > 0


def test_queries_that_train_networks_of_their_own_are_counted(
    measured: list[ModelSettings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def vaal(settings: Any, *arguments: Any, **more: Any) -> float:
        asked.append(settings.iterations)
        return 1000.0

    monkeypatch.setattr(forecast, "measure_vaal", vaal)
    spec = "vaal:width=2,iterations=3"
    settings = replace(SETTINGS, acquisitions=("random", spec), seeds=3, cycles=2)
    made = Forecast(prepare(settings, tmp_path / "out", Silent()))
    without = made.of(replace(settings, acquisitions=("random", "margin")))
    assert made.plan.seconds - without.seconds == pytest.approx(3 * 2 * 1000)
    assert asked == [3], "measured once, and not for methods that do not need it"
    only = made.of(replace(settings, only=("random--seed0",)))
    assert only.seconds < 1000


def test_another_precision_is_measured_as_one_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, object]] = []

    def measure(*arguments: Any, precision: object, graphs: object, **more: Any) -> Speeds:
        asked.append((precision, graphs))
        return Speeds(0.0, 1.0, 1.0, 0.0, 10**9, 10**7, 512, chunk=1024)

    monkeypatch.setattr(forecast, "measure_speeds", measure)
    made = Forecast(prepare(SETTINGS, tmp_path / "out", Silent()))
    for settings in (SETTINGS, replace(SETTINGS, precision="float32"), replace(SETTINGS, graphs="no"), SETTINGS):
        made.of(settings)
    assert asked == [(None, None), ("float32", None), (None, "no")]
    plan = made.plan
    tested = [work for work in plan.work if work.tested_images and not work.scored_images]
    assert tested, "the last cycle only tests"
    assert {work.chunks for work in tested} == {1}, "359 test images in a chunk of 1024"
