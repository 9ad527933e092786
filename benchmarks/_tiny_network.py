"""The network of these comparisons as plain torch, for peers in whose environment swither is not installed.

Layer for layer the network ``tiny`` of 32 x 32 colour images, with the same names of weights, so that it takes
swither's initial ones. It answers logits alone, as peers expect it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

CLASSES, WIDTH = 10, 32


class TinyNetwork(nn.Module):
    """Four times convolution, max-pool, BatchNorm, ReLU; a global average pool, dropout and a linear layer."""

    def __init__(self, weights: Mapping[str, Any] | None = None, dropout: float = 0.5) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        entering, stride = 3, 2
        for leaving, pooled in ((WIDTH, True), (2 * WIDTH, True), (4 * WIDTH, True), (6 * WIDTH, False)):
            layers.append(nn.Conv2d(entering, leaving, kernel_size=3, stride=stride, padding=1, bias=False))
            layers += [nn.MaxPool2d(2)] if pooled else []
            layers += [nn.BatchNorm2d(leaving), nn.ReLU(inplace=True)]
            entering, stride = leaving, 1
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(entering, CLASSES))
        if weights is not None:
            self.load_state_dict({name: torch.as_tensor(values) for name, values in weights.items()})

    def forward(self, images: Tensor) -> Tensor:
        """Logits (batch, classes) of images (batch, 3, 32, 32)."""
        return self.head(self.trunk(images).mean(dim=(2, 3)))  # type: ignore[no-any-return]
