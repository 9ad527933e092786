"""The paper's experiments in one call: the choice of what it leaves open, then every method, seed and reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from swither.acquisition import Variant
from swither.data import Dataset, open_dataset
from swither.data.intake import cores
from swither.errors import DamagedState, InputError
from swither.experiment.cells import FORMAT as CELL
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.cells import VERSION as CELL_VERSION
from swither.experiment.choice import (
    GRID,
    choose,
    read_choice,
    refuse_other_choice,
    split_of,
    trials_of,
    unfinished,
)
from swither.experiment.compare import compare
from swither.experiment.executor import Executor, InThisProcess
from swither.experiment.forecast import Forecast
from swither.experiment.local_processes import LocalProcesses
from swither.experiment.paper_folder import plain_names, record_paper, refuse_other_beside, refuse_other_paper
from swither.experiment.paper_protocol import (
    OPEN,
    paper_settings,
    read_specs,
    reduced,
    refuse_other_data,
    scale_specs,
    specs_of,
    typed_as,
)
from swither.experiment.plan import Plan, jobs_of, make_plan
from swither.experiment.protocol import FORMAT as EXPERIMENT
from swither.experiment.protocol import VERSION, prepare
from swither.experiment.settings import CompareSettings
from swither.experiment.watch import Silent, Watcher
from swither.files import read_json
from swither.own_code import is_own
from swither.training.device import choose_device


@dataclass(frozen=True)
class PaperRun:
    """A repetition of the paper, ready to be planned or run.

    Attributes:
        dataset: ``cifar10`` or ``cifar100``.
        settings: of the comparison; what is still to be chosen has its default.
        out: the folder.
        images: the whole data set.
        grid: field of the recipe -> values to be tried on held-out images first; empty where nothing is left open.
        beside: the other data set's folder.
        variants: methods that have other settings than the scale gives them, such as ``vaal:iterations=1000``, and
            functions of your own.
    """

    dataset: str
    settings: CompareSettings
    out: Path
    images: Dataset
    grid: Mapping[str, Sequence[Any]]
    beside: Path | str | None = None
    variants: tuple[str, ...] = ()

    @property
    def taking_part(self) -> Dataset:
        """The images of the comparison."""
        return reduced(self.images, self.settings)

    @property
    def trials(self) -> int:
        """Trainings that the choice of open settings still takes; 0 where nothing is left to choose."""
        return len(unfinished(trials_of(self.settings, self.out, self.images, self.grid).values())) if self.grid else 0

    @property
    def given(self) -> dict[str, Any]:
        """What the paper leaves open and nobody chooses here: it was given, now or when the folder was begun."""
        if self.grid:
            return {name: values[0] for name, values in self.grid.items() if len(values) == 1}
        made, recipe = read_choice(self.out), self.settings.recipe
        used = {name: getattr(recipe, name) for name in OPEN}
        tried = {name for name in OPEN if made is not None and len({row[name] for row in made.rows}) > 1}
        return {n: v for n, v in used.items() if made is None or n not in tried or v != made.chosen[n]}

    def choice_plan(self, forecast: Forecast) -> Plan | None:
        """What the choice of open settings is expected to cost; None where no training is left to do for it.

        Args:
            forecast: of the comparison, which has measured the network.
        """
        left = self.trials
        if not left:
            return None
        cells = tuple(Cell(REFERENCE, seed).name for seed in range(left))
        settings = replace(self.settings, seeds=left, reference=True, only=cells)
        return make_plan(
            settings,
            *split_of(len(self.images.train), self.settings.data.train_images),
            self.images.train.classes,
            forecast.speeds(self.settings),
            cores=cores(),
            on_card=_on_card(settings),
        )

    def chosen(self, watcher: Watcher | None = None, executor: Executor | None = None) -> PaperRun:
        """The same with everything settled: what is open is chosen first, on held-out training images.

        Args:
            watcher: told how it goes on.
            executor: where networks are trained; by default side by side in processes of this machine.

        Raises:
            InputError: settings that cannot work, such as BALD without dropout; nothing is trained or written.
            SettingsDiffer: the folder holds results of another protocol.
        """
        begun = {name: value for name, value in _begun(self.out).items() if name in self.grid}
        as_begun = replace(self.settings, recipe=replace(self.settings.recipe, **begun))
        prepare(as_begun, self.out, watcher or Silent(), self.taking_part)
        record_paper(self.out, self.dataset, self.settings, self.beside)
        if not self.grid:
            return self
        jobs = min(jobs_of(self.settings, cores(), on_card=_on_card(self.settings)), self.trials)
        where = executor or (LocalProcesses(jobs) if jobs > 1 else InThisProcess())
        choice = choose(self.settings, self.out, watcher, dataset=self.images, executor=where, grid=self.grid)
        return replace(self, settings=replace(self.settings, recipe=choice.apply(self.settings.recipe)), grid={})

    def run(self, watcher: Watcher | None = None, *, command: str = "", executor: Executor | None = None) -> pa.Table:
        """Choose what is open, and compare; as `swither.experiment.compare`, which does the work.

        Args:
            watcher: told how it goes on.
            command: stands in the report as what makes these results again.
            executor: where cells run.
        """
        settled = self.chosen(watcher, executor)
        return compare(
            settled.settings,
            settled.out,
            watcher=watcher,
            command=command,
            dataset=settled.taking_part,
            executor=executor,
        )


def prepare_paper(
    dataset: str,
    out: Path | str,
    *,
    scale: Literal["full", "small"] = "full",
    data: Path | str | None = None,
    methods: Iterable[str] = (),
    variants: Iterable[str] = (),
    seeds_now: Iterable[int] = (),
    reference_only: bool = False,
    cells: Iterable[str] = (),
    beside: Path | str | None = None,
    watcher: Watcher | None = None,
    images: Dataset | None = None,
    **settings: Any,
) -> PaperRun:
    """Open the data, refuse others than the named ones, and find out what is still to be chosen.

    Nothing is written or trained. Settings that the paper leaves open come from, in this order: what is given here,
    the folder that was begun, a choice that was made in it.

    Args:
        dataset: ``cifar10`` or ``cifar100``.
        out: the folder.
        scale: ``full`` or ``small``.
        data: where the images lie; None downloads them by name.
        methods: of the eight, which to run now, with settings of their own where wanted (``vaal:iterations=1000``);
            functions of your own too, ``file.py:function``, which stand in tables and figures without a paper's figure.
        variants: methods with settings of their own, and functions of your own, that do not say what is run now.
        seeds_now: which seeds of these to run now.
        reference_only: run the trainings on all images, and of methods only those of `methods`.
        cells: which cells to run now besides those, such as ``random--seed1``.
        beside: the other data set's folder, whose figures stand in this one's report too.
        watcher: told how it goes on.
        images: the whole data set, where it is open already.
        **settings: as in `paper_settings`.

    Raises:
        InputError: other images than the named ones; a folder that repeats something else, also as the one beside.
        SettingsDiffer: what was chosen in the folder was tried under another protocol.
        UnknownName: a data set, method or cell that is not of the paper's.
    """
    out, watcher, methods = Path(out), watcher or Silent(), list(methods)
    variants = list(variants)
    mine = tuple(dict.fromkeys(word for word in (*methods, *variants) if is_own(word)))
    of_paper = [word for word in methods if not is_own(word)]
    begun = plain_names(out)
    words = [*(word for word in of_paper if ":" in word), *(word for word in variants if not is_own(word))]
    # A bare name is the method as this folder, or else this scale, has it.
    specs = {**begun, **read_specs(words, scale_specs(scale), begun)}
    read_specs(of_paper)
    recipe = dict(settings.pop("recipe", {}))
    known = {**_begun(out), **recipe}
    made = read_choice(out)
    if made is not None:
        known = {**made.chosen, **known}
    grid = {} if all(name in known for name in OPEN) else {n: (known[n],) if n in known else GRID[n] for n in OPEN}
    chosen = paper_settings(dataset, scale, str(data) if data else None, specs, mine, recipe=known, **settings)
    chosen = replace(chosen, only=_cells(chosen, specs, methods, seeds_now, cells, reference_only=reference_only))
    refuse_other_paper(out, dataset, chosen)
    if beside is not None:
        refuse_other_beside(beside, dataset)
    if images is None:
        tell = partial(_tell, watcher)
        images = open_dataset(replace(chosen.data, train_images=None), progress=tell)
    refuse_other_data(dataset, images)
    if made is not None:
        refuse_other_choice(made, chosen, out, images)
    usual = scale_specs(scale)
    own = tuple(typed_as(spec, usual) for spec in chosen.acquisitions if spec not in usual.values())
    return PaperRun(dataset, chosen, out, images, grid, beside, own)


def paper(
    dataset: str,
    out: Path | str,
    *,
    watcher: Watcher | None = None,
    command: str = "",
    executor: Executor | None = None,
    **settings: Any,
) -> pa.Table:
    """Repeat the paper's experiments on one of its data sets: Table 1, Fig. 3, Fig. 4 and its six claims.

    In a script, call it under ``if __name__ == "__main__":``, because it starts processes that import the script.

    Args:
        dataset: ``cifar10`` or ``cifar100``.
        out: the folder; one that was begun is gone on with.
        watcher: told how it goes on.
        command: stands in the report as what makes these results again.
        executor: where networks are trained.
        **settings: as in `prepare_paper`.

    Returns:
        The results, a row for every method, seed and finished cycle; see `RESULTS`.

    Raises:
        InputError: other images than the named ones, or settings that cannot work; nothing is trained.
        SettingsDiffer: `out` holds results of another protocol.
        CellsFailed: a cell did not finish; its reason is named, and all others are kept.
    """
    run = prepare_paper(dataset, out, watcher=watcher, **settings)
    return run.run(watcher, command=command, executor=executor)


def _cells(
    settings: CompareSettings,
    specs: Mapping[str, str],
    methods: Sequence[str],
    seeds: Iterable[int],
    cells: Iterable[str],
    *,
    reference_only: bool,
) -> tuple[str, ...]:
    """The names of the cells to run now; empty for all."""
    seeds = tuple(seeds)
    for seed in seeds:
        if not 0 <= seed < settings.seeds:
            raise InputError(f"Expected seeds from 0 to {settings.seeds - 1}, got {seed}.")
    spec = {name: specs.get(name, own) for name, own in specs_of(settings).items()}
    parts = [cell.rpartition("--seed") for cell in cells]
    named = [f"{spec.get(method, method)}{separator}{seed}" for method, separator, seed in parts]
    if not (methods or seeds or reference_only):
        return tuple(named)
    wanted = [Variant.named(word).spec if is_own(word) else spec[word.partition(":")[0]] for word in methods]
    if not methods and not reference_only:
        wanted = list(settings.acquisitions)
    if settings.reference and (reference_only or not methods):
        wanted.append(REFERENCE)
    chosen = [Cell(method, seed).name for method in wanted for seed in seeds or range(settings.seeds)]
    return tuple(dict.fromkeys([*named, *chosen]))


def _begun(out: Path) -> dict[str, Any]:
    """The open settings of a folder that has results: it has one protocol, which every cell knows too.

    A damaged ``experiment.json`` is passed over here, and written again where the comparison begins.
    """
    cells = ((path, CELL, CELL_VERSION) for path in sorted(out.glob("cells/*/cell.json")))
    for path, kind, version in (*((path, EXPERIMENT, VERSION) for path in out.glob("experiment.json")), *cells):
        try:
            recipe = read_json(path, kind, version)["protocol"]["recipe"]
        except DamagedState:
            continue
        return {name: recipe[name] for name in OPEN}
    return {}


def _on_card(settings: CompareSettings) -> bool:
    return choose_device(settings.device).type != "cpu"


def _tell(watcher: Watcher, what: str, done: int, total: int) -> None:
    if total:
        watcher.stage(what, done, total)
    else:
        watcher.note(what)
