"""baal: its heuristics, on the logits of one pass or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from baal.active import heuristics
from scipy.special import softmax

HEURISTICS = {"margin": heuristics.Margin, "entropy": heuristics.Entropy, "least confidence": heuristics.Certainty}
Arrays = Mapping[str, Any]


def bald(inputs: Arrays) -> Callable[[], Arrays]:
    """From logits (passes, samples, classes), laid out as baal reads them: (samples, classes, passes)."""
    logits = np.ascontiguousarray(inputs["logits"].transpose(1, 2, 0))
    return lambda: {"scores": heuristics.BALD().get_uncertainties(logits)}


def uncertainty(inputs: Arrays, *, measure: str) -> Callable[[], Arrays]:
    """From logits (samples, classes)."""
    heuristic, logits = HEURISTICS[measure](), inputs["logits"]
    if measure == "least confidence":  # takes the largest of what it is given, and no softmax
        return lambda: {"scores": heuristic.get_uncertainties(softmax(logits, axis=1))}
    return lambda: {"scores": heuristic.get_uncertainties(logits)}


def cycle(inputs: Arrays, **settings: Any) -> Callable[[], Arrays]:
    """A whole cycle, whose network and loaders are only imported for it."""
    from _peer_operations import baal_cycle

    return baal_cycle.cycle(inputs, **settings)
