"""Crop, flip and normalisation image by image, as everybody's loaders do them: torchvision's own, where it imports.

Elsewhere the same in Pillow and torch, in as few operations as one needs; `whose` says which it is.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

SIDE = 32
Transform = Callable[[Image.Image], Tensor]
APART = Path(__file__).resolve().parents[1] / ".venv" / "apart" / "timm"
"""Where torchvision lies in a development environment, out of the way of libraries that look for it."""


@lru_cache(maxsize=1)
def _torchvision_transforms() -> Any:
    """The library's, or None; operators that its build lacks beside this torch are only declared."""
    if importlib.util.find_spec("torchvision") is None:
        if not APART.is_dir():
            return None
        sys.path.append(str(APART))
    for _ in range(2):
        try:
            return importlib.import_module("torchvision.transforms")
        except RuntimeError as error:  # operators of another build
            if "operator torchvision::" not in str(error):
                return None
            for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
                del sys.modules[name]
            _DECLARED.append(torch.library.Library("torchvision", "FRAGMENT"))  # type: ignore[no-untyped-call]
            for operator in ("nms", "qnms"):
                _DECLARED[0].define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        except ImportError:
            return None
    return None


_DECLARED: list[Any] = []  # a declaration lives as long as its library


def whose() -> str:
    """Whose transforms `transform` gives."""
    return "Pillow and torch" if _torchvision_transforms() is None else "torchvision"


def transform(
    mean: Sequence[float], deviation: Sequence[float], padding: int, *, augmented: bool, lean: bool = False
) -> Transform:
    """What makes a network's input of one image; `lean` takes the version in Pillow and torch anyway."""
    if lean or _torchvision_transforms() is None:
        return _Lean(mean, deviation, padding if augmented else 0)
    library = _torchvision_transforms()
    steps = [library.ToTensor(), library.Normalize(mean, deviation)]
    if augmented:
        steps = [library.RandomCrop(SIDE, padding=padding), library.RandomHorizontalFlip(), *steps]
    return library.Compose(steps)  # type: ignore[no-any-return]


def resized_square(mean: Sequence[float], deviation: Sequence[float], side: int) -> Transform:
    """The shorter side brought to `side` pixels, the square in the middle, normalised."""
    library = _torchvision_transforms()
    if library is not None:
        steps = [library.Resize(side), library.CenterCrop(side), library.ToTensor()]
        return library.Compose([*steps, library.Normalize(mean, deviation)])  # type: ignore[no-any-return]
    return _LeanSquare(mean, deviation, side)


class _Lean:
    """The same in as few operations as one needs."""

    def __init__(self, mean: Sequence[float], deviation: Sequence[float], padding: int) -> None:
        self.mean, self.deviation = (torch.tensor(values).view(3, 1, 1) for values in (mean, deviation))
        self.padding = padding

    def __call__(self, image: Image.Image) -> Tensor:
        if self.padding:
            width, height = image.size
            image = ImageOps.expand(image, self.padding)
            top, left = torch.randint(2 * self.padding + 1, (2,)).tolist()
            image = image.crop((left, top, left + width, top + height))
            if torch.rand(1) < 0.5:
                image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous().float().div(255)
        return pixels.sub_(self.mean).div_(self.deviation)


class _LeanSquare(_Lean):
    """The same for photographs."""

    def __init__(self, mean: Sequence[float], deviation: Sequence[float], side: int) -> None:
        super().__init__(mean, deviation, 0)
        self.side = side

    def __call__(self, image: Image.Image) -> Tensor:
        return super().__call__(ImageOps.fit(image, (self.side, self.side), Image.Resampling.BILINEAR))
