"""The plan against a slow enumeration of everything that a comparison does."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from swither.acquisition import ACQUISITIONS
from swither.data.settings import DataSettings
from swither.errors import InputError
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.plan import END_SECONDS, START_SECONDS, make_plan
from swither.experiment.settings import CompareSettings
from swither.experiment.work import Speeds, cells_of
from swither.training.recipe import Recipe

SPEEDS = Speeds(
    step_seconds=0.5,
    image_seconds=0.25,
    chunk_seconds=2.0,
    training_seconds=3.0,
    memory_bytes=1000,
    weights_bytes=500,
    embedding_width=7,
)


def random_settings(draw: random.Random) -> CompareSettings:
    return CompareSettings(
        DataSettings("digits"),
        tuple(draw.sample(sorted(ACQUISITIONS), draw.randint(1, 5))),
        seeds=draw.randint(1, 3),
        reference=draw.random() < 0.5,
        initial=str(draw.randint(2, 40)),
        step=str(draw.randint(1, 30)),
        cycles=draw.randint(0, 4),
        recipe=Recipe(epochs=draw.randint(1, 6), batch_size=16, least_steps=draw.randint(0, 30)),
        record_every=draw.randint(1, 3),
        jobs=1,
    )


def records(method: str) -> bool:
    return "label_history" in ACQUISITIONS[method].needs


def done_slowly(settings: CompareSettings, train: int, test: int, finished: dict[Cell, int]) -> Counter[str]:
    """Goes through every cell, cycle, epoch, batch and pass, one by one."""
    counted: Counter[str] = Counter()

    def look(kind: str, images: int) -> None:
        for start in range(0, images, 128):
            counted["chunks"] += 1
            counted[kind] += min(128, images - start)

    def train_on(images: int, records: bool) -> None:
        counted["trainings"] += 1
        schedule = settings.recipe.schedule(images)
        for epoch in range(1, schedule.epochs + 1):
            counted["training"] += images
            counted["steps"] += schedule.steps_per_epoch
            if records and epoch % settings.record_every == 0:
                look("recorded", train - images)

    for seed in range(settings.seeds):
        mine = [cell for cell in finished if cell.seed == seed and cell.method != REFERENCE]
        made = bool(mine)
        recorded = any(records(cell.method) for cell in mine)
        for method in settings.acquisitions:
            done = finished.get(Cell(method, seed), 0)
            for cycle in range(settings.cycles + 1):
                labelled = int(settings.initial) + cycle * int(settings.step)
                queries = cycle < settings.cycles
                if cycle < done:
                    continue
                if cycle > 0:
                    train_on(labelled, records(method) and queries)
                elif not made or (records(method) and not recorded):
                    anyone = any(map(records, settings.acquisitions)) and queries
                    train_on(labelled, anyone)
                    made, recorded = True, anyone
                needs = {*ACQUISITIONS[method].needs}
                if queries:
                    if {"probabilities", "embeddings", "sampled_logits"} & needs:
                        look("scored", train - labelled)
                    if "labelled_embeddings" in needs:
                        look("scored", labelled)
                if cycle == 0 and queries:  # the analysis asks the network about all images, whatever the method
                    look("scored", train - labelled)
                    look("scored", labelled)
                    if "sampled_logits" in needs:
                        look("scored", train - labelled)
                look("tested", test)
        if settings.reference and not finished.get(Cell(REFERENCE, seed)):
            train_on(train, False)
            look("tested", test)
    return counted


@pytest.mark.parametrize("seed", range(60))
def test_the_plan_counts_what_a_slow_enumeration_counts(seed: int) -> None:
    draw = random.Random(seed)
    settings, train, test = random_settings(draw), draw.randint(200, 500), draw.randint(10, 300)
    cells = [cell for cell in cells_of(settings) if draw.random() < 0.3]
    finished = {cell: 1 if cell.method == REFERENCE else draw.randint(1, settings.cycles + 1) for cell in cells}
    plan = make_plan(settings, train, test, 10, SPEEDS, finished=finished)
    counted = done_slowly(settings, train, test, finished)
    assert plan.trainings == counted["trainings"]
    assert plan.training_images == counted["training"]
    assert plan.recorded_images == counted["recorded"]
    assert plan.scored_images == counted["scored"]
    assert plan.tested_images == counted["tested"]
    assert sum(work.chunks for work in plan.work) == counted["chunks"]
    looked_at = counted["recorded"] + counted["scored"] + counted["tested"]
    assert plan.forward_passes == 3 * counted["training"] + looked_at
    seconds = 0.5 * counted["steps"] + 0.25 * counted["training"] + 2 * counted["chunks"] + 3 * counted["trainings"]
    assert plan.seconds == pytest.approx(seconds + END_SECONDS)


def paper(**values: object) -> CompareSettings:
    return replace(CompareSettings(DataSettings("cifar10"), jobs=1), **values)  # type: ignore[arg-type]


def test_the_paper_trains_five_networks_a_method_and_shares_the_first() -> None:
    plan = make_plan(paper(seeds=1, reference=False), 50_000, 10_000, 10, SPEEDS)
    assert plan.labelled == (5000, 7500, 10_000, 12_500, 15_000)
    assert plan.trainings == 1 + 5 * 4
    assert plan.training_images == 100 * (5000 + 5 * (7500 + 10_000 + 12_500 + 15_000))
    assert plan.recorded_images == 100 * (45_000 + 42_500 + 40_000 + 37_500)


def test_a_finished_folder_costs_nothing() -> None:
    settings = paper()
    finished = {cell: 1 if cell.method == REFERENCE else 5 for cell in cells_of(settings)}
    plan = make_plan(settings, 50_000, 10_000, 10, SPEEDS, finished=finished)
    assert (plan.trainings, plan.forward_passes, plan.seconds, plan.disk_bytes) == (0, 0, 0, 0)
    assert plan.finished == len(cells_of(settings))


def test_epochs_that_grow_on_small_sets_are_counted() -> None:
    settings = paper(initial="20", step="20", cycles=1, recipe=Recipe(epochs=5, least_steps=600))
    plan = make_plan(settings, 1000, 100, 10, SPEEDS)
    assert plan.epochs == (200, 120)


def test_jobs_share_the_time_but_a_run_cannot_be_split() -> None:
    settings = paper(acquisitions=("random", "margin", "entropy", "kcenter"), seeds=1, reference=False)
    alone = make_plan(settings, 50_000, 10_000, 10, SPEEDS)
    together = make_plan(replace(settings, jobs=2), 50_000, 10_000, 10, SPEEDS)
    crowded = make_plan(replace(settings, jobs=50), 50_000, 10_000, 10, SPEEDS)
    first = alone.work[0].seconds(SPEEDS)
    runs = [sum(w.seconds(SPEEDS) for w in alone.work if w.cell == Cell(method, 0)) for method in settings.acquisitions]
    assert alone.seconds == pytest.approx(first + sum(runs) + END_SECONDS)
    assert first + sum(runs) / 2 <= together.training_seconds < alone.training_seconds
    assert crowded.seconds == pytest.approx(len(runs) * START_SECONDS + first + max(runs) + END_SECONDS)
    assert crowded.jobs == len(runs)
    assert crowded.memory_bytes == len(runs) * alone.memory_bytes


def test_jobs_are_as_many_as_the_cores_hold_threads() -> None:
    settings = replace(paper(), jobs=None, threads=4)
    assert make_plan(settings, 50_000, 10_000, 10, SPEEDS, cores=17).jobs == 4
    assert make_plan(settings, 50_000, 10_000, 10, SPEEDS, cores=2).jobs == 1


def test_disk_holds_weights_histories_and_probabilities() -> None:
    settings = paper(
        acquisitions=("dispersion",), seeds=1, reference=False, initial="100", step="50", cycles=1,
        recipe=Recipe(epochs=4, least_steps=0), record_every=2,
    )  # fmt: skip
    plan = make_plan(settings, 1000, 10, 10, SPEEDS)
    history = 2 * 900 * 3  # recorded epochs, pool, bytes of a label and its confidence
    assert plan.disk_bytes == 2 * 500 + history + 2 * 10 * 10 * 4


def test_an_impossible_budget_is_refused_by_the_plan_too() -> None:
    with pytest.raises(InputError, match="budget is impossible"):
        make_plan(paper(initial="90%", step="5%"), 1000, 100, 10, SPEEDS)


def test_disk_holds_the_networks_of_a_deferred_recording_once_for_every_run_side_by_side() -> None:
    settings = paper(
        seeds=3, reference=False, initial="100", step="50", cycles=2, recipe=Recipe(epochs=4, least_steps=0)
    )
    for jobs in (1, 2):
        full = make_plan(replace(settings, jobs=jobs), 1000, 10, 10, SPEEDS)
        online = make_plan(replace(settings, jobs=jobs, record="online"), 1000, 10, 10, SPEEDS)
        deferred = make_plan(replace(settings, jobs=jobs, record="deferred"), 1000, 10, 10, SPEEDS)
        assert full.kept_bytes == online.kept_bytes == 0
        assert deferred.kept_bytes == jobs * 4 * SPEEDS.weights_bytes
        assert deferred.disk_bytes == full.disk_bytes + deferred.kept_bytes
