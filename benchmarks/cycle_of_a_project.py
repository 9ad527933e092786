"""A project's cycle on 20,000 embedded photographs with 500 labels: from asking for it to a published batch.

Run: python benchmarks/cycle_of_a_project.py [--json FILE]. The embeddings are random numbers around a centre for each
class, in half precision as they are kept. A first cycle with 480 labels lets torch load and the machine's pace be
measured; the second, with 500, is the one that a person waits for.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

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
GOAL = 10.0  # seconds


def made_up(folder: Path) -> tuple[Project, dict[str, str]]:
    """A project of images that are embedded, and what they show."""
    draw = np.random.default_rng(0)
    shown = draw.integers(CLASSES, size=IMAGES)
    centres = draw.standard_normal((CLASSES, WIDTH)) / 2
    ids = [f"{number:032x}" for number in range(IMAGES)]
    project = Project.create(folder)
    project.store.put_files(ImageFile(f"{n // 100:04}/{n:06}.jpg", 1, 1, i, 800, 600) for n, i in enumerate(ids))
    project.store.set_note(WALKED, now())
    place = embedding_folder(project, "random")
    make_folder(place)
    file = EmbeddingFile(place, WIDTH)
    for start in range(0, IMAGES, 2000):
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


def cycle(project: Project, worker: Worker) -> tuple[Cycle, float, float]:
    """Ask for a cycle and do it: the cycle, seconds by the clock, seconds of processor time."""
    start, used = time.perf_counter(), time.process_time()
    request_cycle(project)
    worker.once()
    return project.store.cycles()[-1], time.perf_counter() - start, time.process_time() - used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the row here as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project, truth = made_up(Path(folder))
        with project:
            worker = Worker(project)
            label(project, truth, FIRST)
            before, first_seconds, _ = cycle(project, worker)
            label(project, truth, LABELS)
            latest, seconds, cpu = cycle(project, worker)
    assert latest.number == before.number + 1, "nothing was published"
    row: dict[str, Any] = {
        "images": IMAGES,
        "labels": latest.labelled,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "goal": GOAL,
        "first_cycle_seconds": first_seconds,
        "parts": latest.facts["seconds"],
        "recordings": latest.facts["recordings"],
        "candidates": latest.facts["candidates"],
        "acquisition": latest.facts["acquisition"],
        "budget": latest.facts["budget"],
    }
    print(
        f"{IMAGES:,} embeddings, {latest.labelled} labels: a batch in {seconds:.1f} s ({cpu:.1f} s of CPU; goal "
        f"{GOAL:g}), {row['recordings']} recordings of {row['candidates']:,}; the first took {first_seconds:.1f} s"
    )
    print(json.dumps(row["parts"]), row["budget"])
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": [row]}, indent=1) + "\n")


if __name__ == "__main__":
    main()
