"""The paper's informativeness analysis: how often the first model is right on what each method would ask first."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.loop.events import Standing
from swither.loop.evidence import Reveal
from swither.loop.learner import Learner
from swither.loop.trainings import Trained
from swither.training.clean_pass import predict_labels

PORTIONS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


def informativeness(learner: Learner, standing: Standing, trained: Trained, reveal: Reveal) -> list[dict[str, Any]]:
    """For growing portions of the pool, taken by the learner's method: the accuracy of the model on the portion.

    Lower is more informative: what the model knows already teaches it nothing. Portions are prefixes of one long
    ranking or selection.

    Args:
        learner: with the method.
        standing: the initial labels, on which the model is trained.
        trained: that model.
        reveal: gives true labels.

    Returns:
        For each portion ``portion`` (0 to 1), ``images`` and ``accuracy``.

    References:
        Zolfaghari Bengar, Raducanu and van de Weijer, "When Deep Learners Change Their Mind", CAIP 2021, section
        3.2 and Fig. 3.
    """
    pool = len(learner.pool(standing))
    counts = [max(1, round(portion * pool)) for portion in PORTIONS]
    # The whole pool is the same for every method, so nothing needs to rank it to its end.
    longest = max((count for count in counts if count < pool), default=pool)
    candidates, selection = learner.select(standing, longest)
    predicted = predict_labels(trained.model, candidates, trained.normalisation, device=trained.device)
    right = predicted == reveal(map(str, candidates.ids))  # (samples,)
    chosen = np.cumsum(right[selection.positions])
    return [
        {
            "portion": portion,
            "images": count,
            "accuracy": float(chosen[count - 1] / count if count <= longest else right.mean()),
        }
        for portion, count in zip(PORTIONS, counts, strict=True)
    ]
