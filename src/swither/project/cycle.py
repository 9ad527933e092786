"""A cycle: train on the labels so far, measure, choose what to ask next. The learner is the experiments' own.

Everything is written to folders named by keys of their inputs, so nothing that a killed cycle left is ever taken for
something else; the store hears of it once, when the worker publishes it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from swither.acquisition.default import default_acquisition
from swither.acquisition.variant import Variant
from swither.arrays import IntArray
from swither.data.image_set import ImageSet
from swither.dynamics import dispersion
from swither.errors import InputError, plural
from swither.loop.epoch_watch import TrainingProgress
from swither.loop.events import LabelEvent, Standing, fold
from swither.loop.learner import Learner
from swither.loop.settings import Execution, LearnerSettings
from swither.loop.trainings import Trained, Trainings, TrainingTask
from swither.models import ModelSettings
from swither.project.accuracy import counted_labels, measured, note_of
from swither.project.advice import change_between
from swither.project.budget import choose
from swither.project.clock import now
from swither.project.cold_start import ENOUGH_TO_CLUSTER, typical
from swither.project.embeddings import embedded_ids, image_set, pool_features
from swither.project.held_out import counted_images, kept_back, outdated, walked
from swither.project.learner_events import StoreEvents
from swither.project.lots import lots_of
from swither.project.near_copies import MOST_IN_GROUP, large_groups, near_copies
from swither.project.plan import Plan, StoreUntil, plan_path
from swither.project.records import Cycle, Job
from swither.project.rehearsal import kind_of, pace_of
from swither.randomness import keyed_order
from swither.training import recipe_for
from swither.training.clean_pass import predict_labels

if TYPE_CHECKING:
    from swither.project.project import Project

CycleProgress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, of how much; may raise to stop the cycle."""

BATCHES_AHEAD = 3
"""A cycle chooses so many batches, so that people have something to go on with while the next one trains."""

CHECKPOINT_SECONDS = 1.0


def run_cycle(project: Project, job: Job, progress: CycleProgress) -> Cycle:
    """Do the work of one job, or go on with it where another worker left it.

    With labels of two classes or more: train, record the pool and the test images, measure, choose. Before that:
    choose typical images by their embeddings where there are enough of these, and nothing otherwise; the queue then
    draws at random.

    Args:
        project: whose.
        job: what was taken.
        progress: told how far it is.

    Returns:
        The cycle, to be published; its `facts` say what was done and why.
    """
    started = time.perf_counter()
    progress("planning", 0, 1)
    path = plan_path(project, job.number)
    plan = Plan.read(path)
    if plan is None or not _still_there(project, plan):
        plan = make_plan(project, job)
        plan.write(path)
    if len(plan.classes) < 2:
        return _cold(project, plan)
    return _Warm(project, plan, progress).cycle(started)


def make_plan(project: Project, job: Job) -> Plan:
    """Fix what a cycle works on; see `Plan`."""
    reserved = kept_back(project, lots_of(project, fresh=True))
    held = project.store.held_out_after()
    ledger = project.ledger()
    embedded = embedded_ids(project)  # labelled ones too whose files are gone: their labels count
    # One that is reserved and labelled but not held out was asked for training, before it could be known to test.
    known = ledger.labels if walked(project) else ()
    ids = [i for i in embedded if i not in held and (i in known or i not in reserved)]
    labels = {i: ledger.labels[i] for i in ids if i in ledger.labels}
    classes = [one.id for one in ledger.classes if one.id in set(labels.values())]
    plan = Plan(job.number, ledger.sequence, held, classes, [], [], 1, 0, 0, _count(project), "")
    if len(classes) < 2:
        return plan
    free = [i for i in ids if i not in labels and ledger.declined(i) is None]
    images = image_set(project, classes, set(embedded).difference(ids))
    settings, threads = learner_settings(project), threads_here()
    schedule = settings.recipe.schedule(len(labels))
    there, before = set(embedded), outdated(ledger)
    answers = {i: ledger.standing_event(i) for i in counted_images(project) if i in there}
    beside = [i for i, event in answers.items() if event is None or event.sequence < before]
    choice = choose(
        pace_of(project, images, settings, threads),
        schedule.epochs,
        schedule.epochs * schedule.steps_per_epoch,
        len(free),
        len(beside),
        project.settings.seconds_per_cycle,
    )
    order = keyed_order(free, project.settings.seed, "candidates of a part", ledger.sequence)[: choice.candidates]
    return replace(
        plan,
        ids=sorted([*labels, *(free[p] for p in order)]),
        beside=beside,
        record_every=choice.record_every,
        recordings=choice.recordings,
        pool=len(free),
        count=min(_count(project), choice.candidates),
        words=" ".join(filter(None, (choice.words, _words_of_large_groups(large_groups(project))))),
    )


