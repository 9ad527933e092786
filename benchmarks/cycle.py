"""One whole cycle (train a small network, look at the pool, choose) beside the same with other libraries.

The same network, images, epochs, batch size, optimiser and budget for all, one thread, no worker process. Naive code
is written as deep-active-learning's code base is: a DataLoader over Pillow images with torchvision's transforms,
loops over batches. baal has the same loader in its own data set and wrapper, and once tensors kept in memory.
scikit-activeml and modAL work through skorch and are fed normalised arrays; those rows are without crop and flip,
also for swither, because they have none. With dispersion the predicted label of every image of the pool is kept after
every epoch; baal is told so in a loop around its wrapper, scikit-activeml and modAL have nothing that looks at a pool
while a network is trained.

Of swither all of `Learner.ask` counts, what it writes to disk too. Checked: all learn the same to a few points of
accuracy on other images, choose distinct images of the pool, and what swither chooses is what the naive code chooses
with the same weights, but for at most 1 % (near ties); from the same history, images as dispersed as those that the
naive code chooses, for ties are settled otherwise. The floor is the arithmetic of the convolutions at the speed of a
large matrix product: nobody can be further ahead of another than that one's time is above it.

Run: python benchmarks/cycle.py [--quick] [--json FILE]. Real images of CIFAR-10, so it needs these (SWITHER_DATA).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from _arithmetic import operations, operations_a_second
from _cycle_task import AnyArray, Plan, Task, most_dispersed
from _measure import Call, CannotRun, Measured, Row, Run, here, interleaved, main, require, row
from _naive import Net
from _naive import cycle as naive
from _peers import Peers
from _pixels import CLASSES, SIDE, real_with_labels
from _tiny_network import TinyNetwork
from _transforms import whose

from swither.data import ImageSet, Normalisation
from swither.loop import Learner, LearnerSettings, Trainings
from swither.loop.settings import Execution
from swither.models import ModelSettings, build_model
from swither.training import Recipe

LABELLED, POOL, TEST, REPEATS = 300, 1_000, 2_000, 2
STATED = (
    "with entropy at least 3.5 times naive code, 2.5 times baal, 1.5 times those fed arrays; with dispersion of every "
    "epoch 4.5 times naive code and baal"
)
ENTROPY = {"naive": 3.5, "baal": 2.5}
ARRAYS = {"baal, tensors": 1.5, "scikit-activeml": 1.5, "modAL": 1.5}
DISPERSION = {"naive": 4.5, "baal": 4.5}
FLOOR = "floor: the arithmetic alone"
CLOSE = 0.08
"""How far accuracies may lie apart: two trainings of one library differ by a few points."""


class Ours:
    """swither's cycle on the images of a task."""

    def __init__(self, images: ImageSet, labelled: int, plan: Plan, *, augmented: bool) -> None:
        self.images, self.labelled, self.plan, self.augmented = images, labelled, plan, augmented
        self.learner: Learner | None = None

    def __call__(self, memory: bool) -> Run:
        """One cycle in a folder of its own; making the folder and telling the labels is no part of it."""
        plan, shape = self.plan, {} if self.augmented else {"crop_padding": 0, "flip": False}
        recipe = Recipe(
            epochs=plan.epochs,
            batch_size=plan.batch_size,
            learning_rate=plan.learning_rate,
            momentum=plan.momentum,
            weight_decay=plan.weight_decay,
            decay_factor=1.0,
            least_steps_per_epoch=1,
            least_steps=0,
            **shape,  # type: ignore[arg-type]
        )
        method = "dispersion" if plan.record else "entropy"
        settings = LearnerSettings(method, model=ModelSettings("tiny"), recipe=recipe, seed=plan.seed)
        names, first = self.images.class_names, slice(0, self.labelled)
        told = {i: names[c] for i, c in zip(self.images.ids[first], self.images.labels[first], strict=True)}
        with tempfile.TemporaryDirectory() as name:
            trainings = Trainings(Path(name) / "artifacts", Execution("cpu", plan.threads))
            learner = Learner(self.images, settings, Path(name), trainings=trainings)
            learner.tell(told)
            run = here(lambda: learner.ask(plan.budget))(memory)
            trained = learner.trained()
            history = None
            if plan.record and trained.history is not None:
                history = np.array(trained.history.of(self.images.ids[self.labelled :]))
        chosen = self.images.positions(run.answer) - self.labelled
        weights = {f"weights/{n}": value.detach().numpy() for n, value in trained.model.state_dict().items()}
        return Run(run.seconds, {"chosen": chosen, "history": history, **weights}, run.mebibytes)


def weights_of(answer: Any) -> dict[str, AnyArray]:
    """The trained network's."""
    return {n.removeprefix("weights/"): values for n, values in answer.items() if n.startswith("weights/")}


def accuracy(answer: Any, task: Task, pixels: AnyArray, labels: AnyArray) -> float:
    """Share of right answers on images that nobody trained on or chose from."""
    network = TinyNetwork(weights_of(answer)).eval()
    with torch.no_grad():
        logits = network(torch.from_numpy(task.floats(pixels)))
    return float((logits.argmax(1).numpy() == labels).mean())


