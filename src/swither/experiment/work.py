"""The pieces of work that a comparison is made of, counted in images, steps and chunks before anything runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from swither.acquisition import Variant
from swither.errors import UnknownName
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.settings import CompareSettings
from swither.loop.settings import DEFERRED
from swither.training.chunk import CHUNK

_ONE_POOL_PASS = ({"probabilities", "embeddings"}, {"sampled_logits"})
"""Kinds of evidence that come from one pass over the pool. BALD's passes repeat only the last layer."""


@dataclass(frozen=True)
class Speeds:
    """How quick one run is on this machine, with its number of threads.

    Attributes:
        step_seconds: what every training step takes, however small its batch.
        image_seconds: what each image of a step takes more.
        chunk_seconds: one chunk of the clean pass.
        training_seconds: what every training takes beside its steps and passes.
        memory_bytes: of the process of one run, apart from the pixels, which all runs share.
        weights_bytes: of the network on disk.
        embedding_width: numbers in an image's embedding.
        query_seconds: method -> what each of its queries takes that trains networks of its own, as VAAL's do.
        chunk: images in a chunk of the clean pass, which depends on the device.
    """

    step_seconds: float
    image_seconds: float
    chunk_seconds: float
    training_seconds: float
    memory_bytes: int
    weights_bytes: int
    embedding_width: int
    query_seconds: Mapping[str, float] = field(default_factory=dict)
    chunk: int = CHUNK


@dataclass(frozen=True)
class Work:
    """One cycle of a cell: its training, unless that is shared, and what comes after it.

    Attributes:
        cell: whose it is; None for the first training of a seed, which all its methods share.
        seed: of the run.
        cycle: of the run.
        labelled: images trained on; 0 where this piece trains nothing.
        epochs: passes over them.
        steps: of the training.
        recorded_images: pool images, counted once for every recorded epoch.
        scored_images: images that the method and the informativeness analysis look at.
        tested_images: test images.
        chunks: of the clean pass, for all that is recorded, scored and tested.
        disk_bytes: what stays of it.
        kept_bytes: what lies on the disk besides until the pool is recorded: networks of a deferred recording.
        trains_evidence: whether its query trains networks of its own.
    """

    cell: Cell | None
    seed: int
    cycle: int
    labelled: int = 0
    epochs: int = 0
    steps: int = 0
    recorded_images: int = 0
    scored_images: int = 0
    tested_images: int = 0
    chunks: int = 0
    disk_bytes: int = 0
    kept_bytes: int = 0
    trains_evidence: bool = False

    def query_seconds(self, speeds: Speeds) -> float:
        """What of it is the training of networks that only choose."""
        return speeds.query_seconds.get(self.cell.method, 0.0) if self.cell and self.trains_evidence else 0.0

    def seconds(self, speeds: Speeds) -> float:
        """What it is expected to take."""
        training = self.steps * speeds.step_seconds + self.labelled * self.epochs * speeds.image_seconds
        query = self.query_seconds(speeds)
        return training + query + self.chunks * speeds.chunk_seconds + (self.labelled > 0) * speeds.training_seconds


def cells_of(settings: CompareSettings) -> tuple[Cell, ...]:
    """The cells of the grid that are to be run: seeds together, references last.

    Raises:
        UnknownName: `CompareSettings.only` names a cell that is not in the grid.
    """
    seeds = range(settings.seeds)
    cells = [Cell(method, seed) for seed in seeds for method in settings.acquisitions]
    cells += [Cell(REFERENCE, seed) for seed in seeds if settings.reference]
    if not settings.only:
        return tuple(cells)
    named = {cell.name: cell for cell in cells}
    typed = {cell.typed: cell.name for cell in cells}
    wanted = [typed.get(name, name.replace(":", "+")) for name in settings.only]  # as typed, or as folders are called
    for name in wanted:
        if name not in named:
            raise UnknownName("cell of this comparison", name, named)
    return tuple(cell for cell in cells if cell.name in wanted)


