"""Data maps: where each labelled sample lies between easy, hard and ambiguous."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from swither.arrays import AnyArray, FloatArray
from swither.dynamics.cell_means import mean_over_epochs, recorded_cells
from swither.dynamics.training_history import TrainingHistory


class Cartography(NamedTuple):
    """A sample's place on the map.

    Attributes:
        confidence: (samples,) mean probability of the given label, 0..1; low is hard, or labelled wrongly.
        variability: (samples,) its standard deviation over the epochs, 0..0.5; high is ambiguous.
    """

    confidence: FloatArray
    variability: FloatArray


def cartography(history: TrainingHistory | AnyArray | Any) -> Cartography:
    """Mean and deviation, over the epochs, of the given label's probability.

    The deviation divides by the number of recorded epochs, as in the paper.

    Args:
        history: a `TrainingHistory`, or probabilities (epochs, samples), NaN where not recorded.

    Raises:
        InputError: there is no epoch, or a sample was recorded in none.

    References:
        Swayamdipta et al., "Dataset Cartography: Mapping and Diagnosing Datasets with Training Dynamics",
        EMNLP 2020.

    Example:
        >>> places = cartography([[0.5, 1.0], [1.0, 1.0]])
        >>> places.confidence.tolist(), places.variability.tolist()
        ([0.75, 1.0], [0.25, 0.0])
    """
    values = history.probabilities if isinstance(history, TrainingHistory) else history
    probabilities = recorded_cells(values, "probabilities")
    confidence = mean_over_epochs(probabilities)
    return Cartography(confidence, np.sqrt(mean_over_epochs(probabilities, confidence)))
