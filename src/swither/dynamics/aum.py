"""AUM, the area under the margin: labelled samples whose given label never wins are probably labelled wrongly."""

from __future__ import annotations

from typing import Any

from swither.arrays import AnyArray, FloatArray
from swither.dynamics.cell_means import mean_over_epochs, recorded_cells
from swither.dynamics.training_history import TrainingHistory
from swither.errors import InputError


def aum(history: TrainingHistory | AnyArray | Any, *, epochs: int | None = None) -> FloatArray:
    """The mean over epochs of the given label's logit minus the largest other logit.

    Only the epochs up to the first fall of the learning rate should count: later the network also learns wrong
    labels by heart.

    Args:
        history: a `TrainingHistory`, or margins (epochs, samples), NaN where not recorded.
        epochs: how many of the first epochs count: those before the learning rate first fell; None: all.

    Returns:
        (samples,) float64, in units of logits; **lower** is more suspect of a wrong label.

    Raises:
        InputError: there are fewer epochs, or a sample was recorded in none of them.

    References:
        Pleiss et al., "Identifying Mislabeled Data using the Area Under the Margin Ranking", NeurIPS 2020.

    Example:
        >>> aum([[1.0, -2.0], [3.0, -1.0], [9.0, 9.0]], epochs=2).tolist()
        [2.0, -1.5]
    """
    margins = recorded_cells(history.margins if isinstance(history, TrainingHistory) else history, "margins")
    if epochs is not None and not 1 <= epochs <= len(margins):
        raise InputError(f"Expected 1 to {len(margins)} recorded epochs, got epochs={epochs}.")
    return mean_over_epochs(margins[:epochs])
