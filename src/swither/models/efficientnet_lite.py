"""EfficientNet-Lite0, whose ImageNet weights embed photographs; modules are named as in the published weights.

References:
    M. Tan, Q. V. Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks. ICML 2019. The Lite
    variants, without squeeze-and-excite and with ReLU6, are TensorFlow's of 2020.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

WIDTH = 1280
CLASSES = 1000

STAGES = (  # blocks, kernel, stride of the first, expansion, leaving channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class EfficientNetLite0(nn.Module):
    """Images (batch, 3, height, width) to embeddings (batch, 1280); `classify` gives ImageNet's 1,000 logits.

    Any height and width from 32 pixels; the weights were trained at 224.

    Example:
        >>> import torch
        >>> tuple(EfficientNetLite0().eval()(torch.zeros(2, 3, 64, 64)).shape)
        (2, 1280)
    """

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = SameConvolution(3, 32, 3, stride=2)
        self._bn0 = _norm(32)
        blocks: list[nn.Module] = []
        entering = 32
        for count, kernel, stride, expansion, leaving in STAGES:
            for number in range(count):
                blocks.append(InvertedResidual(entering, leaving, kernel, stride if number == 0 else 1, expansion))
                entering = leaving
        self._blocks = nn.Sequential(*blocks)
        self._conv_head = SameConvolution(entering, WIDTH, 1)
        self._bn1 = _norm(WIDTH)
        self._fc = nn.Linear(WIDTH, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """The mean of the last maps over all places: (batch, 1280), from 0 to 6."""
        maps = functional.relu6(self._bn0(self._conv_stem(images)))
        maps = self._blocks(maps)
        maps = functional.relu6(self._bn1(self._conv_head(maps)))
        return maps.mean(dim=(2, 3))

    def classify(self, images: Tensor) -> Tensor:
        """Logits (batch, 1000) of ImageNet's classes."""
        return self._fc(self.forward(images))  # type: ignore[no-any-return]


class InvertedResidual(nn.Module):
    """Widened by a 1x1 convolution, filtered channel by channel, narrowed; beside a shortcut where shapes allow."""

    def __init__(self, entering: int, leaving: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = entering * expansion
        self._expands, self._has_shortcut = expansion > 1, stride == 1 and entering == leaving
        if self._expands:
            self._expand_conv = SameConvolution(entering, wide, 1)
            self._bn0 = _norm(wide)
        self._depthwise_conv = SameConvolution(wide, wide, kernel, stride=stride, groups=wide)
        self._bn1 = _norm(wide)
        self._project_conv = SameConvolution(wide, leaving, 1)
        self._bn2 = _norm(leaving)

    def forward(self, entering: Tensor) -> Tensor:
        """Maps (batch, entering, h, w) to (batch, leaving, h / stride, w / stride), rounded up."""
        maps = entering
        if self._expands:
            maps = functional.relu6(self._bn0(self._expand_conv(maps)))
        maps = functional.relu6(self._bn1(self._depthwise_conv(maps)))
        maps = self._bn2(self._project_conv(maps))
        shortcut: Tensor = maps + entering if self._has_shortcut else maps
        return shortcut


class SameConvolution(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding: what is odd of it goes to the right and the bottom.

    At stride 2 that is not PyTorch's symmetric padding: windows of the trained weights would be off by a pixel.
    """

    def __init__(self, entering: int, leaving: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(entering, leaving, kernel, stride=stride, groups=groups, bias=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (batch, entering, h, w) to (batch, leaving, h / stride, w / stride), rounded up."""
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        down, across = (
            max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in (maps.shape[2], maps.shape[3])
        )
        if down == across and down % 2 == 0:  # the convolution's own padding spares a copy
            return functional.conv2d(maps, self.weight, None, stride, down // 2, 1, self.groups)
        maps = functional.pad(maps, [across // 2, across - across // 2, down // 2, down - down // 2])
        return functional.conv2d(maps, self.weight, None, stride, 0, 1, self.groups)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)
