"""The pairwise penalty matrix: how often each method beats each other one along the budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from swither.arrays import BoolArray, FloatArray, IntArray, to_numpy
from swither.errors import InputError
from swither.statistics.paired_test import paired_test
from swither.statistics.results import proper_share


@dataclass(frozen=True)
class PenaltyMatrix:
    """Who beat whom, at what part of the budgets.

    Attributes:
        methods: names, in the order of rows and columns.
        wins: (methods, methods) in [0, 1]: row i, column j is the part of all budgets at which i beat j; the diagonal
            is zero.
        compared: (methods, methods) at how many budgets the two had enough seeds in common.
        budgets: how many budgets there are.
    """

    methods: tuple[str, ...]
    wins: FloatArray
    compared: IntArray
    budgets: int

    @property
    def penalties(self) -> FloatArray:
        """(methods,) the part of its comparisons in which a method was beaten; lower is better.

        Where all pairs were compared at every budget it is the mean of the column over the other methods. What was not
        compared does not count, for or against; NaN for a method that was never compared.
        """
        lost, made = self.budgets * self.wins.sum(axis=0), self.compared.sum(axis=0).astype(np.float64)
        return np.asarray(lost / np.where(made > 0, made, np.nan), dtype=np.float64)


def penalty_matrix(curves: Mapping[str, Any], level: float = 0.95, least_pairs: int = 3) -> PenaltyMatrix:
    """Compare all methods pairwise at every budget, as Ash et al. do.

    At a budget i beats j where the paired |t| over seeds exceeds Student's quantile and the mean difference is
    positive; each win adds 1 / number of budgets. Equal differences in all seeds show no chance to test against, and
    win nothing. Wins are counts of many tests without correction: they describe,
    and one in twenty comparisons of equal methods is won or lost by chance.

    Args:
        curves: name of each method -> (seeds, budgets) accuracies, row by row of the same seeds; NaN where one is
            missing. Budgets at which all methods are the same by design are better left out.
        level: of each test: 0.95 takes the quantile at 0.975.
        least_pairs: with fewer seeds in common a budget is not compared, and nobody wins it.

    Returns:
        The matrix, see `PenaltyMatrix`; matrices of several data sets may be added.

    Raises:
        InputError: no methods, arrays of different shapes, infinite values, or fewer than two least pairs.

    References:
        Ash et al. (2020). Deep batch active learning by diverse, uncertain gradient lower bounds. ICLR.

    Example:
        >>> better = [[0.51, 0.61], [0.52, 0.63], [0.53, 0.62]]
        >>> worse = [[0.51, 0.60], [0.53, 0.61], [0.52, 0.605]]
        >>> matrix = penalty_matrix({"better": better, "worse": worse})
        >>> matrix.wins.tolist(), matrix.penalties.tolist()
        ([[0.0, 0.5], [0.0, 0.0]], [0.0, 0.5])
    """
    proper_share("level", level, 0.95)
    values = {name: to_numpy(curve).astype(np.float64) for name, curve in curves.items()}
    shapes = {curve.shape for curve in values.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise InputError(f"Expected every curve as (seeds, budgets), all of one shape, got {sorted(shapes)}.")
    if least_pairs < 2 or any(np.isinf(curve).any() for curve in values.values()):
        raise InputError(f"Expected at least two pairs for a test and no infinite values, got {least_pairs} pairs.")
    methods, budgets = tuple(values), next(iter(shapes))[1]
    wins, compared = np.zeros((len(methods), len(methods))), np.zeros((len(methods), len(methods)), dtype=np.int64)
    for i, first in enumerate(methods):
        for j, second in enumerate(methods[:i]):
            enough, ahead = _duels(values[first], values[second], level, least_pairs)
            compared[i, j] = compared[j, i] = enough.sum()
            wins[i, j], wins[j, i] = (ahead > 0).sum() / budgets, (ahead < 0).sum() / budgets
    return PenaltyMatrix(methods, wins, compared, budgets)


def _duels(first: FloatArray, second: FloatArray, level: float, least_pairs: int) -> tuple[BoolArray, IntArray]:
    """(budgets,) whether enough seeds have both; and +1 where the first beats the second, -1 where it is beaten."""
    have = np.isfinite(first) & np.isfinite(second)  # (seeds, budgets)
    enough = have.sum(axis=0) >= least_pairs
    ahead = np.zeros(have.shape[1], dtype=np.int64)
    for budget in np.flatnonzero(enough):
        both = have[:, budget]
        test = paired_test(first[both, budget], second[both, budget])
        if test.spread and abs(test.t) > special.stdtrit(test.degrees, (1 + level) / 2):
            ahead[budget] = np.sign(test.t)
    return enough, ahead
