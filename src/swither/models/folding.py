"""BatchNorm folded into the convolution before it: fewer passes over memory, and other last bits."""

from __future__ import annotations

import copy
from itertools import pairwise

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from swither.errors import InputError


def folded(model: nn.Module) -> nn.Module:
    """A copy of a network in evaluation mode whose BatchNorm layers are part of the convolutions before them.

    Only a `Conv2d` directly followed by a `BatchNorm2d` in an `nn.Sequential` is folded; the rest stays as it is. In
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


def _fold(layers: nn.Module) -> int:
    """Fold within one sequence; how many were."""
    found = 0
    for (name, convolution), (after, norm) in pairwise(list(layers.named_children())):
        if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(layers, name, fuse_conv_bn_eval(convolution, norm))
            setattr(layers, after, nn.Identity())
            found += 1
    return found
