"""modAL: its measures of uncertainty, with a classifier that hands given probabilities out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from modAL.uncertainty import classifier_entropy, classifier_margin, classifier_uncertainty
from scipy.special import softmax

MEASURES = {"margin": classifier_margin, "entropy": classifier_entropy, "least confidence": classifier_uncertainty}
Arrays = Mapping[str, Any]


class Given:
    """Takes logits for samples."""

    def predict_proba(self, logits: Any) -> Any:
        """Their softmax."""
        return softmax(logits, axis=1)


def uncertainty(inputs: Arrays, *, measure: str) -> Callable[[], Arrays]:
    """From logits (samples, classes)."""
    score = MEASURES[measure]
    return lambda: {"scores": np.asarray(score(Given(), inputs["logits"]))}


def cycle(inputs: Arrays, **settings: Any) -> Callable[[], Arrays]:
    """A whole cycle, whose network and loaders are only imported for it."""
    from _peer_operations import modal_cycle

    return modal_cycle.cycle(inputs, **settings)
