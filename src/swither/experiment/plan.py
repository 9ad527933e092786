"""What a comparison will cost, before anything is trained: counted exactly, timed by measured speeds.

Pure functions of settings, numbers of images and speeds; `swither.experiment.speed` measures those.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.settings import CompareSettings
from swither.experiment.work import Counting, Speeds, Work, cells_of

FORWARDS_PER_TRAINING_IMAGE = 3
"""The way back costs about two forward passes."""

START_SECONDS = 5.0
"""Until a process has loaded its libraries and the data: 4 to 5 s of a core, for each that runs side by side."""

END_SECONDS = 4.0
"""From the last result to the end: tables, figures and the report, and the end of the processes."""


@dataclass(frozen=True)
class Plan:
    """What a comparison will do, and what that is expected to cost.

    Attributes:
        labelled: labelled images in each cycle.
        epochs: of the training in each cycle; more than the recipe's where the set is small.
        work: every piece that is not finished; first what the methods of a seed share.
        finished: how many cells are finished and cost nothing.
        jobs: runs side by side.
        seconds: expected, from the start of the processes to the drawn report.
        start_seconds: until the first training begins.
        memory_bytes: expected at most, of all processes together.
        disk_bytes: that the folder grows by at most, with `kept_bytes`.
        kept_bytes: what of it lies there only until pools are recorded, of all runs side by side.
        speeds: what the time was estimated with.
    """

    labelled: tuple[int, ...]
    epochs: tuple[int, ...]
    work: tuple[Work, ...]
    finished: int
    jobs: int
    seconds: float
    start_seconds: float
    memory_bytes: int
    disk_bytes: int
    kept_bytes: int
    speeds: Speeds

    @property
    def training_seconds(self) -> float:
        """What is expected between the start of the processes and the report."""
        return max(0.0, self.seconds - self.start_seconds - END_SECONDS) if self.work else 0.0

    @property
    def trainings(self) -> int:
        """Networks to be trained, each from scratch."""
        return sum(work.labelled > 0 for work in self.work)

    @property
    def training_images(self) -> int:
        """Images trained on, counted once for every epoch."""
        return sum(work.labelled * work.epochs for work in self.work)

    @property
    def recorded_images(self) -> int:
        """Pool images whose label is recorded, counted once for every recorded epoch: dispersion's price."""
        return sum(work.recorded_images for work in self.work)

    @property
    def scored_images(self) -> int:
        """Images that are looked at to choose the next ones, and for the informativeness analysis."""
        return sum(work.scored_images for work in self.work)

    @property
    def tested_images(self) -> int:
        """Test images, counted once for every test."""
        return sum(work.tested_images for work in self.work)

    @property
    def forward_passes(self) -> int:
        """Of one image each; an image trained on counts three, because it goes back as well."""
        looked_at = self.recorded_images + self.scored_images + self.tested_images
        return FORWARDS_PER_TRAINING_IMAGE * self.training_images + looked_at


def make_plan(
    settings: CompareSettings,
    train_images: int,
    test_images: int,
    classes: int,
    speeds: Speeds,
    *,
    finished: Mapping[Cell, int] | None = None,
    cores: int = 1,
    on_card: bool = False,
) -> Plan:
    """Count the work of a comparison, and estimate time, memory and disk.

    The first training of a seed is made once for all methods, recorded where one of them needs the pool's label
    history. The last cycle is not recorded: nothing is asked after it.

    Args:
        settings: the comparison.
        train_images: images that may be labelled.
        test_images: images that test.
        classes: number of classes.
        speeds: of one run of this network here.
        finished: cell -> how many of its cycles are finished; those cost nothing.
        cores: CPU cores that may be used.
        on_card: whether a graphics card computes.

    Raises:
        InputError: the budget does not fit the number of images.

    Example:
        >>> from swither.data.settings import DataSettings
        >>> settings = CompareSettings(DataSettings("digits"), ("random", "margin"), seeds=1, reference=False)
        >>> speeds = Speeds(0.002, 0.001, 0.05, 0.1, 500_000_000, 4_000_000, 128)
        >>> plan = make_plan(settings, 1000, 200, 10, speeds)
        >>> plan.labelled, plan.trainings, plan.tested_images
        ((100, 150, 200, 250, 300), 9, 2000)
    """
    done = finished or {}
    counting = Counting(settings, train_images, test_images, classes, speeds.weights_bytes, speeds.chunk)
    cells = cells_of(settings)
    unfinished = [cell for cell in cells if done.get(cell, 0) < counting.cycles_of(cell)]
    firsts = {s: first for s in range(settings.seeds) if (first := counting.first(s, unfinished, done))}
    chains = {cell: counting.chain(cell, done.get(cell, 0)) for cell in unfinished}
    work = (*firsts.values(), *(piece for pieces in chains.values() for piece in pieces))
    jobs = max(1, min(jobs_of(settings, cores, on_card=on_card), len(chains)))
    start = START_SECONDS * max(1.0, jobs / cores) if jobs > 1 else 0.0  # more processes than cores start slower
    kept = sum(sorted((piece.kept_bytes for piece in work), reverse=True)[:jobs])
    evidence = 4 * train_images * (speeds.embedding_width + 2 * classes)
    return Plan(
        labelled=counting.labelled,
        epochs=tuple(settings.recipe.schedule(count).epochs for count in counting.labelled),
        work=work,
        finished=len(cells) - len(unfinished),
        jobs=jobs,
        seconds=start + _until_the_last_ends(firsts, chains, speeds, jobs) + END_SECONDS if work else 0.0,
        start_seconds=start,
        memory_bytes=jobs * (speeds.memory_bytes + evidence),
        disk_bytes=sum(piece.disk_bytes for piece in work) + kept,
        kept_bytes=kept,
        speeds=speeds,
    )


def jobs_of(settings: CompareSettings, cores: int, *, on_card: bool = False) -> int:
    """Runs side by side: as asked for, else one a graphics card, or as many as the cores hold threads.

    Example:
        >>> from swither.data.settings import DataSettings
        >>> settings = CompareSettings(DataSettings("digits"), threads=2)
        >>> jobs_of(settings, cores=8), jobs_of(settings, cores=8, on_card=True)
        (4, 1)
    """
    return settings.jobs or (1 if on_card else max(1, cores // settings.threads))


def _until_the_last_ends(
    firsts: Mapping[int, Work], chains: Mapping[Cell, Sequence[Work]], speeds: Speeds, jobs: int
) -> float:
    """Seconds, if each of `jobs` workers takes the next run that may begin as soon as it is free.

    The methods of a seed wait for its first training; within a run, one cycle follows the other.
    """
    waiting = list(chains)
    begun: dict[int, float] = {}  # when the first training of a seed ends
    left = dict(firsts)
    free = [0.0] * jobs
    while waiting:
        now = heapq.heappop(free)
        cell = next((cell for cell in waiting if _ready(cell, left, begun) <= now), None)
        if cell is None:
            heapq.heappush(free, min(_ready(cell, left, begun) for cell in waiting))
        elif cell.method != REFERENCE and cell.seed in left:
            begun[cell.seed] = now + left.pop(cell.seed).seconds(speeds)
            heapq.heappush(free, begun[cell.seed])
        else:
            waiting.remove(cell)
            heapq.heappush(free, now + sum(work.seconds(speeds) for work in chains[cell]))
    return max(free)


def _ready(cell: Cell, left: Mapping[int, Work], begun: Mapping[int, float]) -> float:
    """When something can be done for a cell: its seed's first training, or its own cycles."""
    return 0.0 if cell.method == REFERENCE or cell.seed in left else begun.get(cell.seed, 0.0)
