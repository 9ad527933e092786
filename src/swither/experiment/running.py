"""Running one cell: the loop with a simulated annotator, and a line of results after every cycle.

A cell that was killed goes on where it was: its label events, batches and finished cycles are on disk, and so are its
trainings. Each line of ``cycles.jsonl`` is written after everything that it speaks of.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from swither.acquisition import find
from swither.dynamics import largest_class_share
from swither.errors import DamagedState
from swither.experiment.cells import FORMAT, REFERENCE, VERSION, Cell
from swither.experiment.evaluation import evaluate
from swither.experiment.informativeness import informativeness
from swither.experiment.making import making_of, refuse_other_making
from swither.experiment.montage import save_montage
from swither.experiment.opinion import OF_A_CELL as OPINION
from swither.experiment.opinion import Yardstick, save_opinions
from swither.experiment.probabilities import are_intact, keep_probabilities, probabilities_file
from swither.experiment.protocol import Experiment, refuse_difference
from swither.experiment.watch import Watcher
from swither.experiment.wrong_predictions import FILE as WRONG_PREDICTIONS
from swither.experiment.wrong_predictions import save_wrong_predictions
from swither.files import file_checksum, locked, read_json, remove_temporary, set_aside, write_json
from swither.journal import DamageWarning, Journal
from swither.loop import Learner, SimulatedAnnotator, Standing, Trainings, run
from swither.loop.batches import BatchFile
from swither.loop.events import EventFile
from swither.loop.evidence import Evidence
from swither.loop.trainings import Trained, TrainingTask

MONTAGE = "montage.npz"
OF_A_CELL = (
    "events.jsonl", "batches.jsonl", "cycles.jsonl", "informativeness.json", OPINION, MONTAGE, WRONG_PREDICTIONS
)  # fmt: skip


def finished_cycles(folder: Path) -> dict[int, dict[str, Any]]:
    """Cycle -> its line of results, of a cell's finished cycles; a cycle written again counts once, as it was last."""
    return {row["cycle"]: row for row in _journal(folder).read()}


def is_finished(experiment: Experiment, cell: Cell) -> bool:
    """Whether nothing of a cell is left to run, or to be made again because its files were damaged."""
    folder = cell.folder(experiment.out)
    try:
        read_json(folder / "cell.json", FORMAT, VERSION)
    except (FileNotFoundError, DamagedState):
        return False
    cycles = 1 if cell.method == REFERENCE else len(experiment.counts)
    if len(_intact_cycles(folder)) < cycles:
        return False
    if cell.method == REFERENCE:
        return True
    answered = {event.id for event in EventFile(folder / "events.jsonl").read()}
    batches = {batch.number: batch for batch in BatchFile(folder / "batches.jsonl").read()}
    asked = {i for batch in batches.values() for i in batch.ids}
    return len(batches) == cycles and asked <= answered and (cycles == 1 or _is_analysed(folder))


def run_cell(experiment: Experiment, cell: Cell, watcher: Watcher) -> None:
    """Run what is not finished of one cell.

    Raises:
        Busy: another process runs this cell.
    """
    folder = cell.folder(experiment.out)
    with locked(folder / "lock"):
        _claim(experiment, cell, folder)
        if cell.method == REFERENCE:
            _run_reference(experiment, cell, folder, watcher)
        else:
            _run_method(experiment, cell, folder, watcher)


def train_first_cycle(experiment: Experiment, seed: int, watcher: Watcher) -> None:
    """The training that all methods of a seed share, with the label history if any of them needs one."""
    annotator = SimulatedAnnotator(experiment.dataset.train)
    methods = [Cell(method, seed) for method in experiment.settings.acquisitions]
    learners = [_learner(experiment, cell, annotator, watcher) for cell in methods]
    recording = [learner for learner in learners if learner.acquisition.records]
    learner = (recording or learners)[0]
    candidates, initial = learner.select(Standing(), experiment.counts[0])
    answers = annotator.answer(map(str, candidates.ids[initial.positions]))
    recorded = bool(recording) and experiment.settings.cycles > 0
    learner.trained(Standing(answers), recorded=recorded, count=experiment.counts[1] if recorded else None)


