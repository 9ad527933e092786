"""BatchNorm folded into the convolution before it: fewer passes over memory, and other last bits."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_eval

from swither.errors import InputError

_TRIED = 8
"""Images that a folded network is compared on."""

_NEAR = 1e-3
"""Of the largest logit: many times what rounding does, and far below what another computation does."""


def folded(model: nn.Module) -> nn.Module:
    """A copy of a network in evaluation mode whose BatchNorm layers are part of the convolutions before them.

    Only a `Conv2d` directly followed by a `BatchNorm2d` in an `nn.Sequential` is folded; the rest stays as it is: what
    is derived from these classes, has hooks or parametrizations, or normalises by each batch may compute otherwise. In
    the tiny network most BatchNorm layers stand behind a max-pool, where a negative scale forbids it.

    Args:
        model: any network; it stays as it is.

    Raises:
        InputError: nothing can be folded.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()).eval()
        >>> [type(part).__name__ for part in folded(network)]
        ['Conv2d', 'Identity', 'ReLU']
    """
    copied = copy.deepcopy(model).eval()
    if not sum(_fold(part) for part in copied.modules() if type(part).forward is nn.Sequential.forward):
        raise InputError(
            "No BatchNorm stands directly behind a convolution in an nn.Sequential of this network, so none can be "
            "folded. Record without --record-folded."
        )
    return copied


def check_folding(model: nn.Module, image_shape: tuple[int, int, int]) -> None:
    """Raise unless a network answers the same when it is folded, but for rounding.

    Tried on random images, with statistics and scales of BatchNorm as training might make them: as they begin, they
    change nothing, and leaving them out would not be noticed.

    Args:
        model: any network; it stays as it is.
        image_shape: height, width and channels.

    Raises:
        InputError: nothing can be folded, or the answers differ.
    """
    generator = torch.Generator().manual_seed(0)
    height, width, channels = image_shape
    images = torch.randn(_TRIED, channels, height, width, generator=generator)
    plain = copy.deepcopy(model).cpu().eval()
    for layer in plain.modules():
        if isinstance(layer, _BatchNorm):
            _draw(layer, generator)
    with torch.no_grad():
        expected, quicker = _logits(plain(images)), folded(plain)
        try:
            found = _logits(quicker(images))
        except Exception as error:
            raise InputError(
                f"With BatchNorm folded into its convolutions the network fails: {error}. Record without "
                "--record-folded."
            ) from error
    if not torch.allclose(found, expected, rtol=0, atol=_NEAR * float(expected.abs().max())):
        raise InputError(
            "With BatchNorm folded into its convolutions the network answers otherwise: its logits differ by "
            f"{float((found - expected).abs().max()):.2g}, which is more than rounding. Record without --record-folded."
        )


def _fold(layers: nn.Module) -> int:
    """Fold within one sequence; how many were."""
    found = 0
    # Not named_children, which leaves out a layer that stands there twice, and so makes neighbours of others.
    for (name, convolution), (after, norm) in pairwise(list(layers._modules.items())):
        if not isinstance(convolution, nn.Conv2d) or not isinstance(norm, nn.BatchNorm2d):
            continue
        if _is_plain(convolution, nn.Conv2d) and _is_plain(norm, nn.BatchNorm2d) and norm.running_mean is not None:
            setattr(layers, name, fuse_conv_bn_eval(convolution, norm))
            setattr(layers, after, nn.Identity())
            found += 1
    return found


def _is_plain(layer: nn.Module, kind: type[nn.Module]) -> bool:
    """Whether a layer computes what its class says, and nothing else: a parametrization makes a class of its own."""
    hooks = any(held for name, held in vars(layer).items() if name.endswith("_hooks"))
    return type(layer) is kind and not hooks and "forward" not in vars(layer)


def _draw(layer: Any, generator: torch.Generator) -> None:
    with torch.no_grad():
        for name in ("running_mean", "bias"):
            if getattr(layer, name) is not None:
                tensor = getattr(layer, name)
                tensor.copy_(0.5 * torch.randn(tensor.shape, generator=generator))
        for name in ("running_var", "weight"):
            if getattr(layer, name) is not None:
                tensor = getattr(layer, name)
                tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))


def _logits(answer: Any) -> Tensor:
    logits: Tensor = answer[0] if isinstance(answer, tuple) else answer
    return logits
