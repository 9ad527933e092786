"""BALD: how much the stochastic passes of one network disagree, beyond what each of them doubts itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from swither.acquisition.blocks import row_blocks
from swither.acquisition.entropy import row_entropy
from swither.arrays import FloatArray, to_numpy
from swither.errors import InputError


def bald(sampled_logits: Sequence[Any], *, passes: int = 10) -> FloatArray:
    """Score each sample by the mutual information H(mean p) - mean H(p) over stochastic passes.

    Each pass is read once and in blocks of rows, from logits by log-sum-exp; what is kept is the sum of p,
    (samples, classes), and the sum of H(p), (samples,). Nothing of samples x classes x passes is ever made.

    Args:
        sampled_logits: one (samples, classes) array or tensor of logits per pass, in a sequence; a logit of
            minus infinity is a probability of 0.
        passes: how many passes the evidence holds.

    Returns:
        (samples,) float64 in nats, from 0 to log(classes); higher is to be labelled sooner.

    Raises:
        InputError: the number of passes is another, below 2, the passes differ in shape, there are fewer than
            two classes, or a logit is NaN or plus infinity.

    References:
        Houlsby et al., "Bayesian Active Learning for Classification and Preference Learning", 2011;
        Gal, Islam and Ghahramani, "Deep Bayesian Active Learning with Image Data", ICML 2017.

    Example:
        >>> agree, disagree = [9.0, 0.0], [0.0, 9.0]
        >>> bald([[agree, agree], [agree, disagree]], passes=2).round(3).tolist()
        [0.0, 0.692]
    """
    if isinstance(passes, bool) or not isinstance(passes, int) or passes < 2:
        raise InputError(f"Expected passes as a whole number, 2 or more, got {passes!r}.")
    if len(sampled_logits) != passes:
        raise InputError(
            f"Expected {passes} stochastic passes, got {len(sampled_logits)}: "
            "give the setting passes the number of passes in sampled_logits."
        )
    probability_sum, entropy_sum = np.zeros((0, 0)), np.zeros(0)
    for number in range(passes):
        logits = _as_logits(sampled_logits[number], number)  # (samples, classes)
        if number == 0:
            probability_sum = np.zeros(logits.shape)
            entropy_sum = np.zeros(len(logits))
        if logits.shape != probability_sum.shape:
            raise InputError(
                f"Expected every pass of shape {probability_sum.shape} as the first, "
                f"got {logits.shape} in pass {number}."
            )
        for block in row_blocks(*logits.shape):
            highest = _highest(logits[block], block.start, number)
            _add_pass(logits[block], highest, probability_sum[block], entropy_sum[block])
    entropy_of_mean = np.empty(len(entropy_sum))
    for block in row_blocks(*probability_sum.shape):
        entropy_of_mean[block] = row_entropy(probability_sum[block] / passes)
    return np.maximum(entropy_of_mean - entropy_sum / passes, 0.0)  # rounding can leave -1e-17 where all agree


def _add_pass(logits: FloatArray, highest: FloatArray, probability_sum: FloatArray, entropy_sum: FloatArray) -> None:
    """Add the softmax of a block and its entropy, log sum e^z - sum p z with z = logit - highest logit."""
    z = logits - highest[:, None]  # (rows, classes), at most 0
    p = np.exp(z)
    total = np.einsum("ij->i", p)  # (rows,)
    with np.errstate(invalid="ignore"):
        weighted = np.einsum("ij,ij->i", p, z)
    if np.isnan(weighted).any():  # 0 times minus infinity, where a logit was that
        weighted = np.einsum("ij,ij->i", p, np.maximum(z, np.finfo(z.dtype).min))
    p /= total[:, None]
    probability_sum += p
    entropy_sum += np.log(total) - weighted / total


def _highest(logits: FloatArray, first_row: int, number: int) -> FloatArray:
    """The highest logit of each row of a block; NaN and infinity are found here, in the one pass over the logits."""
    highest = logits.max(axis=1)  # (rows,), NaN where any logit is
    finite = np.isfinite(highest)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InputError(
            f"Expected finite logits, but row {first_row + row} of pass {number} has {highest[row]} as its highest. "
            "The network's output is not finite: has its training diverged?"
        )
    return np.asarray(highest)


def _as_logits(logits: Any, number: int) -> FloatArray:
    values = to_numpy(logits)
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "fiu":
        raise InputError(
            "Expected each pass as (samples, classes) logits with two classes or more, "
            f"got {values.dtype} of shape {values.shape} in pass {number}."
        )
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float32 if values.dtype == np.float16 else np.float64)
    return values
