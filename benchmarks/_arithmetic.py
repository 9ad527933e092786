"""The limit of what computes: the arithmetic that a machine does in a large matrix product, and a network's."""

from __future__ import annotations

import time

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode


def operations_a_second(side: int = 1024, repeats: int = 5) -> float:
    """Floating-point operations a second of a large matrix product, with torch's present number of threads."""
    matrix = torch.rand(side, side)
    best = 0.0
    for _ in range(repeats):
        start = time.perf_counter()
        torch.mm(matrix, matrix)
        best = max(best, 2 * side**3 / (time.perf_counter() - start))
    return best


def operations(model: nn.Module, images: Tensor, *, training: bool) -> float:
    """Floating-point operations of matrix products and convolutions, an image."""
    model.train(training)
    with FlopCounterMode(display=False) as counter, torch.set_grad_enabled(training):
        logits = model(images)[0]
        if training:
            logits.sum().backward()
    return counter.get_total_flops() / len(images)
