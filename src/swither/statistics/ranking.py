"""How well scores put the samples that are sought before the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from swither.arrays import require_shape, to_numpy
from swither.errors import InputError


def auroc(scores: Any, positive: Any) -> float:
    """The area under the receiver operating characteristic: how often a positive sample scores above a negative one.

    Of all pairs of a positive and a negative sample it is the share in which the positive one has the higher score;
    a pair of equal scores counts half (mid-ranks). 1 is a perfect ranking, 0.5 what chance gives, 0 one that is
    upside down. Only the order of the scores counts, so measures of different scales can be compared.

    Args:
        scores: (samples,) real numbers; higher is expected of the positive ones. Infinities are allowed.
        positive: (samples,) true where the sample is one of those sought.

    Returns:
        0 to 1; NaN where no sample, or every one, is positive: there is no pair to look at.

    Raises:
        InputError: unequal lengths, scores that are NaN, or `positive` holds something else than truth values.

    References:
        Hanley and McNeil, "The Meaning and Use of the Area under a Receiver Operating Characteristic (ROC) Curve",
        Radiology 143, 1982.

    Example:
        >>> auroc([0.9, 0.5, 0.5, 0.1], [True, True, False, False])
        0.875
    """
    values, sought = to_numpy(scores), to_numpy(positive)
    if values.ndim != 1 or values.dtype.kind not in "fiub":
        raise InputError(f"Expected one score for each sample, got {values.dtype} of shape {values.shape}.")
    require_shape("positive", sought, len(values))
    if sought.dtype.kind != "b" and not np.isin(sought, (0, 1)).all():
        raise InputError(f"Expected positive as truth values, got {sought.dtype} with others than 0 and 1.")
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise InputError(f"{int(np.isnan(values).sum())} of {len(values)} scores are NaN; a score must be a number.")
    sought = sought.astype(bool)
    hits = int(sought.sum())
    misses = len(sought) - hits
    if not hits or not misses:
        return float("nan")
    _, level, samples = np.unique(values, return_inverse=True, return_counts=True)  # (samples,), (levels,)
    ranks = (np.cumsum(samples) - (samples - 1) / 2)[level]  # (samples,) from 1; equal scores share their mean rank
    below = ranks[sought].sum() - hits * (hits + 1) / 2  # pairs in which the positive one is higher; equal ones half
    return float(below / (hits * misses))
