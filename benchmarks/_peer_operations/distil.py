"""DISTIL: its strategies, with a network that hands given numbers out for the number of a sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from distil.active_learning_strategies import (
    BADGE,
    BALDDropout,
    CoreSet,
    EntropySampling,
    LeastConfidenceSampling,
    MarginSampling,
)
from torch import Tensor, nn

STRATEGIES = {"margin": MarginSampling, "entropy": EntropySampling, "least confidence": LeastConfidenceSampling}
BATCH = 1000  # large, so that its data loader costs little
Arrays = Mapping[str, Any]


class Given(nn.Module):
    """Logits (passes, samples, classes), one pass after another, and embeddings (samples, width)."""

    def __init__(self, logits: Any, embeddings: Any = None) -> None:
        super().__init__()
        self.logits = [torch.from_numpy(one) for one in logits]
        self.embeddings = None if embeddings is None else torch.from_numpy(embeddings)
        self.handed_out = 0

    def get_embedding_dim(self) -> int:
        """As DISTIL asks for it."""
        return 0 if self.embeddings is None else self.embeddings.shape[1]

    def forward(self, numbers: Tensor, last: bool = False, freeze: bool = False) -> Any:
        """Rows of the pass that is on: DISTIL goes through the whole pool for each pass."""
        logits = self.logits[self.handed_out // len(self.logits[0])][numbers]
        self.handed_out += len(numbers)
        if not last:
            return logits
        assert self.embeddings is not None
        return logits.requires_grad_(freeze), self.embeddings[numbers]


def numbers(samples: int) -> list[int]:
    """A data set of the numbers of the samples."""
    return list(range(samples))


def options(**more: Any) -> dict[str, Any]:
    return {"batch_size": BATCH, "device": "cpu", **more}


def kcenter(inputs: Arrays, *, count: int) -> Callable[[], Arrays]:
    """The search of CoreSet, without its way to the embeddings."""
    points, centres = torch.from_numpy(inputs["points"]), torch.from_numpy(inputs["centres"])
    strategy = CoreSet([], numbers(len(points)), None, 2, options())
    return lambda: {"positions": np.array(strategy.furthest_first(points, centres, count))}


def badge(inputs: Arrays, *, count: int, seed: int) -> Callable[[], Arrays]:
    """BADGE, on the logits and embeddings of the pool."""
    logits = inputs["logits"]
    network = Given(logits[None], inputs["embeddings"])
    strategy = BADGE([], numbers(len(logits)), network, logits.shape[1], options())

    def select() -> Arrays:
        np.random.seed(seed)  # noqa: NPY002 - where BADGE draws from
        return {"positions": np.array(strategy.select(count))}

    return select


def bald(inputs: Arrays) -> Callable[[], Arrays]:
    """The scores of BALDDropout, from logits (passes, samples, classes)."""
    logits = inputs["logits"]
    passes, samples, classes = logits.shape
    strategy = BALDDropout([], [], Given(logits), classes, options(n_drop=passes))
    return lambda: {"scores": strategy.acquire_scores(numbers(samples)).numpy()}


def uncertainty(inputs: Arrays, *, measure: str) -> Callable[[], Arrays]:
    """The scores of a strategy, from logits (samples, classes)."""
    logits = inputs["logits"]
    strategy = STRATEGIES[measure]([], [], Given(logits[None]), logits.shape[1], options())
    return lambda: {"scores": strategy.acquire_scores(numbers(len(logits))).numpy()}
