"""A project's cycle on 20,000 embedded photographs with 500 labels: from asking for it to a published batch.

The embeddings are random numbers around a centre for each class, in half precision as they are kept. A first cycle
with 480 labels lets torch load and the machine's pace be measured; the second, with 500, is the one that a person
waits for. Nobody else has a cycle that records a pool; the plain loop beside its training and recording is in
features.py.

Run: python benchmarks/cycle_of_a_project.py [--quick] [--json FILE].
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from _measure import Row, Run, here, main, require

from swither.data.embedding_file import EmbeddingFile
from swither.files import make_folder
from swither.project.clock import now
from swither.project.discovery import WALKED
from swither.project.due import request_cycle
from swither.project.embeddings import NOTE, embedding_folder
from swither.project.project import Project
from swither.project.records import Cycle, ImageFile, ProjectEvent
from swither.project.worker import Worker

IMAGES, WIDTH, CLASSES = 20_000, 1280, 10
FIRST, LABELS = 480, 500
GOAL = 10.0
STATED = "a batch within 10 s"


def made_up(folder: Path, images: int) -> tuple[Project, dict[str, str]]:
    """A project of images that are embedded, and what they show."""
    draw = np.random.default_rng(0)
    shown = draw.integers(CLASSES, size=images)
    centres = draw.standard_normal((CLASSES, WIDTH)) / 2
    ids = [f"{number:032x}" for number in range(images)]
    project = Project.create(folder)
    project.store.put_files(ImageFile(f"{n // 100:04}/{n:06}.jpg", 1, 1, i, 800, 600) for n, i in enumerate(ids))
    project.store.set_note(WALKED, now())
    place = embedding_folder(project, "random")
    make_folder(place)
    file = EmbeddingFile(place, WIDTH)
    for start in range(0, images, 2000):
        rows = slice(start, start + 2000)
        values = centres[shown[rows]] + draw.standard_normal((len(ids[rows]), WIDTH))
        file.append(ids[rows], values.astype(np.float16))
    used = {"key": "random", "width": WIDTH, "description": "random numbers"}
    project.store.set_note(NOTE, {"used": used})
    at = now()
    added = [ProjectEvent(f"c{n}", "class_added", at, class_id=f"c{n}", text=f"class {n}") for n in range(CLASSES)]
    project.store.append(added, at)
    return project, {i: f"c{c}" for i, c in zip(ids, shown, strict=True)}


def label(project: Project, truth: dict[str, str], total: int) -> None:
    """Label images that do not test until there are so many."""
    ledger, held = project.ledger(), project.store.held_out()
    trained = sum(image not in held for image in ledger.labels)
    left = [i for i in truth if i not in held and ledger.label_of(i) is None][: total - trained]
    at = now()
    project.store.append([ProjectEvent(f"l{i}", "labelled", at, image=i, class_id=truth[i]) for i in left], at)


def cycle(project: Project, worker: Worker, memory: bool) -> tuple[Cycle, Run, float]:
    """Ask for a cycle and do it: the cycle, what it took, seconds of processor time."""
    used = time.process_time()

    def work() -> None:
        request_cycle(project)
        worker.once()

    run = here(work)(memory)
    return project.store.cycles()[-1], run, time.process_time() - used


def rows(quick: bool) -> Iterator[Row]:
    images, first, labels = (400, 60, 80) if quick else (IMAGES, FIRST, LABELS)
    with tempfile.TemporaryDirectory() as folder:
        project, truth = made_up(Path(folder), images)
        with project:
            worker = Worker(project)
            label(project, truth, first)
            before, loaded, _ = cycle(project, worker, memory=False)
            label(project, truth, labels)
            latest, run, cpu = cycle(project, worker, memory=True)
    require(latest.number == before.number + 1, "nothing was published")
    kept: dict[str, Any] = {
        "work": "a project's cycle",
        "images": images,
        "labels": latest.labelled,
        "seconds": {"swither": run.seconds},
        "mebibytes_over_input": {"swither": run.mebibytes},
        "cpu_seconds": cpu,
        "first_cycle_seconds": loaded.seconds,
        "parts": latest.facts["seconds"],
        "recordings": latest.facts["recordings"],
        "candidates": latest.facts["candidates"],
        "acquisition": latest.facts["acquisition"],
        "budget": latest.facts["budget"],
    }
    yield {**kept, "goal": {"seconds": GOAL}, "reached": {"seconds": run.seconds <= GOAL}}


if __name__ == "__main__":
    main(__doc__, "cycle_of_a_project", STATED, rows, packages=("torch",))
