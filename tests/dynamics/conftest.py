"""A small history, for tests that need one and not its making."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from swither.dynamics import LabelHistory


@pytest.fixture
def recorded() -> Callable[..., LabelHistory]:
    """Makes a history of five samples, d, a, c, b, e, and four classes."""

    def make(folder: Path | None = None, epochs: int = 3, *, confidence: bool = False) -> LabelHistory:
        history = LabelHistory.create(["d", "a", "c", "b", "e"], 4, folder=folder, confidence=confidence)
        for epoch in range(epochs):
            labels = (np.arange(5) + epoch) % 4
            history.record(history.ids, labels, np.full(5, 0.25) if confidence else None)
            history.close_epoch()
        return history

    return make
