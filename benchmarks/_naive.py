"""A cycle as deep-active-learning's code base and its many copies write it.

A DataLoader over Pillow images that a transform prepares one by one; a loop over its batches for training, another in
evaluation mode for the pool; entropies sorted. No worker process, as everywhere in these comparisons.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from _cycle_task import AnyArray, Plan, Task, answer, most_dispersed, optimiser
from _tiny_network import CLASSES, TinyNetwork
from _transforms import Transform, transform
from PIL import Image
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset


class Handler(Dataset[tuple[Tensor, int, int]]):
    """Images kept as one array; each becomes a Pillow image when it is asked for."""

    def __init__(self, pixels: AnyArray, labels: AnyArray, prepare: Transform) -> None:
        self.pixels, self.labels, self.prepare = pixels, labels, prepare

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, int, int]:
        return self.prepare(Image.fromarray(self.pixels[index])), int(self.labels[index]), index


class Net:
    """Training and prediction."""

    def __init__(self, task: Task, plan: Plan) -> None:
        self.task, self.plan = task, plan
        self.network = TinyNetwork(task.weights)
        self.optimiser = optimiser(self.network, plan)

    def handler(self, pixels: AnyArray, labels: AnyArray, *, augmented: bool) -> Handler:
        prepare = transform(self.task.mean, self.task.deviation, self.plan.crop_padding, augmented=augmented)
        return Handler(pixels, labels, prepare)

    def epoch(self, loader: DataLoader[Any]) -> None:
        """One pass over the labelled images."""
        self.network.train()
        for x, y, _ in loader:
            self.optimiser.zero_grad()
            loss = functional.cross_entropy(self.network(x), y)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()

    def predict_prob(self, data: Handler) -> Tensor:
        """(images, classes) probabilities."""
        self.network.eval()
        probabilities = torch.zeros(len(data), CLASSES)
        with torch.no_grad():
            for x, _, positions in DataLoader(data, self.plan.looked_at, shuffle=False):
                probabilities[positions] = functional.softmax(self.network(x), dim=1)
        return probabilities


def cycle(task: Task, plan: Plan) -> dict[str, Any]:
    """Train, look at the pool, choose."""
    torch.manual_seed(plan.seed)
    net = Net(task, plan)
    pool = net.handler(task.pool, np.zeros(len(task.pool)), augmented=False)
    loader = DataLoader(net.handler(task.pixels, task.labels, augmented=True), plan.batch_size, shuffle=True)
    history = []
    for _ in range(plan.epochs):
        net.epoch(loader)
        if plan.record:
            history.append(net.predict_prob(pool).argmax(1).numpy())
    if plan.record:
        chosen = most_dispersed(history, plan.budget)
    else:
        probabilities = net.predict_prob(pool)
        uncertainties = (probabilities * torch.log(probabilities.clamp_min(1e-12))).sum(1)
        chosen = uncertainties.sort()[1][: plan.budget].numpy()
    return answer(net.network, chosen)
