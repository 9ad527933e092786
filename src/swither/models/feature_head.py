"""What is trained on embeddings of a frozen backbone: dropout and a linear layer, or one hidden layer before them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

_FAR = 100.0
"""Deviations that a mean may lie from zero for the standardisation to be folded into the weights."""


class FeatureHead(nn.Module):
    """A classifier of embeddings; answers logits and embeddings as every network here does.

    The embeddings that it is given are standardised first, by mean and deviation over the labelled images
    (`standardise_by`); these are kept with the weights. What it gives as embeddings is the input of its last
    layer: the standardised ones, or the hidden layer. Outside training the standardisation is folded into the first
    layer, so that all logits of a pool are one matrix product.

    Args:
        width: numbers in an embedding.
        hidden: units of the hidden layer; 0 for none.
        classes: number of classes.
        dropout: probability in [0, 1) of leaving out an input of the last layer in training mode.

    Example:
        >>> head = FeatureHead(1280, hidden=0, classes=10, dropout=0.5).eval()
        >>> logits, embeddings = head(torch.zeros(2, 1280))
        >>> tuple(logits.shape), tuple(embeddings.shape)
        ((2, 10), (2, 1280))
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, width: int, hidden: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))
        self.embedding_width = hidden or width
        self.hidden = nn.Linear(width, hidden) if hidden else None
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(self.embedding_width, classes))

    def standardise_by(self, embeddings: Tensor) -> None:
        """Take mean and deviation of each number over `embeddings` (samples, width).

        The divisor is the root of the number's variance and the squared mean deviation of all numbers. With few images
        some numbers hardly vary among them by chance; divided by their own deviation alone they would outweigh all
        others over the pool, by a factor of a thousand with ten images.
        """
        embeddings = embeddings.double()
        deviation = embeddings.std(dim=0, correction=0)
        divisor = (deviation.square() + deviation.mean().square()).sqrt()
        self.mean.copy_(embeddings.mean(dim=0))
        self.scale.copy_(torch.where(divisor > 0, 1 / divisor, torch.zeros_like(divisor)))

    def forward(self, embeddings: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (batch, classes) and the last layer's inputs of embeddings (batch, width)."""
        with torch.autocast(embeddings.device.type, enabled=False):  # all of it is a last layer: in float32
            inputs = (embeddings - self.mean) * self.scale
            if self.hidden is not None:
                inputs = functional.relu(self.hidden(inputs))
            return self.head(inputs) if self.training else self.logits(embeddings), inputs

    def logits(self, embeddings: Tensor) -> Tensor:
        """Logits (batch, classes) alone, as in evaluation mode: without dropout, standardised within the product."""
        return self.folded()(embeddings)

    def folded(self) -> Callable[[Tensor], Tensor]:
        """What `logits` computes, with the standardisation folded in once: for many batches, and for later.

        It goes on computing with the weights as they are now.
        """
        last = self.head[1]
        assert isinstance(last, nn.Linear)
        if self.hidden is None:
            return _folded(last, self.mean, self.scale)
        first, weight, bias = _folded(self.hidden, self.mean, self.scale), last.weight.clone(), last.bias.clone()
        return lambda embeddings: functional.linear(functional.relu(first(embeddings)), weight, bias)


def _folded(layer: nn.Linear, mean: Tensor, scale: Tensor) -> Callable[[Tensor], Tensor]:
    """What gives `layer`'s answers for embeddings that are yet to be standardised."""
    weight = layer.weight * scale
    if float((mean * scale).abs().max()) > _FAR:  # the product would be a small difference of large numbers
        weight, bias, centre = weight.clone(), layer.bias.clone(), mean.clone()
        return lambda embeddings: (weight @ (embeddings - centre).T).T.contiguous() + bias
    bias = layer.bias - weight @ mean
    # This order of the product is twice as quick as the other where classes are few.
    return lambda embeddings: (weight @ embeddings.T).T.contiguous() + bias
