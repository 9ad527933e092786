"""The choice of what the paper leaves open: once, on held-out training images, before anything is claimed.

For every combination of a declared grid a network is trained on all training images but the held-out ones, which
then judge it; test images take no part. The whole grid is kept in ``choice.json`` and shown in the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

from swither.data import Dataset, open_dataset
from swither.data.sample import sample
from swither.errors import InputError, SwitherError
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.executor import Executor, InThisProcess, Task
from swither.experiment.making import cell_facts
from swither.experiment.protocol import Experiment, refuse_difference
from swither.experiment.running import finished_cycles, is_finished
from swither.experiment.settings import CompareSettings
from swither.experiment.watch import Silent, Watcher
from swither.files import locked, read_json, write_json
from swither.loop.interruption import SAME_CIRCUMSTANCES
from swither.training.recipe import Recipe

GRID: Mapping[str, tuple[Any, ...]] = {
    "weight_decay": (5e-4, 1e-4, 0.0),
    "batch_size": (128, 256),
    "nesterov": (True, False),
}
"""Field of the recipe -> its values, the default first: of equal combinations the earlier one is taken."""

HELD_OUT = 5000
"""Images; where this is more than a tenth of all, a tenth."""

FORMAT, VERSION = "swither choice", 1

Combination: TypeAlias = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Choice:
    """A grid of settings, how good each was on the held-out images, and the best.

    Attributes:
        rows: a mapping for each combination: the grid's fields, ``used_batch_size`` (no older folder has it),
            ``accuracy`` on the held-out images in [0, 1], and the seconds and circumstances of its training.
        chosen: the fields of the best.
        training_images: that each network was trained on.
        held_out_images: that judged it.
        protocol: that all were trained under, without the grid's fields; None in folders from before it was kept.
    """

    rows: tuple[Mapping[str, Any], ...]
    chosen: Mapping[str, Any]
    training_images: int
    held_out_images: int
    protocol: Mapping[str, Any] | None = None

    @property
    def unequal(self) -> dict[str, list[str]]:
        """Circumstance -> its values, where combinations were not all trained under the same; empty where they were."""
        known = [row.get("circumstances", {}) for row in self.rows]
        values = {
            name: sorted({str(around.get(name)) for around in known}) for name in (*SAME_CIRCUMSTANCES, "threads")
        }
        return {name: several for name, several in values.items() if len(several) > 1}

    def apply(self, recipe: Recipe) -> Recipe:
        """`recipe` with what was chosen."""
        return replace(recipe, **self.chosen)


def choose(
    settings: CompareSettings,
    out: Path | str,
    watcher: Watcher | None = None,
    *,
    dataset: Dataset | None = None,
    executor: Executor | None = None,
    grid: Mapping[str, Sequence[Any]] = GRID,
    held_out: int = HELD_OUT,
) -> Choice:
    """Try every combination of `grid` on held-out training images, and take the best.

    What has finished is kept: started again, it goes on where it was.

    Args:
        settings: of the comparison that is to follow; seed 0 of its reference is trained.
        out: the comparison's folder; trials lie in ``choice`` in it.
        watcher: told how it goes on.
        dataset: all training images, undivided by `DataSettings.train_images`; opened where None.
        executor: where trials run.
        grid: field of the recipe -> values to try.
        held_out: how many images judge; never more than a tenth of all.

    Returns:
        The choice, also written to ``choice.json`` in `out`.

    Raises:
        SettingsDiffer: a trial was made under another protocol; nothing is trained.
        SwitherError: a trial failed; the others are kept.
    """
    out, watcher = Path(out), watcher or Silent()
    dataset = dataset or open_dataset(replace(settings.data, train_images=None))
    trials = trials_of(settings, out, dataset, grid, held_out)
    with locked(out / "choice" / "lock"):
        left = unfinished(trials.values())
        if left:
            tasks = [Task(REFERENCE_CELL, trial=trial.out.name, experiment=trial) for trial in left]
            counting = _Counting(watcher, len(trials), len(trials) - len(left))
            failures = (executor or InThisProcess()).run(left[0], tasks, counting)
            if failures:
                raise SwitherError(f"A trial of settings did not finish: {failures[0].reason}")
        rows = [_row(trial, dict(combination)) for combination, trial in trials.items()]
        best = max(range(len(rows)), key=lambda row: (rows[row]["accuracy"], -row))
        chosen, trial = list(trials.items())[best]
        held = trial.dataset
        choice = Choice(tuple(rows), dict(chosen), len(held.train), len(held.test), _common(trial.protocol, grid))
        write_json(out / "choice.json", FORMAT, VERSION, {**vars(choice), "rows": rows, "unequal": choice.unequal})
        if choice.unequal:
            watcher.note(
                f"The combinations of settings were not all tried alike: {_listed(choice.unequal)}. What is best may "
                "be so for that reason; the report says it too."
            )
    return choice


def read_choice(out: Path | str) -> Choice | None:
    """The choice that was made in `out`, if one was."""
    path = Path(out) / "choice.json"
    if not path.exists():
        return None
    facts = read_json(path, FORMAT, VERSION)
    numbers = facts["training_images"], facts["held_out_images"]
    return Choice(tuple(facts["rows"]), facts["chosen"], *numbers, facts.get("protocol"))


def refuse_other_choice(choice: Choice, settings: CompareSettings, out: Path, dataset: Dataset) -> None:
    """Raise where what was chosen in `out` was tried under another protocol than that of `settings`.

    Args:
        choice: what `read_choice` found; an older one does not say what it was tried under, and is taken.
        settings: of the comparison that is to follow.
        out: the comparison's folder.
        dataset: all training images, undivided.

    Raises:
        SettingsDiffer: it was; the message shows field by field what differs.
    """
    if choice.protocol is not None:
        held = _held_out(dataset, settings.data.train_images, choice.held_out_images)
        now = _trial(settings, out, held, tuple(choice.chosen.items())).protocol
        refuse_difference(choice.protocol, _common(now, choice.chosen), str(out / "choice.json"))


def trials_of(
    settings: CompareSettings,
    out: Path,
    dataset: Dataset,
    grid: Mapping[str, Sequence[Any]],
    held_out: int = HELD_OUT,
) -> dict[Combination, Experiment]:
    """The trial of each combination of `grid`, finished or not; arguments as those of `choose`.

    Raises:
        SettingsDiffer: one was begun under another protocol.
    """
    held = _held_out(dataset, settings.data.train_images, held_out)
    combinations = [tuple(zip(grid, values, strict=True)) for values in product(*grid.values())]
    trials = {combination: _trial(settings, out, held, combination) for combination in combinations}
    for trial in trials.values():
        before = cell_facts(REFERENCE_CELL.folder(trial.out))
        if before is not None:
            refuse_difference(before["protocol"], trial.protocol, str(trial.out))
    return trials


def unfinished(trials: Iterable[Experiment]) -> list[Experiment]:
    """The trials whose network is still to be trained."""
    return [trial for trial in trials if not is_finished(trial, REFERENCE_CELL)]


def split_of(images: int, train_images: int | None, held_out: int = HELD_OUT) -> tuple[int, int]:
    """How many of `images` train a trial, and how many others judge it.

    Args:
        images: all training images.
        train_images: how many of them take part in the comparison; None for all.
        held_out: how many are to judge; never more than a tenth of all.

    Raises:
        InputError: they are too few to hold one out.

    Example:
        >>> split_of(50_000, None), split_of(50_000, 10_000), split_of(2_000, None)
        ((45000, 5000), (10000, 5000), (1800, 200))
    """
    held_out = min(held_out, images // 10)
    if held_out < 1:
        raise InputError(f"Expected at least 10 training images, to hold some out, got {images}.")
    return min(train_images or images, images - held_out), held_out


REFERENCE_CELL = Cell(REFERENCE, 0)


def _held_out(dataset: Dataset, train_images: int | None, held_out: int) -> Dataset:
    """The comparison's training images, or all but the last ones of the drawn order, which take the test's place."""
    training, judging = split_of(len(dataset.train), train_images, held_out)
    judges = sample(dataset.train, judging, after=training)
    return replace(dataset, train=sample(dataset.train, training), test=judges)


def _common(protocol: Mapping[str, Any], grid: Iterable[str]) -> dict[str, Any]:
    """What all trials of a grid have in common."""
    tried = set(grid)
    return {**protocol, "recipe": {name: value for name, value in protocol["recipe"].items() if name not in tried}}


def _listed(unequal: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"{name} ({'; '.join(values)})" for name, values in unequal.items())


def _trial(settings: CompareSettings, out: Path, held: Dataset, combination: Combination) -> Experiment:
    name = ",".join(f"{field}={value}" for field, value in combination)
    tried = replace(settings, recipe=replace(settings.recipe, **dict(combination)))
    return Experiment(tried, out / "choice" / name, held, tried.counts(len(held.train)))


def _row(trial: Experiment, combination: dict[str, Any]) -> dict[str, Any]:
    result = finished_cycles(REFERENCE_CELL.folder(trial.out))[0]
    figures = {name: result[name] for name in ("accuracy", "epochs", "seconds_training", "training", "circumstances")}
    return combination | {"used_batch_size": result["batch_size"]} | figures  # smaller than tried on few images


class _Counting:
    """Passes words on, and counts finished trials: all are of one cell, which nobody could tell apart."""

    def __init__(self, watcher: Watcher, total: int, done: int) -> None:
        self._watcher, self._total, self._done = watcher, total, done
        watcher.stage("choosing settings", done, total)

    def note(self, message: str) -> None:
        self._watcher.note(message)

    def stage(self, what: str, done: int, total: int) -> None:
        """Nothing is prepared in a trial that was not before."""

    def working(self, cell: Cell, cycle: int, what: str, done: int, total: int) -> None:
        """Trials run side by side under one name."""

    def finished(self, cell: Cell, row: Mapping[str, Any]) -> None:  # noqa: ARG002
        self._done += 1
        self._watcher.stage("choosing settings", self._done, self._total)
