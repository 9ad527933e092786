"""One cycle on embeddings of a frozen backbone: a head trained, every epoch of the pool recorded, a batch chosen.

20,000 embeddings of 1,280 numbers, 500 labels, 100 epochs. Beside plain loops, for no library records a pool. One is
what is commonly written: a DataLoader over a tensor, a linear head that standardises what it gets, after every epoch
the pool through another loader, which collates 500 rows one by one. The other is as lean as one would write it
("lean"): all embeddings standardised once, batches as slices, the pool as one product. Both begin with all embeddings
as one tensor of float32, which is not timed; swither begins with the mapped file in half precision, and writes its
history and its weights to disk.
The embeddings are random numbers around a centre for each class, in half precision as they are kept: what takes time
is their number and width, not what they show. The floor reads the pool's embeddings from memory once an epoch.
Checked: what swither chooses is as dispersed as can be in its own history, and all heads know the pool equally well.

Run: python benchmarks/features.py [--quick] [--threads N] [--json FILE].
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from _cycle_task import most_dispersed
from _measure import Call, Row, Run, here, interleaved, main, require, row
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from swither.data import ImageSet
from swither.data.features import Features
from swither.loop import Learner, LearnerSettings, Trainings
from swither.loop.settings import Execution
from swither.models import ModelSettings
from swither.training import recipe_for, use_threads

IMAGES, WIDTH, LABELS, CLASSES, CHOSEN, GOAL = 20_000, 1280, 500, 10, 100, 5.0
STATED = "under 5 s"


def random_images(folder: Path, count: int, width: int) -> ImageSet:
    """Images of no pixels, whose embeddings lie in a file."""
    draw = np.random.default_rng(0)
    labels = draw.integers(CLASSES, size=count)
    centres = draw.standard_normal((CLASSES, width)) / 8
    np.save(folder / "values.npy", (centres[labels] + draw.standard_normal((count, width))).astype(np.float16))
    numbers = np.arange(count)
    features = Features(np.load(folder / "values.npy", mmap_mode="r"), numbers, "random", "random numbers")
    ids = np.array([f"{number:032x}" for number in numbers])
    pixels = np.zeros((count, 0, 0, 1), dtype=np.uint8)
    return ImageSet(pixels, numbers, ids, labels, tuple(map(str, range(CLASSES))), ids, features=features)


def ours(images: ImageSet, labels: int, threads: int) -> Call:
    """`Learner.ask` in a folder of its own, where nothing is trained yet."""
    settings = LearnerSettings("dispersion", model=ModelSettings("features"))

    def call(memory: bool) -> Run:
        with tempfile.TemporaryDirectory() as name:
            trainings = Trainings(Path(name) / "artifacts", Execution("cpu", threads))
            learner = Learner(images, settings, Path(name), trainings=trainings)
            told = zip(images.ids[:labels], images.labels[:labels], strict=True)
            learner.tell({i: images.class_names[label] for i, label in told})
            run = here(lambda: learner.ask(CHOSEN))(memory)
            trained = learner.trained()
            assert trained.history is not None
            history = np.array(trained.history.of(images.ids[labels:]))
        chosen = images.positions(run.answer) - labels
        return Run(run.seconds, {"chosen": chosen, "history": history, "facts": trained.facts}, run.mebibytes)

    return call


class StandardisedHead(nn.Module):
    """Dropout and a linear layer on embeddings, standardised by those that are labelled."""

    def __init__(self, embeddings: Tensor) -> None:
        super().__init__()
        self.mean, self.deviation = embeddings.mean(0), embeddings.std(0)
        self.head = nn.Sequential(nn.Dropout(0.5), nn.Linear(embeddings.shape[1], CLASSES))

    def forward(self, embeddings: Tensor) -> Tensor:
        """Logits (batch, classes)."""
        return self.head((embeddings - self.mean) / self.deviation)  # type: ignore[no-any-return]


def optimiser_of(head: nn.Module, epochs: int) -> tuple[torch.optim.Optimizer, Any]:
    """The recipe of a head, and how its learning rate falls after each epoch."""
    recipe = recipe_for("features")
    optimiser = torch.optim.SGD(
        head.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        nesterov=recipe.nesterov,
        weight_decay=recipe.weight_decay,
    )
    falls = [round(share * epochs) for share in recipe.decay_at]
    return optimiser, torch.optim.lr_scheduler.MultiStepLR(optimiser, falls, 1 / recipe.decay_factor)


def step(head: nn.Module, optimiser: torch.optim.Optimizer, embeddings: Tensor, right: Tensor) -> None:
    optimiser.zero_grad()
    functional.cross_entropy(head(embeddings), right).backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def plain(values: Tensor, labels: Tensor, epochs: int, chosen: int) -> dict[str, Any]:
    """What is commonly written: all embeddings as one float32 tensor, loaders, a list of predicted labels."""
    torch.manual_seed(0)
    labelled = len(labels)
    head = StandardisedHead(values[:labelled])
    optimiser, decay = optimiser_of(head, epochs)
    loader = DataLoader(TensorDataset(values[:labelled], labels), recipe_for("features").batch_size, shuffle=True)
    pool, history = DataLoader(TensorDataset(values[labelled:]), 500), []
    for _ in range(epochs):
        head.train()
        for embeddings, right in loader:
            step(head, optimiser, embeddings, right)
        decay.step()
        head.eval()
        with torch.no_grad():
            history.append(torch.cat([head(embeddings).argmax(1) for (embeddings,) in pool]).numpy())
    return {"chosen": most_dispersed(history, chosen), "history": np.stack(history)}


def lean(values: Tensor, labels: Tensor, epochs: int, chosen: int) -> dict[str, Any]:
    """The same without loaders: standardised once, batches as slices of a permutation, the pool as one product."""
    torch.manual_seed(0)
    labelled, size = len(labels), recipe_for("features").batch_size
    standard = (values - values[:labelled].mean(0)).div_(values[:labelled].std(0))
    known, pool, history = standard[:labelled], standard[labelled:], []
    head = nn.Sequential(nn.Dropout(0.5), nn.Linear(values.shape[1], CLASSES))
    optimiser, decay = optimiser_of(head, epochs)
    for _ in range(epochs):
        head.train()
        order = torch.randperm(labelled)
        for start in range(0, labelled, size):
            some = order[start : start + size]
            step(head, optimiser, known[some], labels[some])
        decay.step()
        head.eval()
        with torch.no_grad():
            history.append(head(pool).argmax(1).numpy())
    return {"chosen": most_dispersed(history, chosen), "history": np.stack(history)}


def rows(quick: bool, threads: int) -> Iterator[Row]:
    count, width, labels, repeats = (600, 64, 100, 1) if quick else (IMAGES, WIDTH, LABELS, 3)
    with tempfile.TemporaryDirectory() as name, use_threads(threads):
        images = random_images(Path(name), count, width)
        epochs = recipe_for("features").schedule(labels).epochs
        values = torch.from_numpy(images.inputs(slice(None)).astype(np.float32))
        known = torch.from_numpy(images.labels[:labels])
        calls = {
            "swither": ours(images, labels, threads),
            "plain loop": here(lambda: plain(values, known, epochs, CHOSEN)),
            "plain loop, lean": here(lambda: lean(values, known, epochs, CHOSEN)),
            "floor: the pool read once an epoch": here(lambda: [float(values.sum()) for _ in range(epochs)]),
        }
        timed = interleaved(calls, repeats)
    answer = timed["swither"].answer
    most = np.array([np.bincount(column).max() for column in answer["history"].T])
    dispersed = most_dispersed(list(answer["history"]), CHOSEN)
    require(np.array_equal(np.sort(most[answer["chosen"]]), np.sort(most[dispersed])), "not the most dispersed chosen")
    truth = images.labels[labels:]
    heads = {name: one.answer["history"] for name, one in timed.items() if not name.startswith("floor")}
    right = {name: float((history[-1] == truth).mean()) for name, history in heads.items()}
    require(quick or max(right.values()) - min(right.values()) < 0.05, f"the heads differ: {right}")
    kept = row("a cycle on embeddings", timed, images=count, width=width, labels=labels, epochs=epochs, threads=threads)
    facts = answer["facts"]
    kept |= {"accuracy": right, "seconds_training": facts["seconds_training"]}
    kept |= {"seconds_recording": facts["seconds_recording"], "recorded_epochs": facts["recorded_epochs"]}
    yield {**kept, "goal": {"seconds": GOAL}, "reached": {"seconds": kept["seconds"]["swither"] < GOAL}}


if __name__ == "__main__":
    main(__doc__, "features", STATED, rows, packages=("torch",), options={"threads": 1})