def _learner(experiment: Experiment, cell: Cell, annotator: SimulatedAnnotator, watcher: Watcher) -> Learner:
    settings = experiment.learner_settings(cell)
    return Learner(
        experiment.dataset.train,
        settings,
        cell.folder(experiment.out),
        trainings=Trainings(experiment.out / "artifacts", experiment.execution),
        reveal=annotator.reveal if "true_labels" in find(settings.acquisition).needs else None,
        progress=partial(watcher.working, cell),
    )


def _run_method(experiment: Experiment, cell: Cell, folder: Path, watcher: Watcher) -> None:
    annotator = SimulatedAnnotator(experiment.dataset.train)
    learner = _learner(experiment, cell, annotator, watcher)
    last = experiment.settings.cycles
    done = _intact_cycles(folder)
    for standing in run(learner, annotator, experiment.counts):
        analysed = standing.cycle > 0 or last == 0 or _is_analysed(folder)
        if standing.cycle in done and analysed:
            continue
        _require_whole(standing, sum(experiment.counts[: standing.cycle + 1]), folder)
        records = learner.acquisition.records and standing.cycle < last
        asked_next = experiment.counts[standing.cycle + 1] if records else None
        trained = learner.trained(standing, recorded=records, count=asked_next)
        if not analysed:
            _analyse(learner, standing, trained, annotator, cell, experiment.counts[1])
        _finish_cycle(experiment, cell, folder, standing.cycle, len(standing.labels), trained, watcher)


def _run_reference(experiment: Experiment, cell: Cell, folder: Path, watcher: Watcher) -> None:
    if _intact_cycles(folder):
        return
    task = TrainingTask(experiment.dataset.train, experiment.learner_settings(cell), 0)
    trainings = Trainings(experiment.out / "artifacts", experiment.execution)
    trained = trainings.get(task, progress=partial(watcher.working, cell, 0, "training"))
    _finish_cycle(experiment, cell, folder, 0, len(experiment.dataset.train), trained, watcher)


def _analyse(
    learner: Learner, standing: Standing, trained: Trained, annotator: SimulatedAnnotator, cell: Cell, step: int
) -> None:
    """What the report shows of the first cycle: what the method would take, and where the pool was recorded, more."""
    evidence = learner.evidence(standing, trained)
    true_labels = annotator.reveal(map(str, evidence.candidates.ids))
    known = step if learner.acquisition.records and trained.in_part else len(true_labels)
    rows = informativeness(learner, standing, evidence, true_labels, known)
    _keep_opinion(learner, standing, Yardstick(evidence, true_labels, step), evidence, cell)
    kept = [OPINION]
    if trained.history is not None and not trained.in_part:
        pool = learner.pool(standing)
        pool = replace(pool, labels=annotator.reveal(map(str, pool.ids)))
        if pool.has_pixels:
            save_montage(learner.folder / MONTAGE, pool, trained.history)
            kept.append(MONTAGE)
        if not learner.settings.recording.augmented:  # the claim is of images as they are
            save_wrong_predictions(learner.folder, standing.cycle, evidence, true_labels)
            kept.append(WRONG_PREDICTIONS)
    checksums = {name: file_checksum(learner.folder / name) for name in kept}
    facts = {"weights": trained.weights, "rows": rows, "checksums": checksums}
    write_json(learner.folder / "informativeness.json", "swither informativeness", 1, facts)


def _keep_opinion(learner: Learner, standing: Standing, yardstick: Yardstick, evidence: Evidence, cell: Cell) -> None:
    """What the method would ask for now, measured."""
    begin = time.perf_counter()
    _, selection = learner.select(standing, yardstick.count, evidence=evidence)
    opinion = yardstick.opinion(cell.method, selection, time.perf_counter() - begin)
    save_opinions(learner.folder / OPINION, cell.seed, standing.cycle, yardstick.facts(), [opinion])


