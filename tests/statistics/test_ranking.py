from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from swither.errors import InputError
from swither.statistics import auroc


def random_scores(seed: int, levels: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores of few levels, so that many are equal, and at least one positive and one negative sample."""
    generator = np.random.default_rng(seed)
    samples = int(generator.integers(2, 60))
    positive = generator.random(samples) < generator.uniform(0.1, 0.9)
    positive[:2] = [True, False]
    return generator.integers(0, levels, samples) / levels, positive


def counted(scores: np.ndarray, positive: np.ndarray) -> float:
    """Every pair, one by one."""
    won = 0.0
    for hit in scores[positive]:
        for miss in scores[~positive]:
            won += 1.0 if hit > miss else 0.5 if hit == miss else 0.0
    return won / (positive.sum() * (~positive).sum())


@pytest.mark.parametrize("levels", [1, 3, 1000])
@pytest.mark.parametrize("seed", range(10))
def test_it_is_the_share_of_pairs_and_scikit_learns(seed: int, levels: int) -> None:
    scores, positive = random_scores(seed, levels)
    assert auroc(scores, positive) == pytest.approx(counted(scores, positive))
    assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


def test_the_order_of_samples_and_the_scale_of_scores_do_not_count() -> None:
    scores, positive = random_scores(3, 20)
    order = np.random.default_rng(0).permutation(len(scores))
    assert auroc(scores[order], positive[order]) == auroc(scores, positive)
    assert auroc(np.exp(7 * scores), positive) == auroc(scores, positive)
    assert auroc(-scores, positive) == pytest.approx(1 - auroc(scores, positive))


def test_equal_scores_are_worth_half() -> None:
    assert auroc([1, 1, 1], [True, False, False]) == 0.5


def test_infinite_scores_are_ranked() -> None:
    assert auroc([np.inf, 0.0, -np.inf], [True, False, False]) == 1.0


@pytest.mark.parametrize("positive", [[True, True], [False, False]])
def test_without_a_pair_nothing_is_known(positive: list[bool]) -> None:
    assert math.isnan(auroc([0.1, 0.2], positive))


def test_truth_values_may_be_numbers() -> None:
    assert auroc([0.1, 0.2], [0, 1]) == 1.0


@pytest.mark.parametrize(
    ("scores", "positive", "said"),
    [
        ([0.1, float("nan")], [True, False], "1 of 2 scores are NaN"),
        ([[0.1, 0.2]], [True, False], "one score for each sample"),
        (["a", "b"], [True, False], "one score for each sample"),
        ([0.1, 0.2], [True], "positive of shape"),
        ([0.1, 0.2], [0, 2], "truth values"),
    ],
)
def test_what_cannot_be_ranked_is_refused(scores: list[object], positive: list[object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        auroc(scores, positive)
