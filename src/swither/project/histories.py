"""The label histories of a project's trainings, for whoever explains or shows what a network made of an image."""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from swither.dynamics.label_history import LabelHistory
from swither.errors import SwitherError
from swither.project.accuracy import note_of
from swither.project.records import Cycle

if TYPE_CHECKING:
    from swither.project.project import Project

KEPT = 10
"""Trainings and histories of so many cycles stay on disk; older ones can be made again, and nobody asks for them."""

_OPEN = 3
_open: OrderedDict[Path, LabelHistory] = OrderedDict()
_guard = threading.Lock()


def history_of(project: Project, training: str) -> LabelHistory | None:
    """The history that was recorded in a training; None where it was removed, or does not read back.

    A training on the same labels as before is the same one, and is recorded anew where more images are embedded by
    then: the latest recording counts.

    Args:
        project: whose.
        training: key of the training.
    """
    finished = (project.derived("artifacts") / "history" / training).glob("*/recorded.json")
    for folder in (path.parent for path in sorted(finished, key=_written, reverse=True)):
        if ".damaged-" in folder.name:
            continue
        with _guard:
            if folder in _open:
                _open.move_to_end(folder)
                return _open[folder]
        try:
            history = LabelHistory.open(folder)
        except (SwitherError, OSError):
            continue
        with _guard:
            _open[folder] = history
            while len(_open) > _OPEN:
                _open.popitem(last=False)
        return history
    return None


def _written(path: Path) -> tuple[int, str]:
    """When, as far as it is there still: somebody may be removing it."""
    try:
        return path.stat().st_mtime_ns, path.parent.name
    except OSError:
        return 0, path.parent.name


def last_history(project: Project) -> tuple[Cycle, LabelHistory] | None:
    """The latest cycle with a history that recorded anything, and that history; None before there is one."""
    for cycle in reversed(project.store.cycles()[-KEPT:]):
        history = history_of(project, cycle.training) if cycle.training is not None else None
        if history is not None and history.epochs and len(history.ids):
            return cycle, history
    return None


def remove_old(project: Project) -> None:
    """Remove what only cycles before the last few needed; to be called by the worker, between jobs."""
    trained = [cycle for cycle in project.store.cycles() if cycle.training is not None]
    keep = [cycle.training for cycle in trained][-KEPT:]
    if len(keep) < KEPT:
        return
    for cycle in trained[:-KEPT]:
        name = note_of(str(cycle.training))
        if cycle.labelled < trained[-1].labelled / 3 and project.store.note(name) is not None:
            project.store.set_note(name, None)  # the gain is measured against a network with more labels than that
    for kind in ("training", "history"):
        for folder in (project.derived("artifacts") / kind).glob("*"):
            if folder.name.partition(".")[0] not in keep:
                if folder.is_dir():
                    shutil.rmtree(folder, ignore_errors=True)
                else:
                    folder.unlink(missing_ok=True)
    learner = project.derived("learner")
    running = {job.number for job in project.store.jobs(5) if job.state in ("waiting", "running")}
    for plan in learner.glob("plan-*.json"):
        if int(plan.stem.partition("-")[2]) not in running:
            plan.unlink(missing_ok=True)
