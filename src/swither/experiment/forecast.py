"""The plan of a prepared comparison on this machine: counted, with speeds measured once per network."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cached_property

from swither.data.intake import cores
from swither.experiment.cells import Cell
from swither.experiment.nearest import nearest_that_fits
from swither.experiment.plan import Plan, jobs_of, make_plan
from swither.experiment.protocol import Experiment
from swither.experiment.running import finished_cycles, is_finished
from swither.experiment.settings import CompareSettings
from swither.experiment.speed import measure_speeds, measure_vaal
from swither.experiment.work import Speeds, cells_of, trains_evidence
from swither.models.settings import ModelSettings
from swither.training.device import choose_device

AT_ONCE = Speeds(0.0, 0.0, 0.0, 0.0, 0, 0, 0)


class Forecast:
    """What an experiment will cost here.

    Args:
        experiment: prepared, see `swither.experiment.prepare`.
        seconds: about how long to measure each network.
    """

    def __init__(self, experiment: Experiment, seconds: float = 2.0) -> None:
        self.experiment = experiment
        self._seconds = seconds
        self._speeds: dict[tuple[ModelSettings, str | None, str | None, str | None], Speeds] = {}
        self._queries: dict[str, float] = {}

    @cached_property
    def plan(self) -> Plan:
        """Of what is not finished in the experiment's folder; nothing is measured where nothing is left."""
        settings, done = self.experiment.settings, self._finished
        if all(is_finished(self.experiment, cell) for cell in self.experiment.cells):
            self._speeds[_measured(settings)] = AT_ONCE
        return self.of(settings, done)

    def of(self, settings: CompareSettings, finished: dict[Cell, int] | None = None) -> Plan:
        """The plan of other settings on the same data."""
        train, test = self.experiment.dataset.train, self.experiment.dataset.test
        on_card = choose_device(settings.device).type != "cpu"
        return make_plan(
            settings,
            len(train),
            len(test),
            train.classes,
            self.speeds(settings),
            finished=finished,
            cores=cores(),
            on_card=on_card,
        )

    def nearest(self, limit_seconds: float) -> CompareSettings | None:
        """The nearest settings that fit a time limit, from nothing; see `nearest_that_fits`."""
        return nearest_that_fits(self.experiment.settings, lambda settings: self.of(settings).seconds, limit_seconds)

    @property
    def free_disk(self) -> int:
        """Bytes that are left where the experiment's folder is, or will be."""
        out = self.experiment.out.absolute()
        return shutil.disk_usage(next(folder for folder in (out, *out.parents) if folder.exists())).free

    def speeds(self, settings: CompareSettings) -> Speeds:
        """Of the network of `settings`, computed as they say, measured when it is first asked for."""
        key = _measured(settings)
        if key not in self._speeds:
            train = self.experiment.dataset.train
            counts = self.experiment.counts
            self._speeds[key] = measure_speeds(
                settings.model,
                settings.recipe,
                train.image_shape,
                train.classes,
                [counts[0], sum(counts), len(train)] if settings.reference else [counts[0], sum(counts)],
                threads=settings.threads,
                device=settings.device,
                precision=settings.precision,
                graphs=settings.graphs,
                seconds=self._seconds,
                beside=self._side_by_side(settings) - 1,
                features=None if train.features is None else train.features.width,
            )
        queries = {
            method: self._query_seconds(method, settings)
            for method in {cell.method: None for cell in cells_of(settings)}
            if trains_evidence(method) and settings.cycles and self._speeds[key] is not AT_ONCE
        }
        return replace(self._speeds[key], query_seconds=queries)

    def _query_seconds(self, method: str, settings: CompareSettings) -> float:
        """What a query of a method takes that trains networks of its own; measured once, whatever the network."""
        if method not in self._queries:
            cell = Cell(method, 0)
            learner = replace(self.experiment, settings=settings).learner_settings(cell)
            self._queries[method] = measure_vaal(
                learner.vaal,
                self.experiment.dataset.train.image_shape,
                threads=settings.threads,
                device=settings.device,
                beside=self._side_by_side(settings) - 1,
            )
        return self._queries[method]

    def _side_by_side(self, settings: CompareSettings) -> int:
        on_card = choose_device(settings.device).type != "cpu"
        return 1 if on_card else min(jobs_of(settings, cores()), len(cells_of(settings)), 2 * cores())

    @cached_property
    def _finished(self) -> dict[Cell, int]:
        """How many cycles of each cell are finished."""
        return {cell: len(finished_cycles(cell.folder(self.experiment.out))) for cell in self.experiment.cells}


def _measured(settings: CompareSettings) -> tuple[ModelSettings, str | None, str | None, str | None]:
    """What speeds are measured of, and kept under."""
    return settings.model, settings.device, settings.precision, settings.graphs
