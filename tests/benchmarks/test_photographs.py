"""The loader that embedding photographs is compared with: what is lean in the lean one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from PIL import Image


def test_only_the_lean_loader_decodes_at_a_reduced_scale_that_leaves_twice_the_pixels(
    script: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    photographs = script("photographs")
    draw = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    Image.fromarray(draw).resize((1600, 1200), Image.Resampling.BICUBIC).save(tmp_path / "a.jpg")
    sizes: list[tuple[int, int]] = []

    def prepare(image: Image.Image) -> torch.Tensor:
        sizes.append(image.size)
        return torch.from_numpy(np.asarray(image.resize((40, 30))).astype(np.float32))

    shown = [photographs.Photographs([tmp_path / "a.jpg"], prepare, lean=lean)[0] for lean in (False, True)]
    assert sizes == [(1600, 1200), (400, 300)]
    assert min(sizes[1]) >= 2 * photographs.EMBEDDED
    assert float((shown[0] - shown[1]).abs().mean()) < 10