def require_the_same_choice(ours: Any, task: Task, plan: Plan) -> None:
    """With swither's weights the naive code chooses the same; from its history, images as dispersed as swither's.

    Of equally dispersed ones either may be taken, so the numbers of labels that agree are compared, not the images.
    """
    if plan.record:
        frequent = most_dispersed(list(ours["history"]), plan.budget)
        most = [np.bincount(column).max() for column in ours["history"].T]
        alike = np.array_equal(np.sort(np.array(most)[ours["chosen"]]), np.sort(np.array(most)[frequent]))
        require(alike, "swither chose images whose labels are not the most dispersed.")
        return
    net = Net(replace(task, weights=weights_of(ours)), plan)
    pool = net.handler(task.pool, np.zeros(len(task.pool)), augmented=False)
    probabilities = net.predict_prob(pool)
    entropies = -(probabilities * torch.log(probabilities.clamp_min(1e-12))).sum(1).numpy()
    greatest = np.argsort(-entropies)[: plan.budget]
    common = len(set(greatest.tolist()) & set(ours["chosen"].tolist())) / plan.budget
    require(common > 0.99, f"With the same weights swither chose {100 * common:.1f} % of what the naive code chooses.")


def finished(
    work: str, timed: dict[str, Measured], goals: dict[str, float], task: Task, test: Any, plan: Plan, quick: bool
) -> Row:
    """The row, once all answers are found to be sound."""
    require_the_same_choice(timed["swither"].answer, task, plan)
    right = {name: accuracy(one.answer, task, *test) for name, one in timed.items() if one.answer is not None}
    for name, one in timed.items():
        if one.answer is None:
            continue
        chosen = np.unique(one.answer["chosen"])
        sound = len(chosen) == plan.budget and chosen.min() >= 0 and chosen.max() < len(task.pool)
        require(sound, f"{name} chose {len(chosen)} distinct images of the pool instead of {plan.budget}.")
        far = abs(right[name] - right["swither"])
        require(quick or far < CLOSE, f"{name} is right on {right[name]:.3f}, swither on {right['swither']:.3f}.")
    kept = row(work, timed, goals=goals, labelled=len(task.pixels), pool=len(task.pool), **asdict(plan))
    kept["share_of_gemm_peak"] = kept["seconds"][FLOOR] / kept["seconds"]["swither"]
    return {**kept, "accuracy": right, "transforms": whose()}


def floor(network: torch.nn.Module, task: Task, plan: Plan) -> Call:
    """The arithmetic that nobody is spared, at the speed of a large matrix product."""
    some = torch.rand(64, 3, SIDE, SIDE)
    training, looking = (operations(network, some, training=training) for training in (True, False))
    looks = plan.epochs if plan.record else 1
    work = plan.epochs * len(task.pixels) * training + looks * len(task.pool) * looking
    return lambda _: Run(work / operations_a_second(), None)


def unable(reason: str) -> Any:
    """A call of what a library has no means for."""

    def call(memory: bool) -> Run:  # noqa: ARG001
        raise CannotRun(reason)

    return call


def rows(quick: bool) -> Iterator[Row]:
    labelled, pool, tested = (40, 100, 500) if quick else (LABELLED, POOL, TEST)
    plan = Plan(epochs=5, budget=30) if quick else Plan()
    pixels, labels = real_with_labels(labelled + pool + tested)
    ids = np.array([f"{number:06d}" for number in range(labelled + pool)])
    names = tuple(map(str, range(CLASSES)))
    images = ImageSet(pixels[: len(ids)], np.arange(len(ids)), ids, labels[: len(ids)], names, ids)
    seen = Normalisation.of(images.take(np.arange(labelled)))
    network = build_model(ModelSettings("tiny"), (SIDE, SIDE, 3), CLASSES, seed=plan.seed)
    initial = {name: value.numpy().copy() for name, value in network.state_dict().items()}
    task = Task(pixels[:labelled], labels[:labelled], pixels[labelled : len(ids)], seen.mean, seen.deviation, initial)
    test, inputs, repeats = (pixels[len(ids) :], labels[len(ids) :]), task.arrays(), 1 if quick else REPEATS
    torch.set_num_threads(plan.threads)
    with Peers(plan.threads) as peers:
        calls: dict[str, Call] = {
            "swither": Ours(images, labelled, plan, augmented=True),
            "naive": here(lambda: naive(task, plan)),
            "baal": peers.call("baal", "cycle", inputs, **asdict(plan)),
            FLOOR: floor(network, task, plan),
        }
        yield finished("entropy", interleaved(calls, repeats), ENTROPY, task, test, plan, quick)
        calls = {
            "swither": Ours(images, labelled, plan, augmented=False),
            "baal, tensors": peers.call("baal", "cycle", inputs, tensors=True, **asdict(plan)),
            "scikit-activeml": peers.call("scikit-activeml", "cycle", inputs, **asdict(plan)),
            "modAL": peers.call("modal", "cycle", inputs, **asdict(plan)),
            FLOOR: floor(network, task, plan),
        }
        work = "entropy, without crop and flip"
        yield finished(work, interleaved(calls, repeats), ARRAYS, task, test, plan, quick)
        plan, nothing = replace(plan, record=True), "has nothing that looks at the pool while a network is trained"
        calls = {
            "swither": Ours(images, labelled, plan, augmented=True),
            "naive": here(lambda: naive(task, plan)),
            "baal": peers.call("baal", "cycle", inputs, **asdict(plan)),
            **{name: unable(nothing) for name in ("scikit-activeml", "modAL")},
            FLOOR: floor(network, task, plan),
        }
        yield finished("dispersion of every epoch", interleaved(calls, repeats), DISPERSION, task, test, plan, quick)


if __name__ == "__main__":
    main(
        __doc__,
        "cycle",
        STATED,
        rows,
        packages=("torch", "torchvision", "skorch", "pillow"),
        around={"threads": 1},
    )
