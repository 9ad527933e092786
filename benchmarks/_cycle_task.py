"""What one cycle is in these comparisons: pixels, labels, a network's initial weights and how it is trained.

Nothing here needs swither, so peers read it in an environment of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

AnyArray = npt.NDArray[Any]


@dataclass(frozen=True)
class Plan:
    """How a cycle is done, the same for all.

    Attributes:
        epochs: passes over the labelled images.
        batch_size: images a step.
        looked_at: images computed at once in a pool.
        budget: images to choose.
        learning_rate: of momentum SGD, the same in every epoch.
        momentum: Nesterov's.
        weight_decay: on every parameter.
        crop_padding: zero pixels around an image before the random crop; a random flip follows.
        record: whether the predicted label of every image of the pool is kept after every epoch, and the images with
            the most dispersed labels are chosen; otherwise those with the greatest entropy.
        threads: CPU threads.
        seed: of everything drawn.
    """

    epochs: int = 20
    batch_size: int = 64
    looked_at: int = 250
    budget: int = 100
    learning_rate: float = 0.05
    momentum: float = 0.9
    weight_decay: float = 5e-4
    crop_padding: int = 4
    record: bool = False
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Task:
    """The data of a cycle.

    Attributes:
        pixels: (labelled, 32, 32, 3) uint8, with `labels`.
        labels: (labelled,) class numbers, int64.
        pool: (pool, 32, 32, 3) uint8.
        mean: of each channel, of values from 0 to 1.
        deviation: of each channel.
        weights: the network's initial weights by name.
    """

    pixels: AnyArray
    labels: AnyArray
    pool: AnyArray
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    weights: Mapping[str, AnyArray]

    def arrays(self) -> dict[str, AnyArray]:
        """All of it as named arrays, for a file."""
        named = {name: np.asarray(value) for name, value in vars(self).items() if name != "weights"}
        return named | {f"weights/{name}": np.asarray(values) for name, values in self.weights.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, AnyArray]) -> Task:
        """What `arrays` gave."""
        weights = {n.removeprefix("weights/"): values for n, values in arrays.items() if n.startswith("weights/")}
        mean, deviation = (tuple(map(float, arrays[name])) for name in ("mean", "deviation"))
        named = {name: arrays[name] for name in ("pixels", "labels", "pool")}
        return cls(**named, mean=mean, deviation=deviation, weights=weights)

    def floats(self, pixels: AnyArray) -> AnyArray:
        """Normalised images (images, 3, 32, 32) float32, for libraries that are fed arrays."""
        mean, deviation = (np.array(values, dtype=np.float32) for values in (self.mean, self.deviation))
        values = (pixels.astype(np.float32) / 255 - mean) / deviation
        return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


def optimiser(network: nn.Module, plan: Plan) -> torch.optim.Optimizer:
    """The same for all that take one."""
    return torch.optim.SGD(
        network.parameters(),
        lr=plan.learning_rate,
        momentum=plan.momentum,
        nesterov=True,
        weight_decay=plan.weight_decay,
    )


def answer(network: nn.Module, chosen: Any) -> dict[str, AnyArray]:
    """What a cycle answers: chosen positions in the pool, and the trained weights, whose accuracy nobody has timed."""
    weights = {f"weights/{name}": value.detach().numpy() for name, value in network.state_dict().items()}
    return {"chosen": np.asarray(chosen), **weights}


def most_dispersed(history: list[AnyArray], budget: int) -> AnyArray:
    """The images whose most frequent label of (epochs, images) is least frequent: plain counting, class by class."""
    labels = np.stack(history)
    counts = np.stack([(labels == c).sum(0) for c in range(int(labels.max()) + 1)])
    return np.argsort(counts.max(0), kind="stable")[:budget]
