"""A few digits as tensors, and whether two networks are the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

LABELLED, POOL = 48, 80


@dataclass(frozen=True)
class Digits:
    """Flattened digits: the first are labelled, the others are the pool; ids are row numbers plus 1000."""

    images: torch.Tensor
    labels: torch.Tensor
    labelled: int = LABELLED

    def __getitem__(self, row: int) -> dict[str, torch.Tensor]:
        return {"id": torch.tensor(row + 1000), "pixels": self.images[row], "labels": self.labels[row]}

    def __len__(self) -> int:
        return LABELLED

    @property
    def labelled_ids(self) -> np.ndarray:
        return np.arange(LABELLED) + 1000

    @property
    def pool_ids(self) -> np.ndarray:
        return np.arange(LABELLED, LABELLED + POOL) + 1000

    @property
    def pool(self) -> torch.Tensor:
        return self.images[LABELLED:]


@pytest.fixture(scope="session")
def digits() -> Digits:
    data = load_digits()
    rows = slice(0, LABELLED + POOL)
    return Digits(torch.tensor(data.data[rows] / 16, dtype=torch.float32), torch.tensor(data.target[rows]))


@pytest.fixture(scope="session")
def same_weights() -> Callable[[nn.Module, nn.Module], bool]:
    """Whether two networks are equal bit for bit, BatchNorm's statistics included."""

    def compare(first: nn.Module, second: nn.Module) -> bool:
        ours, theirs = first.state_dict(), second.state_dict()
        return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)

    return compare
