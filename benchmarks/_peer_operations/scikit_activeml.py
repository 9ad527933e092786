"""scikit-activeml: its strategies for pools, and the functions behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import softmax
from skactiveml.base import SkactivemlClassifier
from skactiveml.pool import Badge, CoreSet, batch_bald, uncertainty_scores

METHODS = {"margin": "margin_sampling", "entropy": "entropy", "least confidence": "least_confident"}
Arrays = Mapping[str, Any]


class Given(SkactivemlClassifier):  # type: ignore[misc]
    """A classifier that hands given probabilities out, in the order of the candidates."""

    def __init__(self, probabilities: Any = None, classes: Any = None, missing_label: Any = np.nan) -> None:
        super().__init__(classes=classes, missing_label=missing_label)
        self.probabilities = probabilities

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Given:  # noqa: ARG002
        """Nothing is learned."""
        return self

    def predict_proba(self, X: Any) -> Any:  # noqa: ARG002
        """What was given."""
        return self.probabilities


def kcenter(inputs: Arrays, *, count: int) -> Callable[[], Arrays]:
    """CoreSet, whose method is k-center greedy: labelled samples behind the pool."""
    points, centres = inputs["points"], inputs["centres"]
    everyone = np.concatenate([points, centres])
    labels = np.concatenate([np.full(len(points), np.nan), np.zeros(len(centres))])
    return lambda: {"positions": CoreSet(random_state=0).query(everyone, labels, batch_size=count)}


def badge(inputs: Arrays, *, count: int, seed: int) -> Callable[[], Arrays]:
    """Badge, on the probabilities and embeddings of the pool."""
    points, probabilities = inputs["embeddings"], inputs["probabilities"]
    classifier = Given(probabilities, classes=list(range(probabilities.shape[1])))
    labels = np.full(len(points), np.nan)
    return lambda: {
        "positions": Badge(random_state=seed).query(points, labels, classifier, fit_clf=False, batch_size=count)
    }


def bald(inputs: Arrays) -> Callable[[], Arrays]:
    """What GreedyBALD scores with, on the softmax of logits (passes, samples, classes)."""
    logits = inputs["logits"]
    return lambda: {"scores": batch_bald(softmax(logits, axis=2), batch_size=1)[0]}


def uncertainty(inputs: Arrays, *, measure: str) -> Callable[[], Arrays]:
    """What UncertaintySampling scores with, on the softmax of logits (samples, classes)."""
    logits = inputs["logits"]
    return lambda: {"scores": uncertainty_scores(softmax(logits, axis=1), method=METHODS[measure])}


def cycle(inputs: Arrays, **settings: Any) -> Callable[[], Arrays]:
    """A whole cycle, whose network and loaders are only imported for it."""
    from _peer_operations import scikit_activeml_cycle

    return scikit_activeml_cycle.cycle(inputs, **settings)