class Counting:
    """Counts the pieces of one comparison on a data set of one size.

    Args:
        settings: the comparison.
        train_images: images that may be labelled.
        test_images: images that test.
        classes: number of classes.
        weights_bytes: of the network on disk.
        chunk: images in a chunk of the clean pass.
    """

    def __init__(
        self,
        settings: CompareSettings,
        train_images: int,
        test_images: int,
        classes: int,
        weights_bytes: int,
        chunk: int = CHUNK,
    ) -> None:
        counts = settings.counts(train_images)
        self.settings, self.train_images, self.test_images = settings, train_images, test_images
        self.weights_bytes, self.probability_bytes = weights_bytes, 4 * test_images * classes
        self.chunk = chunk
        self.history_bytes = (1 if classes < 256 else 2) + 2  # a label and its confidence
        self.labelled = tuple(sum(counts[: cycle + 1]) for cycle in range(len(counts)))
        self.needs = {name: frozenset(Variant.named(name).acquisition.needs) for name in settings.acquisitions}

    def cycles_of(self, cell: Cell) -> int:
        """Trainings of a whole cell."""
        return 1 if cell.method == REFERENCE else len(self.labelled)

    def first(self, seed: int, unfinished: Sequence[Cell], finished: Mapping[Cell, int]) -> Work | None:
        """The training that all methods of a seed share, unless it is made already, or nobody waits for it."""
        methods = [cell.method for cell in unfinished if cell.seed == seed and cell.method != REFERENCE]
        waiting = [method for method in methods if not finished.get(Cell(method, seed), 0)]
        if not waiting:
            return None
        made = [c.method for c, cycles in finished.items() if c.seed == seed and c.method != REFERENCE and cycles]
        if made and (any(map(_records, made)) or not any(map(_records, waiting))):
            return None
        return self._training(None, seed, 0, records=any(map(_records, self.needs)))

    def chain(self, cell: Cell, done: int) -> tuple[Work, ...]:
        """The cycles of a cell that are left after `done` of them; each follows the one before."""
        if cell.method == REFERENCE:
            return (self._tested(self._training(cell, cell.seed, 0, labelled=self.train_images)),)
        return tuple(self._cycle(cell, cycle) for cycle in range(done, len(self.labelled)))

    def _cycle(self, cell: Cell, cycle: int) -> Work:
        needs, labelled = self.needs[cell.method], self.labelled[cycle]
        if cycle == 0:
            work = Work(cell, cell.seed, 0)
        else:
            work = self._training(cell, cell.seed, cycle, records=_records(cell.method))
        if cycle < self.settings.cycles:
            pool = self.train_images - labelled
            looks = [pool] * sum(bool(needs & shared) for shared in _ONE_POOL_PASS)
            looks += [labelled] * ("labelled_embeddings" in needs)
            if cycle == 0:  # the analysis chooses anew, and asks the network about the pool and what is labelled
                looks += [pool, labelled, *[pool] * ("sampled_logits" in needs)]
            work = _more(work, scored_images=sum(looks), chunks=sum(map(self._chunks, looks)))
            work = replace(work, trains_evidence=trains_evidence(cell.method))
        return self._tested(work)

    def _training(
        self, cell: Cell | None, seed: int, cycle: int, *, records: bool = False, labelled: int | None = None
    ) -> Work:
        images = self.labelled[cycle] if labelled is None else labelled
        schedule = self.settings.recipe.schedule(images)
        asked_after = records and cycle < self.settings.cycles
        recordings = schedule.epochs // self.settings.record_every if asked_after else 0
        pool = self.train_images - images
        return Work(
            cell,
            seed,
            cycle,
            labelled=images,
            epochs=schedule.epochs,
            steps=schedule.epochs * schedule.steps_per_epoch,
            recorded_images=recordings * pool,
            chunks=recordings * self._chunks(pool),
            disk_bytes=self.weights_bytes + recordings * pool * self.history_bytes,
            kept_bytes=recordings * self.weights_bytes * (self.settings.record == DEFERRED),
        )

    def _chunks(self, images: int) -> int:
        return math.ceil(images / self.chunk)

    def _tested(self, work: Work) -> Work:
        tested = self.test_images
        return _more(work, tested_images=tested, chunks=self._chunks(tested), disk_bytes=self.probability_bytes)


def trains_evidence(method: str) -> bool:
    """Whether each query of a method trains networks of its own, beside the one that is compared."""
    return method != REFERENCE and "labelled_likelihood" in Variant.named(method).acquisition.needs


def _records(method: str) -> bool:
    return Variant.named(method).acquisition.records


def _more(work: Work, **amounts: int) -> Work:
    return replace(work, **{name: getattr(work, name) + amount for name, amount in amounts.items()})
