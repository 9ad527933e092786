"""One training, every opinion: what each acquisition function would ask for, given the same network.

Nothing is trained: the network and its label history are those that a comparison left. So methods are compared
without the chance of different trainings, and their picks lie side by side: what they share, how often the model is
right on them, how varied and how redundant they are, and which scores find the wrong predictions.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from swither.acquisition import ACQUISITIONS, Variant, find
from swither.acquisition.variant import in_catalogue_order
from swither.data import Dataset, DataSettings
from swither.errors import DamagedState, InputError, NewerFormat
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.compare import rebuild
from swither.experiment.making import refuse_changed_methods
from swither.experiment.opinion import FOLDER, Yardstick, read_opinions, save_opinions
from swither.experiment.paper_folder import plain_names
from swither.experiment.protocol import Experiment
from swither.experiment.reopening import reopen
from swither.experiment.results import cells_of
from swither.experiment.running import finished_cycles
from swither.experiment.speed import measure_vaal
from swither.experiment.watch import Silent, Watcher
from swither.experiment.wrong_predictions import FILE as WRONG_PREDICTIONS
from swither.experiment.wrong_predictions import save_wrong_predictions
from swither.files import locked
from swither.loop import Learner, SimulatedAnnotator, Standing, Trainings
from swither.loop.evidence import Evidence
from swither.loop.likelihoods import LikelihoodStore, LikelihoodTask
from swither.loop.settings import FULL
from swither.loop.trainings import Trained, TrainingTask
from swither.own_code import is_own
from swither.report.wording import duration
from swither.training.device import use_threads


def opinions(
    folder: Path | str,
    *,
    seeds: Iterable[int] | None = None,
    cycle: int = 0,
    count: int | None = None,
    methods: Sequence[str] = (),
    without: Sequence[str] = (),
    run: str | None = None,
    data: DataSettings | str | Path | None = None,
    watcher: Watcher | None = None,
    dataset: Dataset | None = None,
) -> list[dict[str, Any]]:
    """Score one training of each seed by all acquisition functions, and write what each would ask for.

    The answer is also kept in ``opinions/seedN-cycleN.json`` of the folder, beside what was asked there before with
    the same count, and the report is drawn again. Trainings and histories come from the folder's ``artifacts``; what
    is missing there is trained again, and the watcher is told.

    Args:
        folder: of a comparison.
        seeds: whose trainings; None: of every seed that has finished that cycle.
        cycle: which training; 0 is the first, which all methods of a seed share.
        count: how many images each method asks for; None: the comparison's step.
        methods: names, with settings where wanted (``dispersion:stride=5``); none: the whole catalogue and what was
            compared, as far as what was kept can tell. Where the folder repeats the paper, a plain name is the method
            as the folder has it.
        without: names to leave out of these, such as slow ones.
        run: the method whose run the training is of, after cycle 0; None: one that recorded its pool, if any.
        data: where the images lie now, if they have moved.
        watcher: told how it goes on.
        dataset: the images, where they are open already.

    Returns:
        For each seed what is in its file: ``seed``, ``cycle``, ``run``, ``count``, ``pool``, ``labelled``,
        ``accuracy`` of the model on the pool, ``rows`` (see `Yardstick.opinion`), and ``left_out``, method -> reason.

    Raises:
        InputError: no seed has finished the cycle, `count` does not fit the pool, a method cannot be asked, or the
            images are not found.
        Busy: a comparison runs in the folder.

    Example:
        >>> import tempfile
        >>> from swither.experiment import compare, opinions
        >>> out = tempfile.mkdtemp()
        >>> _ = compare("digits", out, acquisitions=("random", "margin"), seeds=1, initial=20, step=10, cycles=1,
        ...     reference=False, model="tiny", recipe={"epochs": 1, "least_steps": 1})
        >>> [row["method"] for row in opinions(out, methods=("margin", "entropy"))[0]["rows"]]
        ['margin', 'entropy']
    """
    watcher, out = watcher or Silent(), Path(folder)
    experiment = reopen(out, data, watcher=watcher, dataset=dataset)
    in_part = experiment.settings.record != FULL
    if in_part:  # what is asked here is asked of the whole pool
        watcher.note(
            f"The pools of {out} were recorded in part (--record {experiment.settings.record}), which is no record to "
            "ask other questions of: methods that need one are asked where they are named with --method, and the "
            "training is made again then, recorded in full."
        )
        experiment = replace(experiment, settings=replace(experiment.settings, record=FULL))
    names = plain_names(out)
    specs = _specs(experiment, [names.get(m, m) for m in methods], [names.get(m, m) for m in without], names)
    asked = _Asked(experiment, cycle, _count(experiment, count), specs, bool(methods), watcher)
    runs = _runs(out, cycle, None if run is None else names.get(run, run), None if seeds is None else list(seeds))
    with locked(out / "lock"), use_threads(experiment.settings.threads):
        found = [asked.of(cell, recorded=recorded and not in_part) for cell, recorded in runs]
        rebuild(out)
    return found


_NO_RECORD = (
    "no record of the whole pool was there when it was asked; name it with --method, and one is made where there "
    "still is none"
)
"""Stays true when a later question, for another method, has the pool recorded."""

_NO_LIKELIHOODS = (
    "no networks of its own had been trained on these labels in this folder when it was asked; name it with --method, "
    "and they are trained"
)


@dataclass(frozen=True)
class _Asked:
    """What is asked of every seed."""

    experiment: Experiment
    cycle: int
    count: int
    specs: Sequence[str]
    by_name: bool  # what a method needs is made then, where it is missing
    watcher: Watcher

    def of(self, cell: Cell, *, recorded: bool) -> dict[str, Any]:
        """All opinions of one run's training, written and returned; `recorded`: its pool was recorded."""
        annotator = SimulatedAnnotator(self.experiment.dataset.train)
        learner = self._learner(cell, annotator)
        standing = learner.standing(self.cycle)
        pool = len(learner.pool(standing))
        if self.count > pool:
            raise InputError(f"Expected a --count of at most {pool}, the images in the pool, got {self.count}.")
        trained = self._trained(learner, standing, recorded=recorded)
        evidence = learner.evidence(standing, trained)
        truth = annotator.reveal(map(str, evidence.candidates.ids))
        yardstick = Yardstick(evidence, truth, self.count)
        facts = yardstick.facts()
        rows, left_out = [], {}
        for done, spec in enumerate(self.specs):
            self.watcher.stage(f"methods asked, seed {cell.seed}", done, len(self.specs))
            asker = self._learner(Cell(spec, cell.seed), annotator)
            reason = self._refusal(asker, trained, evidence)
            if reason:
                left_out[spec] = reason
                continue
            begin = time.perf_counter()
            known = asker.evidence(standing, self._with_history(asker, learner, standing, trained), evidence.candidates)
            _, selection = asker.select(standing, self.count, evidence=known.sharing(evidence))
            opinion = yardstick.opinion(spec, selection, time.perf_counter() - begin)
            rows.append(opinion | ({"method_file": file} if (file := asker.acquisition.file) else {}))
        self.watcher.stage(f"methods asked, seed {cell.seed}", len(self.specs), len(self.specs))
        if trained.history is not None and self.cycle == 0 and not learner.settings.recording.augmented:
            self._fill_in(cell, evidence, truth)
        return self._keep(cell, facts, rows, left_out)

    def _refusal(self, asker: Learner, trained: Trained, evidence: Evidence) -> str:
        """Why a method is not asked; empty where it is. For whoever is asked for by name, what is missing is made."""
        needs = asker.acquisition.needs
        if "sampled_logits" in needs and self.experiment.settings.model.dropout == 0:
            reason = "it measures what dropout changes, and the network has none"
            if self.by_name:
                raise InputError(f"{asker.acquisition.name} cannot be asked: {reason}. Leave it out.")
            return reason
        if asker.acquisition.records and trained.history is None and not self.by_name:
            return _NO_RECORD
        if "labelled_likelihood" in needs and not self._has_likelihoods(asker, evidence):
            if not self.by_name:
                return _NO_LIKELIHOODS
            seed, name, settings = asker.settings.seed, asker.acquisition.name, self.experiment.settings
            shape = self.experiment.dataset.train.image_shape
            seconds = measure_vaal(asker.settings.vaal, shape, threads=settings.threads, device=settings.device)
            self.watcher.note(
                f"Seed {seed}, cycle {self.cycle}: {name} trains its own networks, which were not kept here; that "
                f"takes about {duration(seconds)}."
            )
        return ""

    def _has_likelihoods(self, asker: Learner, evidence: Evidence) -> bool:
        """Whether VAAL was trained on these labels, and what it said still lies here."""
        trainings = self._trainings()
        task = LikelihoodTask(evidence.labelled, evidence.candidates, asker.settings.vaal, evidence.seed)
        return LikelihoodStore(trainings.folder, trainings.execution).find(task) is not None

    def _trained(self, learner: Learner, standing: Standing, *, recorded: bool) -> Trained:
        """The stored training, with its history where there is one; made again where what was there is removed."""
        task = TrainingTask(learner.labelled(standing), learner.settings, standing.cycle)
        trainings = self._trainings()
        if (found := trainings.find(task, learner.pool(standing))) is not None:
            return found
        plain = trainings.find(task)
        if plain is None or recorded:
            missing = "weights are" if plain is None else "label history is"
            self._say_trained_again(learner, standing, f"its {missing} not in {trainings.folder}")
            return learner.trained(standing, recorded=recorded)
        return plain

    def _with_history(self, asker: Learner, learner: Learner, standing: Standing, trained: Trained) -> Trained:
        """The training, with the history that this method needs: recorded as its settings say."""
        as_recorded = trained.history is not None and asker.settings.recording == learner.settings.recording
        if not asker.acquisition.records or as_recorded:
            return trained
        task = TrainingTask(asker.labelled(standing), asker.settings, standing.cycle)
        found = self._trainings().find(task, asker.pool(standing))
        if found is None:
            self._say_trained_again(asker, standing, f"{asker.acquisition.name} needs a label history of its own")
            found = asker.trained(standing, recorded=True)
        return replace(trained, history=found.history)

    def _say_trained_again(self, learner: Learner, standing: Standing, reason: str) -> None:
        self.watcher.note(f"Seed {learner.settings.seed}, cycle {standing.cycle} is trained again: {reason}.")

    def _fill_in(self, cell: Cell, evidence: Evidence, truth: Any) -> None:
        """Which scores find the wrong predictions, in cells from before that was kept."""
        path = cell.folder(self.experiment.out)
        if not (path / WRONG_PREDICTIONS).exists():
            save_wrong_predictions(path, self.cycle, evidence, truth)

    def _keep(
        self, cell: Cell, facts: dict[str, Any], rows: list[dict[str, Any]], left_out: dict[str, str]
    ) -> dict[str, Any]:
        """Write a seed's opinions, together with earlier ones of the same network and count."""
        path = self.experiment.out / FOLDER / f"seed{cell.seed}-cycle{self.cycle}.json"
        facts = {"run": cell.method, **facts}
        try:
            before = read_opinions(path)
            if all(before.get(name) == facts[name] for name in ("training", "weights", "count", "pool")):
                new = {row["method"] for row in rows}
                kept = {row["method"]: row for row in [*before["rows"], *rows] if row["method"] not in new}
                rows = [*kept.values(), *rows]
                answered = {row["method"] for row in rows}
                reasons = {**before["left_out"], **left_out}
                left_out = {method: reason for method, reason in reasons.items() if method not in answered}
        except (FileNotFoundError, DamagedState, NewerFormat, KeyError, TypeError):
            pass
        order = in_catalogue_order(row["method"] for row in rows)
        rows = sorted(rows, key=lambda row: order.index(row["method"]))
        save_opinions(path, cell.seed, self.cycle, facts | {"left_out": left_out}, rows)
        return read_opinions(path)

    def _learner(self, cell: Cell, annotator: SimulatedAnnotator) -> Learner:
        """Of one method; it only ever selects, so nothing is written to its folder."""
        settings = self.experiment.learner_settings(cell)
        knows = "true_labels" in find(settings.acquisition).needs
        return Learner(
            self.experiment.dataset.train,
            settings,
            cell.folder(self.experiment.out),
            trainings=self._trainings(),
            reveal=annotator.reveal if knows else None,
            progress=partial(self.watcher.working, cell),
        )

    def _trainings(self) -> Trainings:
        return Trainings(self.experiment.out / "artifacts", self.experiment.execution)


