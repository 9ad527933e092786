"""What is said of cells that did not finish: which, how far they came, why, and how to go on."""

from __future__ import annotations

from collections.abc import Sequence

from swither.acquisition import Variant
from swither.errors import list_some, plural
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.executor import Failure, Task
from swither.experiment.protocol import Experiment
from swither.experiment.running import finished_cycles


def what_failed(experiment: Experiment, tasks: Sequence[Task], failures: Sequence[Failure]) -> str:
    """The cells that miss trainings, each failure with its reason, and what the same command does when it is repeated.

    Args:
        experiment: whose cells they are.
        tasks: all that were to be run.
        failures: of them.
    """
    failed = [failure.task for failure in failures]
    missing = [task.cell for task in tasks if not task.first_cycle and (task in failed or task.after in failed)]
    lines = [f"{plural(len(missing), 'cell')} did not finish: {list_some([_how_far(experiment, c) for c in missing])}."]
    lines += [f"{_what(failure.task, tasks)}: {failure.reason}" for failure in failures]
    finished = len(experiment.cells) - len(missing)
    kept = f"{plural(finished, 'cell')} finished, and" if finished else "No cell is finished;"
    lines.append(f"{kept} every finished training is kept in {experiment.out}: the same command goes on there.")
    return "\n".join(lines)


def _how_far(experiment: Experiment, cell: Cell) -> str:
    cycles = 1 if cell.method == REFERENCE else len(experiment.counts)
    done = len(finished_cycles(cell.folder(experiment.out)))
    return f"{cell.name} ({done} of {plural(cycles, 'cycle')} done)"


def _what(task: Task, tasks: Sequence[Task]) -> str:
    """A cell by its name; of the training that methods share, who shares it, and for whom it records the pool."""
    if not task.first_cycle:
        return task.cell.name
    methods = [other.cell.method for other in tasks if other.after == task]
    recording = [method for method in methods if Variant.named(method).acquisition.records]
    recorded = f", with the pool recorded for {' and '.join(recording)}" if recording and len(methods) > 1 else ""
    return f"The first training of seed {task.cell.seed}, of {' and '.join(methods)}{recorded}"
