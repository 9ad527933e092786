from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from sklearn import metrics

from swither.errors import InputError
from swither.statistics import accuracy, balanced_accuracy, confusion, macro_f1, recall_per_class


def random_labels(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """True and predicted labels in which some classes do not occur."""
    generator = np.random.default_rng(seed)
    classes = int(generator.integers(2, 8))
    samples = int(generator.integers(1, 60))
    present = generator.choice(classes, size=max(1, classes - 1), replace=False)
    labels = generator.choice(present, size=samples)
    predicted = np.where(generator.random(samples) < 0.5, labels, generator.integers(0, classes, samples))
    return labels, predicted, classes


@pytest.mark.parametrize("seed", range(40))
def test_every_measure_is_scikit_learns(seed: int) -> None:
    labels, predicted, classes = random_labels(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of classes that do not occur
        balanced = metrics.balanced_accuracy_score(labels, predicted)
        f1 = metrics.f1_score(labels, predicted, average="macro")
        recall = metrics.recall_score(labels, predicted, average=None, labels=range(classes), zero_division=np.nan)
        table = metrics.confusion_matrix(labels, predicted, labels=range(classes))

    assert accuracy(labels, predicted) == pytest.approx(metrics.accuracy_score(labels, predicted))
    assert balanced_accuracy(labels, predicted, classes) == pytest.approx(balanced)
    assert macro_f1(labels, predicted, classes) == pytest.approx(f1)
    np.testing.assert_allclose(recall_per_class(labels, predicted, classes), recall)
    np.testing.assert_array_equal(confusion(labels, predicted, classes), table)


def test_rows_of_the_confusion_are_true_classes() -> None:
    assert confusion([0, 0], [1, 1], classes=2).tolist() == [[0, 2], [0, 0]]


def test_a_class_without_a_sample_has_no_recall_and_does_not_lower_the_mean() -> None:
    recall = recall_per_class([0, 1], [0, 1], classes=3)

    assert math.isnan(recall[2])
    assert balanced_accuracy([0, 1], [0, 1], classes=3) == 1.0


def test_small_label_types_do_not_overflow() -> None:
    labels = np.full(3, 199, dtype=np.uint8)

    assert confusion(labels, labels, classes=200)[199, 199] == 3


@pytest.mark.parametrize(
    ("labels", "predicted"),
    [([], []), ([0], [0, 1]), ([0], [2]), ([-1], [0]), ([0.5], [0.5])],
    ids=["none", "unequal", "too high", "unlabelled", "no integers"],
)
def test_what_are_no_labels_is_refused(labels: list[int], predicted: list[int]) -> None:
    with pytest.raises(InputError, match="Expected"):
        confusion(labels, predicted, classes=2)
