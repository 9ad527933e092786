"""Covering by few columns all rows but a few: exact reductions that shrink the question before it is answered.

A column covers the rows that have an entry in it. The question: can at most `budget` columns cover all rows but at
most `outliers` of them? What a reduction removes changes no answer, and columns that answer the reduced question
answer the whole one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from swither.arrays import IntArray

MOST_PAIRS = 50_000_000  # of entries that share a row (or column), counted before they are compared
PAIRS_AT_ONCE = 1 << 20


@dataclass
class Reduced:
    """What is left of a covering question.

    Attributes:
        matrix: (rows, columns) 0 and 1, int32, in compressed rows; no row is empty.
        columns: (columns,) which columns of the whole question are left.
        taken: columns of the whole question that some best answer holds.
    """

    matrix: Any
    columns: IntArray
    taken: list[int]


def reduce(matrix: Any, outliers: int) -> Reduced:
    """Remove what decides nothing, until nothing more goes: dominated columns and rows, columns that must be taken.

    - A column goes whose rows all lie in another: the other can stand in for it.
    - A row goes if more than `outliers` other rows have all their columns among its own: one of those is covered, so
      it is, too. (Without outliers: one such row.)
    - A column is taken if more than `outliers` rows have no other.

    Args:
        matrix: (rows, columns) sparse, 0 and 1, no row empty. Of columns (rows) alike the first stays.
        outliers: how many rows may stay uncovered.

    References:
        Garfinkel and Nemhauser, "Integer Programming", 1972, chapter 8; for outliers the counts are raised by one each.

    Example:
        >>> left = reduce(sparse.csr_array(np.array([[1, 1, 0], [0, 1, 1]])), outliers=0)
        >>> left.taken, left.matrix.shape
        ([1], (0, 0))
    """
    matrix = sparse.csr_array(matrix, dtype=np.int32)
    left = Reduced(matrix, np.arange(matrix.shape[1]), [])
    before = (-1, -1)
    while before != left.matrix.shape and left.matrix.shape[0]:
        before = left.matrix.shape
        _take_forced(left, outliers)
        _keep(left, columns=~_contained(left.matrix.T.tocsr(), more_than=0))
        _take_forced(left, outliers)
        _keep(left, rows=~_containing(left.matrix, more_than=outliers))
    return left


def _keep(left: Reduced, rows: Any = None, columns: Any = None) -> None:
    if rows is not None:
        left.matrix = left.matrix[np.flatnonzero(rows)]
    used = np.bincount(left.matrix.indices, minlength=left.matrix.shape[1]) > 0
    kept = np.flatnonzero(used if columns is None else used & columns)
    left.matrix = left.matrix[:, kept]
    left.columns = left.columns[kept]


def _take_forced(left: Reduced, outliers: int) -> None:
    """Take the columns that more than `outliers` rows depend on, and remove what they cover."""
    single = np.flatnonzero(np.diff(left.matrix.indptr) == 1)
    only = left.matrix.indices[left.matrix.indptr[single]]
    forced = np.flatnonzero(np.bincount(only, minlength=left.matrix.shape[1]) > outliers)
    if len(forced):
        left.taken += left.columns[forced].tolist()
        covered = np.asarray(left.matrix[:, forced].sum(axis=1)).ravel() > 0
        _keep(left, rows=~covered)


def _contained(sets: Any, more_than: int) -> Any:
    """Which sets, rows of a sparse matrix, lie within more than so many others; of equal ones, earlier ones count."""
    return _dominance(sets, more_than, inner=True)


def _containing(sets: Any, more_than: int) -> Any:
    """Which sets hold more than so many others; of equal ones, earlier ones count."""
    return _dominance(sets, more_than, inner=False)


def _dominance(sets: Any, more_than: int, inner: bool) -> Any:
    """Compare all sets that share an element, some at a time; nothing is said where those are too many."""
    sizes = np.diff(sets.indptr)
    dominated = np.zeros(len(sizes), dtype=bool)
    if not len(sizes):
        return dominated
    members = sets.T.tocsr()  # (elements, sets)
    shared = sets @ np.diff(members.indptr)  # (sets,) how many entries there are to compare
    if int(shared.sum()) > MOST_PAIRS:
        return dominated
    ends = np.cumsum(shared)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + PAIRS_AT_ONCE, side="right")))
        common = (sets[start:stop] @ members).tocoo()  # (some sets, sets) how many elements they share
        some, others = common.row + start, common.col
        smaller, larger = (some, others) if inner else (others, some)
        within = common.data == sizes[smaller]
        ahead = (sizes[smaller] < sizes[larger]) | (others < some)
        counts = np.bincount(some[within & ahead] - start)
        dominated[start : start + len(counts)] = counts > more_than
        start = stop
    return dominated


def greedy_cover(matrix: Any, outliers: int, most: int) -> IntArray | None:
    """Columns that cover all rows but `outliers`: always the one that covers most that is not covered yet.

    None where that takes more than `most`.

    Example:
        >>> greedy_cover(sparse.csr_array(np.array([[1, 1, 0], [0, 1, 1], [0, 0, 1]])), outliers=0, most=2)
        array([1, 2])
    """
    rows, columns = sparse.csr_array(matrix), sparse.csc_array(matrix)
    gains = np.diff(columns.indptr).astype(np.int64)
    uncovered = np.ones(rows.shape[0], dtype=bool)
    left = rows.shape[0] - outliers
    chosen: list[int] = []
    while left > 0:
        if len(chosen) == most:
            return None
        best = int(gains.argmax())
        chosen.append(best)
        new = columns.indices[columns.indptr[best] : columns.indptr[best + 1]]
        new = new[uncovered[new]]
        uncovered[new] = False
        left -= len(new)
        gains -= np.bincount(rows[new].indices, minlength=len(gains))
    return np.array(chosen, dtype=np.int64)
