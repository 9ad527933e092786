from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import sparse

from swither.acquisition import cover_solver
from swither.acquisition.cover_solver import answer
from swither.arrays import IntArray


def question(draw: np.random.Generator) -> IntArray:
    """A small covering question, no row empty."""
    rows, columns = draw.integers(1, 9, size=2)
    matrix = (draw.random((rows, columns)) < draw.uniform(0.1, 0.7)).astype(np.int32)
    matrix[np.arange(rows), draw.integers(0, columns, size=rows)] = 1
    return matrix


def fewest(matrix: IntArray, outliers: int) -> int:
    """By trying all choices of columns: how few cover all rows but the outliers."""
    return next(
        size
        for size in range(matrix.shape[1] + 1)
        for chosen in itertools.combinations(range(matrix.shape[1]), size)
        if int((matrix[:, chosen].sum(axis=1) == 0).sum()) <= outliers
    )


def hard(rows: int = 40, seed: int = 0) -> IntArray:
    """A cover that reductions and greed do not settle."""
    return (np.random.default_rng(seed).random((rows, rows)) < 0.12).astype(np.int32) | np.eye(rows, dtype=np.int32)


@pytest.mark.parametrize("outliers", [0, 1, 2, 4])
def test_the_answer_is_that_of_trying_all_choices(outliers: int) -> None:
    for seed in range(60):
        matrix = question(np.random.default_rng([seed, outliers]))
        least = fewest(matrix, outliers)
        for budget in {max(0, least - 1), least, least + 1}:
            said = answer(sparse.csr_array(matrix), budget, outliers, nodes=100, seconds=60.0)
            assert said.verdict == ("yes" if budget >= least else "no"), (seed, budget)
            if said.verdict == "yes":
                assert len(set(said.columns.tolist())) == len(said.columns) <= budget
                assert int((matrix[:, said.columns].sum(axis=1) == 0).sum()) <= outliers


def test_rows_that_nothing_covers_are_outliers_or_a_no() -> None:
    matrix = sparse.csr_array(np.array([[1, 0], [0, 0], [0, 1]]))
    assert answer(matrix, 2, 0, nodes=10, seconds=9.0).verdict == "no"
    assert answer(matrix, 2, 1, nodes=10, seconds=9.0).verdict == "yes"
    assert answer(matrix, 1, 1, nodes=10, seconds=9.0).verdict == "no"


def test_limits_leave_a_question_open_and_say_which_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = sparse.csr_array(hard())
    verdicts = [answer(matrix, budget, 0, nodes=10_000, seconds=60.0).verdict for budget in range(40)]
    least = verdicts.index("yes")
    assert verdicts == ["no"] * least + ["yes"] * (40 - least)
    unsettled = [budget for budget in range(40) if answer(matrix, budget, 0, nodes=0, seconds=60.0).verdict == "open"]
    assert unsettled
    assert not answer(matrix, unsettled[0], 0, nodes=0, seconds=60.0).clock_cut
    assert answer(matrix, unsettled[0], 0, nodes=10, seconds=-1.0).clock_cut
    monkeypatch.setattr(cover_solver, "MOST_ENTRIES", 10)
    assert answer(matrix, unsettled[0], 0, nodes=10_000, seconds=60.0).verdict == "open"


def test_equal_limits_give_equal_columns() -> None:
    matrix = sparse.csr_array(hard(60, seed=1))
    for budget in range(8, 14):
        first = answer(matrix, budget, 1, nodes=50, seconds=60.0)
        second = answer(matrix, budget, 1, nodes=50, seconds=60.0)
        assert first.verdict == second.verdict
        assert first.columns.tolist() == second.columns.tolist()
