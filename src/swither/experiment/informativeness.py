"""The paper's informativeness analysis: how often the first model is right on what each method would ask first."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import IntArray
from swither.loop.events import Standing
from swither.loop.evidence import Evidence
from swither.loop.learner import Learner

PORTIONS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)

LARGEST_SOLVED = 0.2
"""Up to here a method that solves every count for itself is asked portion by portion; beyond, it takes too long."""


def informativeness(
    learner: Learner, standing: Standing, evidence: Evidence, true_labels: IntArray, known: int | None = None
) -> list[dict[str, Any]]:
    """For growing portions of the pool, taken by the learner's method: the accuracy of the model on the portion.

    Lower is more informative: what the model knows already teaches it nothing. Portions are prefixes of one long
    ranking or selection, unless the method solves each count for itself (`Acquisition.prefixes`): then so is each
    portion up to a fifth, and the larger ones but the whole pool are left out.

    Args:
        learner: with the method.
        standing: the initial labels, on which the model is trained.
        evidence: of that model and its candidates.
        true_labels: (samples,) of the candidates.
        known: images that the method can rank, where the pool was recorded in part: larger portions but the whole
            pool are left out. None: all.

    Returns:
        For each portion ``portion`` (0 to 1), ``images`` and ``accuracy``.

    References:
        Zolfaghari Bengar, Raducanu and van de Weijer, "When Deep Learners Change Their Mind", CAIP 2021, section
        3.2 and Fig. 3.
    """
    right = evidence.predicted_labels == true_labels  # (samples,)
    counts = {portion: max(1, round(portion * len(right))) for portion in PORTIONS}
    # The whole pool is the same for every method, so nothing needs to rank it to its end.
    whole = {portion for portion, count in counts.items() if count == len(right)}
    prefixes = learner.acquisition.prefixes
    most = len(right) if known is None else known
    taken = [portion for portion in PORTIONS if portion not in whole and counts[portion] <= most]
    taken = [portion for portion in taken if prefixes or portion <= LARGEST_SOLVED]
    accuracies = dict.fromkeys(whole, float(right.mean()))
    for group in [taken] if prefixes else [[portion] for portion in taken]:
        if group:
            _, selection = learner.select(standing, counts[group[-1]], evidence=evidence)
            hits = np.cumsum(right[selection.positions])
            accuracies |= {portion: float(hits[counts[portion] - 1] / counts[portion]) for portion in group}
    return [
        {"portion": portion, "images": counts[portion], "accuracy": accuracies[portion]}
        for portion in PORTIONS
        if portion in accuracies
    ]
