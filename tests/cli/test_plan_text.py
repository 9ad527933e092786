"""The plan on the screen says what will be done, and what it costs, in words that are right."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from swither.cli.plan_text import plan_table
from swither.data import Dataset, DataSettings, open_dataset
from swither.experiment.cells import REFERENCE
from swither.experiment.plan import make_plan
from swither.experiment.settings import CompareSettings
from swither.experiment.work import Speeds, cells_of
from swither.training.recipe import Recipe

SPEEDS = Speeds(0.01, 0.001, 0.1, 0.5, 10**9, 10**7, 512)
SETTINGS = CompareSettings(
    DataSettings("digits"), ("random", "dispersion"), seeds=2, initial="20", step="10", cycles=1, jobs=2
)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return open_dataset("digits")


def said(
    dataset: Dataset,
    settings: CompareSettings = SETTINGS,
    free: int = 10**12,
    speeds: Speeds = SPEEDS,
    **finished: int,
) -> str:
    done = {cell: finished.get(cell.method, 0) for cell in cells_of(settings)}
    plan = make_plan(settings, len(dataset.train), len(dataset.test), 10, speeds, finished=done)
    console = Console(file=io.StringIO(), width=200)
    console.print(plan_table(plan, settings, dataset, free))
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().replace("\xa0", " ").split())


def test_data_split_methods_budget_work_and_cost_are_all_there(digits: Dataset) -> None:
    text = said(digits)
    for words in (
        "1,438 train and 359 test",
        "random, dispersion; 2 seeds; and training on all images",
        "20, 30 images, cycle by cycle",
        "resnet18, trained from scratch each time, 100 epochs (up to 200",
        "8 trainings; the first of a seed serves all its methods",
        "recorded for dispersion",
        "with 2 runs side by side",
    ):
        assert words in text


def test_what_vaal_trains_for_itself_is_said_with_its_time(digits: Dataset) -> None:
    settings = replace(SETTINGS, acquisitions=("random", "vaal:width=2"), cycles=2)
    text = said(digits, settings, speeds=replace(SPEEDS, query_seconds={"vaal:width=2": 3000.0}))
    assert "4 queries of VAAL, which trains networks of its own: 50 min each" in text
    assert "VAAL" not in said(digits)


def test_what_cannot_be_estimated_is_said_to_be_left_out(digits: Dataset) -> None:
    assert "is not counted" not in said(digits)
    solving = replace(SETTINGS, acquisitions=("random", "coreset", "typiclust"))
    assert "what CoreSet and TypiClust compute in each query is not counted" in said(digits, solving)


def test_what_has_finished_is_not_said_to_compute(digits: Dataset) -> None:
    solving = replace(SETTINGS, acquisitions=("random", "coreset", "typiclust"), cycles=2)
    assert "what TypiClust computes in each query is not counted" in said(digits, solving, coreset=3)


def test_what_is_finished_is_said_and_costs_nothing(digits: Dataset) -> None:
    text = said(digits, **{"random": 2, "dispersion": 2, REFERENCE: 1})
    assert "6 runs finished already" in text
    assert "nothing to train; the report is drawn again" in text
    assert "2 runs finished already" in said(digits, random=2)


def test_epochs_grow_only_in_words_where_they_do(digits: Dataset) -> None:
    settings = replace(SETTINGS, acquisitions=("random",), recipe=Recipe(epochs=5, least_steps=0))
    assert "5 epochs Work" in said(digits, settings)


def test_a_full_disk_is_seen_before_it_is_written_to(digits: Dataset) -> None:
    assert "only 5 bytes of disk are free" in said(digits, free=5)
    assert "free there" not in said(digits)


def test_few_recordings_are_said_before_anything_is_trained(digits: Dataset) -> None:
    few = replace(SETTINGS, recipe=Recipe(epochs=12, least_steps=0))
    assert "dispersion will have only 12 recordings: scores are coarse below 20" in said(digits, few)
    assert "only 10 recordings" in said(digits, replace(SETTINGS, record_every=20))  # of the grown 200 epochs
    assert "coarse" not in said(digits)
    assert "coarse" not in said(digits, replace(few, acquisitions=("random",)))
    assert "coarse" not in said(digits, replace(few, cycles=0))


def test_the_networks_that_a_deferred_recording_keeps_are_said_and_counted(digits: Dataset) -> None:
    assert "until the pools are recorded" not in said(digits)
    deferred = replace(SETTINGS, record="deferred")
    assert "of disk, of which 4.0 GB until the pools are recorded" in said(digits, deferred)
    assert "of disk are free there" in said(digits, deferred, free=3 * 10**9)
