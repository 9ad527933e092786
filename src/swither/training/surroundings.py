"""What holds around a training, and around whatever must compute exactly as it does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from swither.training.device import deterministic_algorithms, quick_convolutions
from swither.training.memory import freed_memory_kept


@contextlib.contextmanager
def as_in_training(device: torch.device | str, *, deterministic: bool = False) -> Iterator[None]:
    """Compute with the same algorithms as a training, and as quickly.

    Args:
        device: where is computed.
        deterministic: refuse algorithms that may give other last bits each time.
    """
    with deterministic_algorithms(deterministic), quick_convolutions(device, deterministic), freed_memory_kept(device):
        yield
