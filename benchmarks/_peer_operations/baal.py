"""baal: its heuristics, on the logits of one pass or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from baal.active import heuristics

HEURISTICS = {"margin": heuristics.Margin, "entropy": heuristics.Entropy, "least confidence": heuristics.Certainty}
Arrays = Mapping[str, Any]


def bald(inputs: Arrays) -> Callable[[], Arrays]:
    """From logits (passes, samples, classes), laid out as baal reads them: (samples, classes, passes)."""
    logits = np.ascontiguousarray(inputs["logits"].transpose(1, 2, 0))
    return lambda: {"scores": heuristics.BALD().get_uncertainties(logits)}


def uncertainty(inputs: Arrays, *, measure: str) -> Callable[[], Arrays]:
    """From logits (samples, classes)."""
    heuristic = HEURISTICS[measure]()
    return lambda: {"scores": heuristic.get_uncertainties(inputs["logits"])}
