"""Answers a covering question: yes with columns, no with a proof, or that it could not be settled within limits."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from swither.acquisition.set_cover import Reduced, greedy_cover, reduce
from swither.arrays import IntArray

MOST_ENTRIES = 20_000  # of a reduced question that the solver is given: larger ones spend minutes in their first node


@dataclass(frozen=True)
class Answer:
    """What became of a covering question.

    Attributes:
        verdict: ``yes``: `columns` do it; ``no``: proven that none do; ``open``: the limits came first.
        columns: which columns cover enough, at most as many as the budget.
        nodes: of the solver's tree that were searched.
        clock_cut: whether it is open because the time was over.
        gave_up: whether it is open though the solver searched.
    """

    verdict: Literal["yes", "no", "open"]
    columns: IntArray
    nodes: int = 0
    clock_cut: bool = False
    gave_up: bool = False


def answer(matrix: Any, budget: int, outliers: int, *, nodes: int, seconds: float) -> Answer:
    """Can at most `budget` columns cover all rows but at most `outliers`?

    A greedy cover is tried. Else the question is reduced; what is left falls into parts that share no column, of
    which those with one column need no search; and HiGHS decides the rest by branch and cut.

    Args:
        matrix: (rows, columns) sparse, 0 and 1: which rows a column covers.
        budget: how many columns may be taken.
        outliers: how many rows may stay uncovered.
        nodes: of the solver's tree, at most; the same limit gives the same answer on any machine.
        seconds: the solver's time, at most.

    References:
        Huangfu and Hall, "Parallelizing the dual revised simplex method", 2018 (HiGHS).

    Example:
        >>> rows = sparse.csr_array(np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]]))
        >>> limits = {"nodes": 100, "seconds": 10.0}
        >>> answer(rows, 1, 0, **limits).verdict, answer(rows, 1, 1, **limits).verdict
        ('no', 'yes')
    """
    matrix = sparse.csr_array(matrix, dtype=np.int32)
    filled = np.diff(matrix.indptr) > 0
    outliers -= int((~filled).sum())
    if outliers < 0:
        return Answer("no", _NONE)
    matrix = matrix[filled]
    limits = _Limits(nodes, time.monotonic() + seconds)
    cover = greedy_cover(matrix, outliers, most=budget)
    if cover is not None:
        return Answer("yes", cover)
    # Without outliers a question reduces much further, and each outlier can have a column of its own: so with as many
    # columns more a no holds for the question itself, and where it stays open, so does the larger question.
    relaxed = _decide(matrix, budget + outliers, 0, limits)
    if not outliers or relaxed.verdict != "yes":
        return relaxed
    trimmed = _without_least_missed(matrix, relaxed.columns, budget)
    if matrix.shape[0] - _covered(matrix, trimmed) <= outliers:
        return replace(relaxed, columns=trimmed)
    limits.nodes -= relaxed.nodes
    full = _decide(matrix, budget, outliers, limits)
    return replace(full, nodes=full.nodes + relaxed.nodes)


@dataclass
class _Limits:
    nodes: int
    deadline: float


def _decide(matrix: Any, budget: int, outliers: int, limits: _Limits) -> Answer:
    left = reduce(matrix, outliers)
    _settle_single_columns(left, outliers)
    spare = budget - len(left.taken)
    if spare < 0:
        return Answer("no", _NONE)
    cover = greedy_cover(left.matrix, outliers, most=spare)
    if cover is not None:
        return _yes(left, cover)
    seconds = limits.deadline - time.monotonic()
    if left.matrix.nnz > MOST_ENTRIES or limits.nodes < 1 or seconds <= 0:
        return Answer("open", _NONE, clock_cut=seconds <= 0)
    return _solve(left, spare, outliers, limits.nodes, seconds)


def _covered(matrix: Any, columns: IntArray) -> int:
    return int(np.count_nonzero(matrix[:, columns].sum(axis=1)))


def _without_least_missed(matrix: Any, columns: IntArray, budget: int) -> IntArray:
    """Leave columns out, one after the other the one that fewest rows depend on, until the budget is kept."""
    while len(columns) > budget:
        chosen = matrix[:, columns]
        alone = chosen[np.flatnonzero(chosen.sum(axis=1) == 1)]
        missed = np.bincount(alone.indices, minlength=len(columns))
        columns = np.delete(columns, int(missed.argmin()))
    return columns


_NONE = np.empty(0, dtype=np.int64)


def _yes(left: Reduced, columns: IntArray, nodes: int = 0) -> Answer:
    taken = np.array(left.taken, dtype=np.int64)
    return Answer("yes", np.concatenate([taken, left.columns[columns]]), nodes)


def _settle_single_columns(left: Reduced, outliers: int) -> None:
    """Take the columns that share no row with others, but those few whose rows may be what stays uncovered.

    Each such part costs one column or all its rows as outliers; so at most as many parts as there are outliers can
    be left uncovered, and those with the fewest rows serve as well as any.
    """
    if not left.matrix.shape[0]:
        return
    rows, columns = left.matrix.shape
    graph = sparse.block_array([[None, left.matrix], [left.matrix.T, None]])
    _, labels = connected_components(graph, directed=False)
    alone = np.bincount(labels[rows:])[labels[rows:]] == 1  # (columns,)
    sizes = np.bincount(left.matrix.indices, minlength=columns)
    single = np.flatnonzero(alone)
    single = single[np.argsort(sizes[single], kind="stable")]
    small = single[:outliers]
    kept = small[sizes[small] <= outliers]
    taken = np.setdiff1d(single, kept)
    left.taken += left.columns[taken].tolist()
    covered = np.isin(labels[:rows], labels[rows:][taken])
    left.matrix = left.matrix[np.flatnonzero(~covered)]
    rest = np.setdiff1d(np.arange(columns), taken)
    left.matrix, left.columns = left.matrix[:, rest], left.columns[rest]


def _solve(left: Reduced, budget: int, allowed: int, nodes: int, seconds: float) -> Answer:
    """The binary program: the sum of columns at most the budget, any that is feasible."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    rows, columns = left.matrix.shape
    outliers = sparse.eye_array(rows) if allowed else sparse.csr_array((rows, 0))
    total = columns + outliers.shape[1]
    is_column = (np.arange(total) < columns).astype(float)
    constraints = [
        LinearConstraint(sparse.csr_array(sparse.hstack([left.matrix, outliers])), 1, np.inf),
        LinearConstraint(is_column[None], -np.inf, budget),
        LinearConstraint((1 - is_column)[None], -np.inf, allowed),
    ]
    start = time.monotonic()
    found = milp(
        is_column,
        integrality=np.ones(total),
        bounds=Bounds(0, 1),
        constraints=constraints,
        # A gap of 1 is any solution: whether there is one within the budget is all that is asked.
        options={"node_limit": nodes, "time_limit": seconds, "mip_rel_gap": 1.0},
    )
    searched = int(getattr(found, "mip_node_count", None) or 0)
    if found.x is not None:
        chosen = np.flatnonzero(found.x[:columns] > 0.5)
        covered = np.asarray(left.matrix[:, chosen].sum(axis=1)).ravel() > 0
        if len(chosen) <= budget and int((~covered).sum()) <= allowed:  # in whole numbers, whatever it says
            return _yes(left, chosen, searched)
    if found.status == 2:
        return Answer("no", _NONE, searched)
    return Answer("open", _NONE, searched, clock_cut=time.monotonic() - start >= seconds, gave_up=True)
