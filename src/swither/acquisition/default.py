"""Which acquisition is asked where nobody names one, by what is trained."""

from __future__ import annotations

SMALL_BUDGET = "clustered-dispersion"
"""With heads on embeddings and up to 500 labels; chosen from figures, see decision 0030."""

FROM_SCRATCH = "dispersion"
"""With a network that is trained from scratch: the paper's own method."""


def default_acquisition(model: str) -> str:
    """The acquisition that is used with a model where nobody names one.

    With ``features`` the budgets are small, and clustered dispersion was behind random on no data set there
    (``results/small-budgets``); with a handful of labels a class TypiClust is better. Any other network has the paper's
    method. What a comparison compares is no question of this.

    Args:
        model: name of the network, as in `swither.models.ModelSettings`.

    Returns:
        A name of `ACQUISITIONS`.

    References:
        J. Zolfaghari Bengar, B. Raducanu, J. van de Weijer: When Deep Learners Change Their Mind. CAIP 2021.

    Example:
        >>> default_acquisition("resnet18")
        'dispersion'
    """
    return SMALL_BUDGET if model == "features" else FROM_SCRATCH
