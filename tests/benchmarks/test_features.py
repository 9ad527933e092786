"""The loops that a head on embeddings is compared with train and record as they say."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import torch


def test_the_lean_loop_learns_and_records_what_the_one_with_loaders_does(script: Callable[[str], ModuleType]) -> None:
    features = script("features")
    draw = np.random.default_rng(0)
    labels = draw.integers(features.CLASSES, size=600)
    centres = 3 * draw.standard_normal((features.CLASSES, 32))
    values = torch.from_numpy((centres[labels] + draw.standard_normal((600, 32))).astype(np.float32)) + 5
    kept = values.clone()
    known = torch.from_numpy(labels[:200])
    found = [loop(values, known, 30, 10) for loop in (features.plain, features.lean)]
    for answer in found:
        assert answer["history"].shape == (30, 400)
        assert len(np.unique(answer["chosen"])) == 10
        assert (answer["history"][-1] == labels[200:]).mean() > 0.95
    assert torch.equal(values, kept)
