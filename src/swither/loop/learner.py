"""The active learner: a function of its settings and an ordered list of label events, behind two verbs.

`Learner.ask` gives the ids to label next, `Learner.tell` takes the answers. Everything between them (trainings,
label histories, evidence, batches) is derived from the events, lies on disk under a key of its inputs, and is made
again where it is missing; so a learner that was killed goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from swither.acquisition import Selection, find, select
from swither.data.image_set import ImageSet
from swither.errors import InputError, UnknownIds, UnknownName, list_some
from swither.files import key_of, locked
from swither.loop.batches import Batch, BatchFile
from swither.loop.events import EventFile, EventLog, LabelEvent, Standing, effective, fold
from swither.loop.evidence import Evidence, Reveal
from swither.loop.histories import in_order_of_choice
from swither.loop.likelihoods import Likelihoods, LikelihoodStore, LikelihoodTask
from swither.loop.settings import Execution, LearnerSettings
from swither.loop.trainings import Trained, Trainings, TrainingTask
from swither.randomness import derive, generator
from swither.training.device import use_threads

Progress = Callable[[int, str, int, int], None]
"""Called with the cycle, what is being done (``training``, ``selecting``), how much of it is done, of how much."""


class Learner:
    """Decides which images to label next.

    Args:
        images: all images that may be trained on or asked for. Their labels are not looked at: what is known is
            what is told.
        settings: what decides its batches.
        folder: where its label events and batches lie.
        events: another log of label events; by default a file in `folder`.
        trainings: where trainings are kept and shared; by default ``artifacts`` in `folder`.
        reveal: gives true labels; only an experiment has it, and only the oracle needs it.
        progress: called while it works.

    Example:
        >>> from swither.data import open_dataset
        >>> from swither.loop import Learner, LearnerSettings
        >>> from swither.models import ModelSettings
        >>> from swither.training import Recipe
        >>> import tempfile
        >>> images = open_dataset("digits").train
        >>> settings = LearnerSettings("random", model=ModelSettings("tiny"), recipe=Recipe(epochs=2, least_steps=2))
        >>> learner = Learner(images, settings, tempfile.mkdtemp())
        >>> batch = learner.ask(3)
        >>> learner.tell({batch[0]: "7", batch[1]: "1"})
        >>> sorted(learner.standing().labels.values())
        ['1', '7']
    """

    def __init__(
        self,
        images: ImageSet,
        settings: LearnerSettings,
        folder: Path | str,
        *,
        events: EventLog | None = None,
        trainings: Trainings | None = None,
        reveal: Reveal | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.settings = settings
        self.acquisition = find(settings.acquisition)
        self._images = images.without_labels()
        self._events = events or EventFile(self.folder / "events.jsonl")
        self._batches = BatchFile(self.folder / "batches.jsonl")
        self._trainings = trainings or Trainings(self.folder / "artifacts", Execution())
        self._reveal = reveal
        self._progress: Progress = progress or _silent
        self._known = frozenset(map(str, images.ids))

    def ask(self, count: int) -> tuple[str, ...]:
        """Which images to label next, the most wanted first.

        Takes the label events so far, trains on them where the acquisition function needs a network, ranks the
        images that are neither labelled nor declined, and writes the batch to disk before it is returned. Without
        any label it is a random draw. Asked again with no new events, it gives the same batch without training; a
        smaller count gives its first ids. Images that were answered while it worked are not in the batch.

        Args:
            count: how many.

        Returns:
            At most `count` ids in order of choice.

        Raises:
            InputError: `count` is below 1 or above the number of images left.
        """
        if isinstance(count, bool) or not isinstance(count, int):
            raise InputError(f"Expected a whole number of images to ask for, got {count!r}.")
        events = self._events.read()
        with use_threads(self._trainings.execution.threads):
            return self._batch(fold(events), count, len(events)).ids[:count]

    def tell(self, answers: Mapping[str, str] | Iterable[LabelEvent], *, by: str = "") -> None:
        """Take labels, at any time, for any images: part of a batch, or images that were never asked.

        The same label twice has no effect; another one is a correction and is kept beside the first. On return the
        answers are on disk.

        Args:
            answers: id -> class name, or whole events (to decline, to withdraw, or to bring ids of their own).
            by: who answers, where `answers` is a mapping.

        Raises:
            UnknownIds, UnknownName: an id or class that is not of this data set; nothing is written.
        """
        if isinstance(answers, Mapping):
            answers = [LabelEvent("labelled", str(i), str(label), by=by) for i, label in answers.items()]
        events = [self._checked(event) for event in answers or ()]
        with self._writing():
            asked = self._asked()
            events = [replace(event, batch=_answered_batch(event, asked)) for event in events]
            self._events.append(effective(events, self._events.read()))

    def batch(self, number: int, count: int) -> tuple[str, ...]:
        """Batch `number` as it was asked, or would have been, after the batches before it alone.

        This is `ask` for whoever goes through a run again from its start: an interrupted experiment.
        """
        events = self._events.read()
        answers = tuple(dict.fromkeys(event.id for event in events if event.batch == number))
        standing = fold(events, number - 1)
        if len(answers) >= count and self._batches.following(self._key(standing), count) is None:
            self._publish(self._rebuilt(standing, answers), len(events))
        with use_threads(self._trainings.execution.threads):
            return self._batch(standing, count, len(events)).ids[:count]

    def standing(self, through: int | None = None) -> Standing:
        """The labels as they stand, after all events or those that answer batches up to `through`."""
        return fold(self._events.read(), through)

    def trained(
        self, standing: Standing | None = None, *, recorded: bool | None = None, count: int | None = None
    ) -> Trained:
        """The network trained on the labels of `standing` (now, if None), from disk where it is finished.

        Args:
            standing: which labels.
            recorded: with the label history of the pool; None: where the acquisition function needs one.
            count: how many images are to be chosen with it; needed where the pool is recorded in part.
        """
        standing = standing or self.standing()
        if recorded is None:
            recorded = self.acquisition.records
        task = TrainingTask(self.labelled(standing), self.settings, standing.cycle)
        pool = self.pool(standing) if recorded else None
        return self._trainings.get(task, pool, partial(self._progress, standing.cycle, "training"), count=count)

    def labelled(self, standing: Standing) -> ImageSet:
        """The labelled images in id order, with the labels of `standing`."""
        number = {name: position for position, name in enumerate(self._images.class_names)}
        return self._images.labelled(standing.labels, [number[name] for name in standing.labels.values()])

    def pool(self, standing: Standing) -> ImageSet:
        """The images that may be asked for, in id order."""
        gone = standing.labels.keys() | standing.declined
        left = np.array([str(i) not in gone for i in self._images.ids], dtype=bool)
        return self._images.take(left)

    def candidates(self, standing: Standing) -> ImageSet:
        """The pool in the order of this cycle, which no source, annotator or worker can change."""
        return in_order_of_choice(self.pool(standing), self.settings.seed, standing.cycle)

    def select(
        self, standing: Standing, count: int, trained: Trained | None = None, evidence: Evidence | None = None
    ) -> tuple[ImageSet, Selection]:
        """Rank the candidates of `standing` and take `count`; nothing is published.

        Args:
            standing: the labels that were trained on.
            count: how many to take.
            trained: the training on them, with what the acquisition function needs; None: found or made.
            evidence: what `evidence` gave for the same `standing`, to take from it several times; None: made.

        Returns:
            The candidates, and the selection among them, whose positions are theirs.
        """
        candidates = evidence.candidates if evidence else self.candidates(standing)
        acquisition = self.acquisition if standing.labels else find("random")
        pieces: dict[str, object] = {}
        if acquisition.needs:
            evidence = evidence or self.evidence(standing, trained, candidates, count=count)
            if acquisition.records and evidence.trained.in_part:
                return candidates, self._selected_in_part(evidence, count)
            pieces = evidence.of(acquisition)
        self._progress(standing.cycle, "selecting", 0, count)
        draws = generator(derive(self.settings.seed, "cycle", standing.cycle), "selection")
        given = self.settings.acquisition_settings if standing.labels else {}
        settings = {name: value for name, value in given.items() if name in acquisition.settings}
        selection = select(acquisition, pieces, count, samples=len(candidates), generator=draws, **settings)
        if evidence:
            selection = replace(selection, diagnostics={**selection.diagnostics, **evidence.diagnostics})
        self._progress(standing.cycle, "selecting", count, count)
        return candidates, selection

    def _selected_in_part(self, evidence: Evidence, count: int) -> Selection:
        """The same positions as from the whole pool's labels; scores and ties of the others are not known."""
        positions, labels = evidence.most_dispersed(count)
        draws = generator(evidence.seed, "selection")
        selection = select(self.acquisition, {"label_history": labels}, count, samples=len(positions), generator=draws)
        known = {"last_score": selection.diagnostics["last_score"]} if count else {}
        return Selection(positions[selection.positions], known)

    def evidence(
        self,
        standing: Standing,
        trained: Trained | None = None,
        candidates: ImageSet | None = None,
        *,
        count: int | None = None,
    ) -> Evidence:
        """What can be known of the candidates of `standing` after a training on it; computed when it is asked for.

        Args:
            standing: the labels that were trained on; at least one.
            trained: the training on them; None: found or made when it is needed, with a history where the acquisition
                needs one.
            candidates: those of `standing`, in their order; None: looked up.
            count: how many are to be chosen; needed where the pool is recorded in part, and not trained yet.
        """
        candidates = self.candidates(standing) if candidates is None else candidates
        seed = derive(self.settings.seed, "cycle", standing.cycle)
        method = self.acquisition
        settings = {**method.settings, **method.evidence_settings, **self.settings.acquisition_settings}
        train = partial(self.trained, standing, count=count) if trained is None else partial(_itself, trained)
        estimate = partial(self._likelihoods, standing, candidates, seed)
        return Evidence(train, candidates, self.labelled(standing), seed, settings, estimate, self._reveal)

    def _likelihoods(self, standing: Standing, candidates: ImageSet, seed: int) -> Likelihoods:
        """VAAL's of the candidates, from disk where they are made."""
        task = LikelihoodTask(self.labelled(standing), candidates, self.settings.vaal, seed)
        store = LikelihoodStore(self._trainings.folder, self._trainings.execution)
        return store.get(task, partial(self._progress, standing.cycle, "training VAAL"))

    def _batch(self, standing: Standing, count: int, events: int) -> Batch:
        """The batch that follows from `standing`, published or now chosen; `events` of the log were known."""
        before = self._batches.following(self._key(standing), count) if count > 0 else None
        if before is not None:
            return before
        left = len(self._images) - len(standing.labels) - len(standing.declined)
        if not 1 <= count <= left:
            raise InputError(f"Asked for {count} images; expected 1 to {left}, the images that are left.")
        return self._publish(self._chosen(standing, count), events)

    def _publish(self, batch: Batch, events: int) -> Batch:
        """Write a batch, without the images that were answered since so many events were known."""
        with self._writing():
            other = self._batches.following(batch.standing, batch.count)
            if other is not None:  # another process chose meanwhile; there is one batch, the first
                return other
            answered = {event.id for event in self._events.read()[events:]}
            batch = replace(batch, ids=tuple(i for i in batch.ids if i not in answered))
            self._batches.publish(batch)
        return batch

    def _chosen(self, standing: Standing, count: int) -> Batch:
        evidence, trained, apart = None, None, 0.0
        if standing.labels and self.acquisition.needs:
            evidence = self.evidence(standing, count=count)
            trained = evidence.trained if self.acquisition.asks_network else None
            apart = evidence.seconds_of_training(self.acquisition)
        begin = time.perf_counter()
        candidates, selection = self.select(standing, count, evidence=evidence)
        return Batch(
            number=standing.next_batch,
            ids=tuple(str(i) for i in candidates.ids[selection.positions]),
            count=count,
            standing=self._key(standing),
            training=None if trained is None else trained.key,
            acquisition=self.acquisition.name if standing.labels else "random",
            diagnostics=selection.diagnostics,
            seconds=apart + time.perf_counter() - begin,
        )

    def _rebuilt(self, standing: Standing, answers: tuple[str, ...]) -> Batch:
        """A batch that was lost, from the label events that answer it: they are the truth, whatever chose it."""
        return Batch(
            number=standing.next_batch,
            ids=answers,
            count=len(answers),
            standing=self._key(standing),
            training=None,
            acquisition=self.acquisition.name,
            diagnostics={"rebuilt": "from the label events that answer it"},
        )

    def _key(self, standing: Standing) -> str:
        """Of everything that a batch follows from."""
        identity = [known] if (known := self.acquisition.identity) else []  # a first version has the key it always had
        return key_of(standing.key, self.settings.values, self._images_key, *identity)

    @cached_property
    def _images_key(self) -> str:
        features = [] if self._images.features is None else [self._images.features.key]
        return key_of(list(self._images.image_shape), list(self._images.class_names), sorted(self._known), *features)

    def _writing(self) -> AbstractContextManager[None]:
        """One writer at a time: no answer slips between reading the events and writing what follows from them."""
        return locked(self.folder / "tell.lock", wait=True)

    def _asked(self) -> dict[str, list[int]]:
        """Id -> numbers of the batches that it is in, the latest last."""
        asked: dict[str, list[int]] = {}
        for batch in self._batches.read():
            for i in batch.ids:
                asked.setdefault(i, []).append(batch.number)
        return asked

    def _checked(self, event: LabelEvent) -> LabelEvent:
        if not isinstance(event, LabelEvent):
            raise InputError(f"Expected a mapping from id to class name, or label events; got {event!r} among them.")
        if event.id not in self._known:
            raise UnknownIds([event.id], f"this data set of {len(self._images)} images")
        if event.label is not None and event.label not in self._images.class_names:
            raise UnknownName("class", event.label, self._images.class_names)
        return event


def _answered_batch(event: LabelEvent, asked: Mapping[str, list[int]]) -> int | None:
    batches = asked.get(event.id, [])
    if event.batch is None:
        return batches[-1] if batches else None
    if event.batch not in batches:
        raise InputError(
            f"The event says that it answers batch {event.batch}, but image {event.id} was asked in "
            f"{list_some(batches) or 'none'}. Leave the batch out, and it is found."
        )
    return event.batch


def _itself(trained: Trained) -> Trained:
    return trained


def _silent(cycle: int, what: str, done: int, total: int) -> None:
    """Nobody watches."""