def _finish_cycle(
    experiment: Experiment, cell: Cell, folder: Path, cycle: int, labelled: int, trained: Trained, watcher: Watcher
) -> None:
    watcher.working(cell, cycle, "testing", 0, 1)
    probabilities, figures = evaluate(trained, experiment.dataset.test)
    checksum = keep_probabilities(folder, cycle, probabilities)
    facts = trained.facts
    row: dict[str, Any] = {
        "cycle": cycle,
        "labelled": labelled,
        **figures,
        "epochs": facts["epochs"],
        "batch_size": facts["batch_size"],
        "epochs_grown": facts["grown"],
        "recorded_epochs": facts.get("recorded_epochs", 0),
        "seconds_training": facts["seconds_training"],
        "seconds_recording": facts.get("seconds_recording", 0.0),
        "largest_class_share": _largest_class_share(trained),
        "training": trained.key,
        "same_weights": facts.get("same_weights", True),
        "probabilities": checksum,
        "circumstances": facts["circumstances"],
    }
    _journal(folder).append([row])
    watcher.finished(cell, row)


def _largest_class_share(trained: Trained) -> list[float]:
    """Of each recorded epoch; none where the pool was not recorded, or not all of it."""
    if trained.history is None or trained.in_part:
        return []
    shares: list[float] = largest_class_share(trained.history).tolist()
    return shares


def _journal(folder: Path) -> Journal:
    return Journal(folder / "cycles.jsonl", "finished cycle")


def _intact_cycles(folder: Path) -> set[int]:
    """The finished cycles whose probabilities read back as they were written."""
    intact = set()
    for cycle, row in finished_cycles(folder).items():
        if are_intact(folder, row):
            intact.add(cycle)
        else:
            path = probabilities_file(folder, cycle)
            warnings.warn(f"{path} is damaged or missing; it is made again.", DamageWarning, stacklevel=2)
    return intact


def _is_analysed(folder: Path) -> bool:
    try:
        saved = read_json(folder / "informativeness.json", "swither informativeness", 1)
        for name, checksum in saved["checksums"].items():
            if not (folder / name).exists() or file_checksum(folder / name) != checksum:
                raise DamagedState(f"{folder / name} is damaged or missing.")
    except FileNotFoundError:
        return False
    except (DamagedState, KeyError) as error:
        warnings.warn(f"{error} It is made again.", DamageWarning, stacklevel=2)
        return False
    return True


def _claim(experiment: Experiment, cell: Cell, folder: Path) -> None:
    """Write what the cell is and the protocol it is made under, or refuse a cell of another protocol."""
    remove_temporary(folder)
    path = folder / "cell.json"
    making = making_of(cell.method)
    experiment.refuse_changed_files(cell.method)
    try:
        before = read_json(path, FORMAT, VERSION)
        refuse_difference(before["protocol"], experiment.protocol, str(folder))
        refuse_other_making(cell.method, before, making, folder)
        return
    except FileNotFoundError:
        reason = f"{path} is missing."
    except DamagedState as error:
        reason = str(error)
    # Under which protocol the rest was made is not known; the trainings know it by their keys, and are kept.
    for name in (*OF_A_CELL, path.name):
        if (folder / name).exists():
            aside = set_aside(folder / name)
            warnings.warn(f"{reason} {name} is made again; it is now {aside.name}.", DamageWarning, stacklevel=2)
    what = {"method": cell.method, "seed": cell.seed, **making}
    write_json(path, FORMAT, VERSION, what | {"protocol": experiment.protocol})


def _require_whole(standing: Standing, labels: int, folder: Path) -> None:
    if len(standing.labels) != labels:
        raise DamagedState(
            f"{folder} holds {len(standing.labels)} labels in cycle {standing.cycle}, expected {labels}: its label "
            "events do not fit its batches. Move the folder away, and the cell is run again."
        )