def learner_settings(project: Project, record_every: int = 1) -> LearnerSettings:
    """What a project's learner is made of."""
    wanted = Variant.named(project.settings.acquisition or default_acquisition(project.settings.model))
    return LearnerSettings(
        wanted.acquisition.name,
        wanted.settings,
        model=ModelSettings(project.settings.model),
        recipe=recipe_for(project.settings.model),
        seed=project.settings.seed,
        record_every=record_every,
    )


def threads_here() -> int:
    """Threads of a training: half of the cores, because somebody labels on this machine meanwhile."""
    return max(1, min(4, (os.cpu_count() or 1) // 2))


def _count(project: Project) -> int:
    return max(project.settings.batch, project.settings.retrain_after) * BATCHES_AHEAD


def _still_there(project: Project, plan: Plan) -> bool:
    """Whether the images of a plan can still be had: embeddings may have been made anew since."""
    if not plan.ids:
        return True
    wanted = {*plan.ids, *plan.beside}
    return wanted <= set(embedded_ids(project, keep=wanted))


def _cold(project: Project, plan: Plan) -> Cycle:
    """A first choice, without a network."""
    ledger, there = project.ledger(), pool_features(project)
    embedded = 0 if there is None else len(there.ids)
    labelled = {image for image in ledger.labels if image not in plan.held_out}
    if not labelled:
        short = "no image has a label yet"
    elif len({ledger.labels[image] for image in labelled}) < 2:
        short = "the labels are all of one class"
    else:
        short = "of the labelled images too few are embedded yet"
    chosen: tuple[str, ...] = ()
    if there is not None and embedded >= ENOUGH_TO_CLUSTER:
        reserved = kept_back(project)
        left_out = {*(i for i in map(str, there.ids) if i in reserved), *ledger.declined_images}
        chosen = _once(typical(there, labelled, left_out, plan.count, project.settings.seed), near_copies(project))
        why = f"{short}, so nothing can be trained: typical images of {embedded:,} by their embeddings (TypiClust)"
    else:
        why = f"{short}, and only {plural(embedded, 'image is', 'images are')} embedded so far: drawn at random"
    facts = {"source": "typical" if chosen else "random", "why": why, "embedded": embedded, "accuracy": None}
    return Cycle(plan.job, 0, plan.events, len(labelled), tuple(plan.classes), chosen, None, facts, now())


@dataclass
class _Warm:
    """A cycle with labels of two classes or more."""

    project: Project
    plan: Plan
    progress: CycleProgress

    def cycle(self, started: float) -> Cycle:
        """Train, choose, measure."""
        begun = time.perf_counter()
        trained = self.trained()
        chosen_from = time.perf_counter()
        ids = self.chosen()
        measured_from = time.perf_counter()
        self.progress("measuring", 0, 1)
        facts = {
            "source": "batch",
            "acquisition": self.settings.acquisition,
            "model": self.images.features.description if self.images.features is not None else "",
            "epochs": trained.facts["epochs"],
            "recordings": self.plan.recordings,
            "record_every": self.plan.record_every,
            "candidates": len(self.plan.ids) - len(self.standing.labels),
            "pool": self.plan.pool,
            "budget": self.plan.words,
            "embedded": self.embedded,
            **self.mind(trained),
            **self.measured(trained),
        }
        end = time.perf_counter()
        facts["seconds"] = {
            "all": end - started,
            "planning": begun - started,
            "training and recording": chosen_from - begun,
            "choosing": measured_from - chosen_from,
            "measuring": end - measured_from,
        }
        if trained.history is not None:
            facts["pace"] = self.pace(trained, end - started)
        return Cycle(
            self.plan.job,
            self.standing.next_batch,
            self.plan.events,
            len(self.standing.labels),
            tuple(self.plan.classes),
            ids,
            trained.key,
            facts,
            now(),
        )

    @cached_property
    def settings(self) -> LearnerSettings:
        return learner_settings(self.project, self.plan.record_every)

    @cached_property
    def whole(self) -> ImageSet:
        """All embedded images, those that test too; only `images` ever reach the learner."""
        return image_set(self.project, self.plan.classes, keep=[*self.plan.ids, *self.plan.beside])

    @property
    def embedded(self) -> int:
        return len(self.whole)

    @cached_property
    def images(self) -> ImageSet:
        images = self.whole.take(np.sort(self.whole.positions(self.plan.ids)))
        assert not set(self.plan.held_out) & {str(i) for i in images.ids}, "what tests is never trained on"
        return images

    @cached_property
    def events(self) -> _Frozen:
        known = {str(i) for i in self.images.ids}
        source = StoreEvents(StoreUntil(self.project.store, self.plan))
        return _Frozen(tuple(event for event in source.read() if event.id in known))

    @cached_property
    def standing(self) -> Standing:
        return fold(self.events.read())

    @cached_property
    def trainings(self) -> Trainings:
        execution = Execution(threads=threads_here(), checkpoint_seconds=CHECKPOINT_SECONDS)
        return Trainings(self.project.derived("artifacts"), execution)

    @cached_property
    def learner(self) -> Learner:
        return Learner(
            self.images,
            self.settings,
            self.project.derived("learner"),
            events=self.events,
            trainings=self.trainings,
            progress=lambda _, what, done, of: self.progress(what, done, of),
        )

    def trained(self) -> Trained:
        """The training, with a history of the pool and of the test images that have no label.

        It is the one that the learner asks for: made here, it has a history whatever the acquisition needs, in which
        test images look like any others.
        """
        labelled = self.learner.labelled(self.standing)
        task = TrainingTask(labelled, self.settings, self.standing.cycle)
        pool = {str(i) for i in self.learner.pool(self.standing).ids}
        recorded = self.whole.take(_rows(self.whole, pool | set(self.plan.beside)))
        progress: TrainingProgress = lambda done, of: self.progress("training", done, of)  # noqa: E731
        return self.trainings.get(task, recorded if len(recorded) else None, progress)

    def chosen(self) -> tuple[str, ...]:
        """What to ask next, of near copies one; nothing where every image has an answer."""
        pool, groups = [str(i) for i in self.learner.pool(self.standing).ids], near_copies(self.project)
        if not pool:
            return ()
        doubled = len(pool) - len(_once(pool, groups))
        count = min(self.plan.count + min(doubled, self.plan.count), len(pool))
        return _once(self.learner.ask(count), groups)[: self.plan.count]

    def mind(self, trained: Trained) -> dict[str, Any]:
        """How much the pool changed its mind: on the whole, and how much of it in the later half of the training."""
        pool = self.learner.pool(self.standing)
        history = trained.history
        if history is None or not len(pool):
            return {"dispersion": None, "changing": None}
        labels = history.of(pool.ids)  # (recordings, pool)
        late = labels[-max(2, len(labels) // 2) :]
        return {
            "dispersion": float(dispersion(labels).mean()),
            "changing": float((late != late[0]).any(axis=0).mean()),
        }

    def measured(self, trained: Trained) -> dict[str, Any]:
        """The accuracy on the held-out part, and how it changed since earlier networks."""
        images = self.whole.take(_rows(self.whole, set(self.plan.held_out)))
        predicted = {}
        if len(images):
            rows = predict_labels(
                trained.model, images, trained.normalisation, device=trained.device, precision=trained.precision
            )
            predicted = {str(i): self.plan.classes[row] for i, row in zip(images.ids, rows, strict=True)}
        self.project.store.set_note(note_of(trained.key), {"predicted": predicted})
        ledger = self.project.ledger()
        truth, left_out = counted_labels(self.project, ledger, sorted(self.standing.labels))
        accuracy = measured(truth, {i: ledger.resolve(c) for i, c in predicted.items()}, left_out)
        return {
            "accuracy": None if accuracy is None else accuracy.facts,
            "changes": self.changes(truth, predicted),
        }

    def changes(self, truth: dict[str, str], predicted: dict[str, str]) -> list[dict[str, Any]]:
        """The gain since the latest network with at most two thirds of the labels, on the same test images."""
        ledger, now_labelled = self.project.ledger(), len(self.standing.labels)
        for cycle in reversed(self.project.store.cycles()):
            if cycle.training is None or cycle.labelled > now_labelled * 2 / 3:
                continue
            note = self.project.store.note(note_of(cycle.training))
            if note is not None:
                before = _right(truth, {i: ledger.resolve(c) for i, c in note["predicted"].items()})
                after = _right(truth, {i: ledger.resolve(c) for i, c in predicted.items()})
                return [asdict(change_between(before, after, cycle.labelled))]
        return []

    def pace(self, trained: Trained, seconds: float) -> dict[str, Any]:
        """What the parts took, for the next cycle's budget."""
        facts = trained.facts
        steps = facts["epochs"] * facts["steps_per_epoch"]
        recorded = max(facts["recorded_epochs"], 1)
        each = facts["seconds_recording"] / recorded
        fixed = min(each, 0.005)
        rest = seconds - facts["seconds_training"] - facts["seconds_recording"]
        return {
            "kind": kind_of(self.images, self.settings, threads_here()),
            "step": facts["seconds_training"] / steps,
            "recording": fixed,
            "image": (each - fixed) / max(facts["recorded_images"], 1),
            "rest": max(rest, 0.5),  # a cycle that went on with what another left took less than its parts
        }


class _Frozen:
    """Label events as they were when the cycle was planned; what was said since is the next cycle's."""

    def __init__(self, events: tuple[LabelEvent, ...]) -> None:
        self._events = events

    def append(self, events: Collection[LabelEvent]) -> None:
        """Refused: people say what an image shows, not the learner."""
        if events:
            raise InputError("The label events of a project are stored by the page, not told to the learner.")

    def read(self) -> tuple[LabelEvent, ...]:
        """All events, in order."""
        return self._events


def _words_of_large_groups(groups: Mapping[str, str]) -> str:
    """What people are told of groups that are too large to test."""
    if not groups:
        return ""
    several = len(set(groups.values()))
    return (
        f"{plural(several, 'group')} of more than {MOST_IN_GROUP} images that look the same, {len(groups):,} images "
        "together, can be trained on and test nothing: the accuracy is that of all other images."
    )


def _once(images: Iterable[str], groups: Mapping[str, str]) -> tuple[str, ...]:
    """Those of `images` that are the first of their near copies, in order."""
    first: dict[str, str] = {}
    return tuple(i for i in images if first.setdefault(groups.get(i, i), i) == i)


def _rows(images: ImageSet, wanted: Collection[str]) -> IntArray:
    return np.flatnonzero([str(i) in wanted for i in images.ids])


def _right(truth: dict[str, str], predicted: dict[str, str]) -> dict[str, bool]:
    return {i: truth[i] == predicted[i] for i in truth.keys() & predicted.keys()}
