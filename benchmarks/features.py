"""One cycle on embeddings of a frozen backbone: a head trained, every epoch of the pool recorded, a batch chosen.

Run: python benchmarks/features.py [--threads N] [--json FILE]. The embeddings are random numbers around a centre for
each class, in half precision as they are kept: what takes time is their number and width, not what they show.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from swither.data import ImageSet
from swither.data.features import Features
from swither.loop import Learner, LearnerSettings, Trainings
from swither.loop.settings import Execution
from swither.models import ModelSettings

IMAGES, WIDTH, LABELS, CLASSES, CHOSEN = 20_000, 1280, 500, 10, 100


def random_images(folder: Path) -> ImageSet:
    """Images of no pixels, whose embeddings lie in a file."""
    draw = np.random.default_rng(0)
    labels = draw.integers(CLASSES, size=IMAGES)
    centres = draw.standard_normal((CLASSES, WIDTH)) / 2
    np.save(folder / "values.npy", (centres[labels] + draw.standard_normal((IMAGES, WIDTH))).astype(np.float16))
    rows = np.arange(IMAGES)
    features = Features(np.load(folder / "values.npy", mmap_mode="r"), rows, "random", "random numbers")
    ids = np.array([f"{number:032x}" for number in rows])
    pixels = np.zeros((IMAGES, 0, 0, 1), dtype=np.uint8)
    return ImageSet(pixels, rows, ids, labels, tuple(map(str, range(CLASSES))), ids, features=features)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="CPU threads of the training")
    parser.add_argument("--json", type=Path, help="write the row here as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        images = random_images(Path(name))
        settings = LearnerSettings("dispersion", model=ModelSettings("features"))
        trainings = Trainings(Path(name) / "artifacts", Execution("cpu", arguments.threads))
        learner = Learner(images, settings, Path(name), trainings=trainings)
        few = images.take(np.arange(60))  # torch loads half of itself with the first step, which is no part of a cycle
        warm = Learner(few, settings, Path(name) / "warm", trainings=trainings)
        warm.tell({i: images.class_names[label] for i, label in zip(few.ids, few.labels[:50], strict=False)})
        warm.ask(1)
        learner.tell(
            {i: images.class_names[label] for i, label in zip(images.ids, images.labels[:LABELS], strict=False)}
        )
        start, used = time.perf_counter(), time.process_time()
        chosen = learner.ask(CHOSEN)
        seconds, cpu = time.perf_counter() - start, time.process_time() - used
        facts = learner.trained().facts
    assert len(chosen) == CHOSEN
    row = {
        "images": IMAGES,
        "width": WIDTH,
        "labels": LABELS,
        "epochs": facts["epochs"],
        "recorded_epochs": facts["recorded_epochs"],
        "steps": facts["epochs"] * facts["steps_per_epoch"],
        "seconds": seconds,
        "cpu_seconds": cpu,
        "seconds_training": facts["seconds_training"],
        "seconds_recording": facts["seconds_recording"],
    }
    print(
        f"{IMAGES:,} embeddings of {WIDTH}, {LABELS} labels: {row['epochs']} epochs ({row['steps']:,} steps) trained, "
        f"{row['recorded_epochs']} recorded, {CHOSEN} chosen in {seconds:.1f} s ({cpu:.1f} s of CPU); training "
        f"{row['seconds_training']:.1f} s, recording {row['seconds_recording']:.1f} s"
    )
    if arguments.json:
        circumstances = {
            "threads": arguments.threads,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
            "processor": platform.processor() or platform.machine(),
        }
        arguments.json.write_text(json.dumps({"circumstances": circumstances, "rows": [row]}, indent=1) + "\n")


if __name__ == "__main__":
    main()