def _specs(
    experiment: Experiment, methods: Sequence[str], without: Sequence[str], names: Mapping[str, str]
) -> list[str]:
    """What is asked, in the catalogue's order; `names` has methods of the catalogue as the folder has them."""
    given = methods or (*(names.get(name, name) for name in ACQUISITIONS), *experiment.settings.acquisitions)
    wanted = [Variant.named(spec).spec for spec in given]
    refuse_changed_methods(experiment.out, wanted)
    leaving = {Variant.named(spec).spec for spec in without}
    specs = [spec for spec in in_catalogue_order(wanted) if spec not in leaving]
    if not specs:
        raise InputError("Expected at least one method to ask, but all of them are left out.")
    return specs


def _count(experiment: Experiment, count: int | None) -> int:
    if count is None and len(experiment.counts) < 2:
        raise InputError(f"{experiment.out} asked for nothing (cycles 0), so say how many: --count.")
    count = experiment.counts[1] if count is None else count
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise InputError(f"Expected --count as a whole number of images, 1 or more, got {count!r}.")
    return count


def _runs(out: Path, cycle: int, run: str | None, seeds: list[int] | None) -> list[tuple[Cell, bool]]:
    """For every seed the cell whose training is looked at, and whether its pool was recorded."""
    wanted = None if run is None else Variant.named(run).spec
    finished: dict[int, list[tuple[bool, bool, str]]] = {}
    for cell in cells_of(out):
        row = finished_cycles(cell.folder(out)).get(cycle)
        unasked = wanted is None and is_own(cell.method)  # code of the user's own is loaded only where it is named
        if row is not None and cell.method != REFERENCE and wanted in (None, cell.method) and not unasked:
            recorded = row["recorded_epochs"] > 0
            finished.setdefault(cell.seed, []).append((not recorded, ":" in cell.method, cell.method))
    have = sorted(finished)
    missing = [seed for seed in seeds or have if seed not in finished]
    if missing or not have:
        which = f"seed {missing[0]}" if missing else "no seed"
        other = "start its compare command first, or name one of your own functions with --run"
        held = f"seeds that have: {', '.join(map(str, have))}" if have else other
        of = f" of {wanted}" if wanted else ""
        raise InputError(f"In {out}, {which} has {'not ' if missing else ''}finished cycle {cycle}{of}; {held}.")
    chosen = {seed: min(finished[seed]) for seed in seeds or have}
    return [(Cell(method, seed), not unrecorded) for seed, (unrecorded, _, method) in chosen.items()]
