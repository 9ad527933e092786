"""DISTIL: its strategies, which answer the order in which they would have samples labelled.

Where a strategy goes through a data loader and a network, the softmax of given logits takes their place: that loader
would take most of the time.
"""

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
    LeastConfidence,
    MarginSampling,
)
from torch import Tensor, nn
from torch.utils.data import Dataset

STRATEGIES = {"margin": MarginSampling, "entropy": EntropySampling, "least confidence": LeastConfidence}
Arrays = Mapping[str, Any]


class Numbered(Dataset[tuple[int, int]]):
    """Samples that are their numbers: what DISTIL calls a handler."""

    def __init__(self, numbers: Any) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> tuple[int, int]:
        return int(self.numbers[index]), index


class Given(nn.Module):
    """Logits and embeddings by number."""

    def __init__(self, logits: Any, embeddings: Any) -> None:
        super().__init__()
        self.logits, self.embeddings = torch.from_numpy(logits), torch.from_numpy(embeddings)

    def get_embedding_dim(self) -> int:
        """As DISTIL asks for it."""
        return int(self.embeddings.shape[1])

    def forward(self, numbers: Tensor, last: bool = False) -> Any:
        """What a network would answer."""
        return (self.logits[numbers], self.embeddings[numbers]) if last else self.logits[numbers]


def options() -> dict[str, Any]:
    return {"batch_size": 1000, "device": "cpu"}


def kcenter(inputs: Arrays, *, count: int) -> Callable[[], Arrays]:
    """The search of CoreSet."""
    strategy = CoreSet(None, None, None, None, None, 2, options())
    return lambda: {"positions": np.array(strategy.furthest_first(inputs["points"], inputs["centres"], count))}


def badge(inputs: Arrays, *, count: int, seed: int) -> Callable[[], Arrays]:
    """BADGE, on the logits and embeddings of the pool."""
    logits = inputs["logits"]
    network = Given(logits, inputs["embeddings"])
    strategy = BADGE(None, None, np.arange(len(logits)), network, Numbered, logits.shape[1], options())

    def select() -> Arrays:
        np.random.seed(seed)  # noqa: NPY002 - where BADGE draws from
        return {"positions": np.array(strategy.select(count))}

    return select


def bald(inputs: Arrays) -> Callable[[], Arrays]:
    """BALDDropout, on the softmax of logits (passes, samples, classes)."""
    logits = torch.from_numpy(inputs["logits"])
    passes, samples, classes = logits.shape
    strategy = BALDDropout(None, None, None, None, None, classes, {"n_drop": passes})
    strategy.predict_prob_dropout_split = lambda *_: torch.softmax(logits, dim=2)
    return lambda: {"order": strategy.select(samples).numpy()}


def uncertainty(inputs: Arrays, *, measure: str) -> Callable[[], Arrays]:
    """A strategy on the softmax of logits (samples, classes)."""
    logits = torch.from_numpy(inputs["logits"])
    strategy = STRATEGIES[measure](None, None, None, None, None, logits.shape[1], options())
    strategy.predict_prob = lambda *_: torch.softmax(logits, dim=1)
    return lambda: {"order": np.asarray(strategy.select(len(logits)))}
