"""The main job: compare acquisition functions on a labelled data set, and write the results and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from swither.data import Dataset, DataSettings
from swither.data.intake import cores
from swither.errors import SwitherError, UnknownName
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.contents import report_data
from swither.experiment.executor import Executor, Failure, InThisProcess, Task
from swither.experiment.failures import what_failed
from swither.experiment.local_processes import LocalProcesses
from swither.experiment.plan import jobs_of
from swither.experiment.protocol import Experiment, prepare, record
from swither.experiment.results import results_table, selected_table, write_table
from swither.experiment.running import finished_cycles, is_finished
from swither.experiment.settings import CompareSettings
from swither.experiment.watch import Silent, Watcher
from swither.files import locked
from swither.loop.batches import BatchFile
from swither.models.settings import ModelSettings
from swither.training.device import choose_device
from swither.training.recipe import Recipe, recipe_for


class CellsFailed(SwitherError):
    """Some cells did not finish; what the others found is kept and shown."""


def compare(
    data: CompareSettings | DataSettings | str | Path,
    out: Path | str,
    *,
    watcher: Watcher | None = None,
    command: str = "",
    dataset: Dataset | None = None,
    executor: Executor | None = None,
    **settings: Any,
) -> pa.Table:
    """Compare acquisition functions in the paper's protocol.

    Everything is written to `out`: ``results.parquet``, ``selected.parquet``, ``report.html``, ``figures/``, the
    split, and a folder for each cell. Started again with the same settings, it goes on where it was; with more
    methods or seeds, it adds them.

    In a script, call it under ``if __name__ == "__main__":``, because it starts processes that import the script.

    Args:
        data: a path or a name (``"digits"``, ``"cifar10"``), settings of the data, or the whole settings.
        out: the experiment's folder.
        watcher: told how it goes on.
        command: stands in the report as what makes these results again.
        dataset: the images, where they are open already.
        executor: where cells run; by default side by side in processes of this machine.
        **settings: fields of `CompareSettings`, where `data` is not the whole of them. The model may be a name, the
            recipe a mapping of the fields that differ from the paper's.

    Returns:
        The results, a row for every method, seed and finished cycle; see `RESULTS`.

    Raises:
        InputError: settings that cannot work; nothing is trained.
        SettingsDiffer: `out` holds results of another protocol.
        CellsFailed: a cell did not finish; its reason is named, and all others are kept.

    Example:
        >>> import tempfile
        >>> table = compare("digits", tempfile.mkdtemp(), acquisitions=("random",), seeds=1, initial=20, cycles=0,
        ...     reference=False, model="tiny", recipe={"epochs": 1, "least_steps": 1})
        >>> table.column("labelled").to_pylist()
        [20]
    """
    watcher = watcher or Silent()
    out = Path(out)
    experiment = prepare(_settings(data, settings), out, watcher, dataset)
    with locked(out / "lock"):
        record(experiment, command)
        tasks = tasks_of(experiment)
        failures: list[Failure] = []
        try:
            failures = (executor or _executor(experiment, tasks)).run(experiment, tasks, watcher) if tasks else []
        finally:
            results = _shown(experiment, tasks, failures)  # also where the rest was interrupted
    if failures:
        raise CellsFailed(what_failed(experiment, tasks, failures))
    return results


def _shown(experiment: Experiment, tasks: Sequence[Task], failures: Sequence[Failure]) -> pa.Table:
    """Tables and report of what is finished; where a full disk has no room for them, the cells are named too."""
    try:
        return rebuild(experiment.out)
    except SwitherError as error:
        if not failures:
            raise
        raise CellsFailed(f"{what_failed(experiment, tasks, failures)}\nNor was the report made: {error}") from error


def rebuild(out: Path) -> pa.Table:
    """Make ``results.parquet``, ``selected.parquet`` and the report again from the cells in `out`."""
    from swither.report import write_report  # draws with matplotlib, which a machine that only computes need not have

    results, selected = results_table(out), selected_table(out)
    write_table(out / "results.parquet", results)
    write_table(out / "selected.parquet", selected)
    if results.num_rows:
        write_report(report_data(out, results, selected), out)
    return results


def unfinished(experiment: Experiment) -> list[Cell]:
    """The cells that still have cycles to run, in the order in which they are run."""
    return [cell for cell in experiment.cells if not is_finished(experiment, cell)]


def tasks_of(experiment: Experiment) -> list[Task]:
    """What is left to do: per seed first the training that all methods share, then the methods; references last.

    A method that has finished its first cycle and chosen the next images waits for no shared training.
    """
    tasks: list[Task] = []
    shared: dict[int, Task] = {}
    for cell in unfinished(experiment):
        if cell.method == REFERENCE:
            tasks.append(Task(cell))
            continue
        if _is_past_first_cycle(experiment, cell):  # maybe on another machine, which kept the training
            tasks.append(Task(cell))
            continue
        if cell.seed not in shared:
            shared[cell.seed] = Task(cell, first_cycle=True)
            tasks.append(shared[cell.seed])
        tasks.append(Task(cell, after=shared[cell.seed]))
    return tasks


def _is_past_first_cycle(experiment: Experiment, cell: Cell) -> bool:
    folder = cell.folder(experiment.out)
    if 0 not in finished_cycles(folder):
        return False
    return any(batch.number == 1 for batch in BatchFile(folder / "batches.jsonl").read())


def _settings(data: CompareSettings | DataSettings | str | Path, given: dict[str, Any]) -> CompareSettings:
    known = {field.name for field in fields(CompareSettings)} - {"data"}
    for name in given:
        if name not in known:
            raise UnknownName("setting", name, known)
    if isinstance(given.get("model"), str):
        given["model"] = ModelSettings(given["model"])
    if isinstance(given.get("recipe"), Mapping):
        for name in given["recipe"]:
            if name not in {field.name for field in fields(Recipe)}:
                raise UnknownName("setting of the recipe", name, [field.name for field in fields(Recipe)])
        given["recipe"] = replace(recipe_for(_model(data, given)), **given["recipe"])
    elif "recipe" not in given and not isinstance(data, CompareSettings):
        given["recipe"] = recipe_for(_model(data, given))
    given |= {name: str(given[name]) for name in ("initial", "step") if name in given}
    if "acquisitions" in given:
        names = given["acquisitions"]
        given["acquisitions"] = (names,) if isinstance(names, str) else tuple(names)
    if isinstance(data, CompareSettings):
        return replace(data, **given)
    return CompareSettings(data if isinstance(data, DataSettings) else DataSettings(str(data)), **given)


def _model(data: CompareSettings | DataSettings | str | Path, given: Mapping[str, Any]) -> str:
    model: ModelSettings = given.get("model") or (data.model if isinstance(data, CompareSettings) else ModelSettings())
    return model.name


def _executor(experiment: Experiment, tasks: list[Task]) -> Executor:
    on_card = choose_device(experiment.settings.device).type != "cpu"
    jobs = min(jobs_of(experiment.settings, cores(), on_card=on_card), len(tasks))
    return LocalProcesses(jobs) if jobs > 1 else InThisProcess()
