"""What every network here is: a trunk, a global average pool and a head; logits and embeddings in one pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from swither.errors import InputError


class Network(nn.Module):
    """A trunk of convolutions, a global average pool, then dropout and the last linear layer.

    The trunk may compute in bfloat16 (`swither.training.precision`); what follows it is always float32.

    The embedding is what the pool gives, before dropout, so ``head(embeddings)`` is the logits: stochastic
    passes for BALD repeat the head alone and run the trunk once.

    Args:
        trunk: images (batch, channels, height, width) to maps (batch, embedding_width, any, any).
        embedding_width: channels of the trunk's maps.
        classes: number of classes.
        dropout: probability in [0, 1) of leaving out a value of the embedding in training mode.

    Example:
        >>> network = Network(nn.Conv2d(3, 8, 3), embedding_width=8, classes=10, dropout=0.5).eval()
        >>> logits, embeddings = network(torch.zeros(2, 3, 32, 32))
        >>> tuple(logits.shape), tuple(embeddings.shape), torch.equal(network.head(embeddings), logits)
        ((2, 10), (2, 8), True)
    """

    def __init__(self, trunk: nn.Module, embedding_width: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.trunk = trunk
        self.embedding_width = embedding_width
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(embedding_width, classes))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (batch, classes) and embeddings (batch, embedding_width) of images (batch, channels, h, w)."""
        maps = self.trunk(images)  # (batch, embedding_width, h', w')
        with torch.autocast(images.device.type, enabled=False):  # pool and last layer keep the weights' precision
            embeddings = maps.to(next(self.head.parameters()).dtype).mean(dim=(2, 3))  # (batch, embedding_width)
            return self.head(embeddings), embeddings


def logits_and_embeddings(model: Callable[[Tensor], Any], images: Tensor) -> tuple[Tensor, Tensor]:
    """Run any network that keeps the contract of `Network.forward`, and say clearly where one does not.

    Raises:
        InputError: the network answers something else than a pair of two-axis tensors, one row an image.
    """
    answer: Any = model(images)
    is_pair = isinstance(answer, tuple | list) and len(answer) == 2 and all(map(torch.is_tensor, answer))
    if not is_pair or any(part.ndim != 2 or len(part) != len(images) for part in answer):
        came = [tuple(part.shape) for part in answer if torch.is_tensor(part)] if is_pair else type(answer).__name__
        raise InputError(
            f"Expected the network to answer (logits, embeddings) of shapes ({len(images)}, classes) and "
            f"({len(images)}, width), got {came}. Return both from forward: "
            "`embeddings = pool(trunk(images)); return head(embeddings), embeddings`."
        )
    logits, embeddings = answer
    return logits, embeddings
