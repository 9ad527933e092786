"""Label dispersion as an acquisition: the samples whose predicted label kept changing during training."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import FloatArray, to_numpy
from swither.dynamics.dispersion import dispersion as measure
from swither.errors import InputError


def dispersion(label_history: Any, *, window: int | None = None, stride: int = 1, burn_in: float = 0.0) -> FloatArray:
    """Score each sample by 1 - f / T: the share of its T recorded predictions that are not its modal label.

    With T recordings and c classes there are few distinct scores, so ties are the rule: they are taken in the
    order of the rows. Fewer than about 20 recordings rank coarsely.

    Args:
        label_history: predicted labels of the candidates after each epoch: a history, or an
            (epochs, samples) array or tensor of class numbers.
        window: count the last `window` epochs only; None counts all.
        stride: count every `stride`-th epoch, the last one always.
        burn_in: leave out this share of the first epochs, in [0, 1); not together with `window`.

    Returns:
        (samples,) float64 in [0, 1); higher is to be labelled sooner.

    Raises:
        InputError: the history or a setting cannot be used; see `swither.dynamics.dispersion`.

    References:
        Zolfaghari Bengar, Raducanu and van de Weijer, "When Deep Learners Change Their Mind: Learning Dynamics
        for Active Learning", CAIP 2021.

    Example:
        >>> dispersion([[0, 1], [0, 2], [0, 1], [0, 0]]).tolist()
        [0.0, 0.5]
    """
    for name, value in (("window", 1 if window is None else window), ("stride", stride)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise InputError(f"Expected {name} as a whole number of epochs, 1 or more, got {value!r}.")
    history = label_history if hasattr(label_history, "labels") else to_numpy(label_history)
    if burn_in != 0:
        window = _after(burn_in, window, len(history.labels) if hasattr(history, "labels") else len(history))
    return np.asarray(measure(history, window=window, stride=stride))


def _after(burn_in: float, window: int | None, epochs: int) -> int:
    """How many of the epochs are left after the first ones: at least one."""
    if window is not None or not isinstance(burn_in, float | int) or not 0 <= burn_in < 1:
        raise InputError(
            f"Expected burn_in as a share in [0, 1) and no window beside it, got {burn_in!r} and window={window}."
        )
    return max(1, epochs - int(burn_in * epochs + 1e-9))
