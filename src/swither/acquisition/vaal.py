"""VAAL: what a discriminator takes least for a labelled sample, from codes of an autoencoder that tries to fool it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from swither.arrays import FloatArray, to_numpy
from swither.errors import InputError

AUTHORS_SCALE: Mapping[str, Any] = {"width": 128, "iterations": 39_062}
"""The size of the autoencoder and of its training in the authors' experiments on CIFAR."""


def vaal(labelled_likelihood: Any) -> FloatArray:
    """Score each sample by -D(mu): what looks least like the labelled samples comes first.

    A variational autoencoder learns to give labelled and unlabelled samples codes that look alike, a discriminator to
    tell them apart. A sample that it still takes for unlabelled lies where no labelled ones are. The classifier has no
    part in it.

    Args:
        labelled_likelihood: (samples,) the discriminator's probabilities that a sample is labelled, array or tensor.

    Returns:
        (samples,) float64 in [-1, 0]; higher is to be labelled sooner. Likelihoods far below 1e-16 still differ.

    Raises:
        InputError: they have other axes, are not in [0, 1], or hold NaN.

    References:
        Sinha, Ebrahimi and Darrell, "Variational Adversarial Active Learning", ICCV 2019, algorithm 2.

    Example:
        >>> vaal([0.25, 0.5]).tolist()
        [-0.25, -0.5]
    """
    likelihood = to_numpy(labelled_likelihood)
    if likelihood.ndim != 1 or likelihood.dtype.kind not in "fiu":
        raise InputError(
            f"Expected labelled_likelihood of shape (samples,), got {likelihood.dtype} of shape {likelihood.shape}."
        )
    outside = ~((likelihood >= 0) & (likelihood <= 1))  # NaN is outside too
    if outside.any():
        raise InputError(
            f"{int(outside.sum())} of {len(likelihood)} likelihoods do not lie between 0 and 1, the first is "
            f"{likelihood[outside][0]} at row {int(np.argmax(outside))}. Give probabilities, not logits."
        )
    return np.asarray(-likelihood.astype(np.float64))


def vaal_title(settings: Mapping[str, Any]) -> str:
    """What to call VAAL under these settings: a smaller one than the authors' is not theirs.

    Example:
        >>> vaal_title({}), vaal_title({"width": 16, "iterations": 300})
        ('VAAL', 'VAAL (reduced)')
        >>> vaal_title({"quirks": "released"})
        'VAAL (released)'
    """
    scale = {**AUTHORS_SCALE, **settings}
    words = ["reduced"] if any(scale[name] < least for name, least in AUTHORS_SCALE.items()) else []
    words += ["released"] if settings.get("quirks") == "released" else []
    return f"VAAL ({', '.join(words)})" if words else "VAAL"
