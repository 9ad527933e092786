from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import sparse

from swither.acquisition import set_cover
from swither.acquisition.set_cover import greedy_cover, reduce
from swither.arrays import IntArray


def question(draw: np.random.Generator) -> IntArray:
    """A small covering question, no row empty."""
    rows, columns = draw.integers(1, 9, size=2)
    matrix = (draw.random((rows, columns)) < draw.uniform(0.1, 0.7)).astype(np.int32)
    matrix[np.arange(rows), draw.integers(0, columns, size=rows)] = 1
    return matrix


def fewest(matrix: IntArray, outliers: int) -> int:
    """By trying all choices of columns: how few cover all rows but the outliers."""
    for size in range(matrix.shape[1] + 1):
        for chosen in itertools.combinations(range(matrix.shape[1]), size):
            if int((matrix[:, chosen].sum(axis=1) == 0).sum()) <= outliers:
                return size
    raise AssertionError("a row is empty")


@pytest.mark.parametrize("outliers", [0, 1, 2, 3])
def test_reductions_change_no_answer(outliers: int) -> None:
    for seed in range(120):
        matrix = question(np.random.default_rng([seed, outliers]))
        left = reduce(sparse.csr_array(matrix), outliers)
        core = left.matrix.toarray()
        assert len(left.taken) + fewest(core, outliers) == fewest(matrix, outliers), seed
        chosen = [*left.taken, *left.columns[solution(core, outliers)]]
        assert int((matrix[:, chosen].sum(axis=1) == 0).sum()) <= outliers, seed


def solution(matrix: IntArray, outliers: int) -> list[int]:
    size = fewest(matrix, outliers)
    choices = itertools.combinations(range(matrix.shape[1]), size)
    return list(next(c for c in choices if int((matrix[:, c].sum(axis=1) == 0).sum()) <= outliers))


def test_comparing_few_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    matrices = [question(np.random.default_rng(seed)) for seed in range(30)]
    expected = [reduce(sparse.csr_array(matrix), 1) for matrix in matrices]
    monkeypatch.setattr(set_cover, "PAIRS_AT_ONCE", 3)
    for matrix, whole in zip(matrices, expected, strict=True):
        left = reduce(sparse.csr_array(matrix), 1)
        assert left.taken == whole.taken
        np.testing.assert_array_equal(left.matrix.toarray(), whole.matrix.toarray())


def test_a_question_too_large_to_compare_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_cover, "MOST_PAIRS", 0)
    matrix = np.ones((3, 3), dtype=np.int32)
    left = reduce(sparse.csr_array(matrix), 0)
    assert left.taken == []
    np.testing.assert_array_equal(left.matrix.toarray(), matrix)


def test_of_rows_alike_more_stay_than_may_be_outliers() -> None:
    matrix = sparse.csr_array(np.repeat([[1, 1, 0], [0, 1, 1]], 5, axis=0))
    assert reduce(matrix, 10).matrix.shape == (10, 1)  # all may be outliers, then nothing is taken
    assert reduce(matrix, 9).taken == [1]
    triangle = sparse.csr_array(np.repeat([[1, 1, 0], [0, 1, 1], [1, 0, 1]], 5, axis=0))
    assert [reduce(triangle, outliers).matrix.shape[0] for outliers in range(6)] == [3, 6, 9, 12, 15, 15]


@pytest.mark.parametrize("outliers", [0, 2])
def test_a_greedy_cover_covers_and_keeps_to_its_limit(outliers: int) -> None:
    for seed in range(50):
        matrix = question(np.random.default_rng(seed))
        cover = greedy_cover(sparse.csr_array(matrix), outliers, most=matrix.shape[1])
        assert cover is not None
        assert int((matrix[:, cover].sum(axis=1) == 0).sum()) <= outliers
        assert len(cover) >= fewest(matrix, outliers)
        if len(cover):
            assert greedy_cover(sparse.csr_array(matrix), outliers, most=len(cover) - 1) is None
