import numpy as np
import pytest

from swither.dynamics import wrong_labels
from swither.errors import InputError


def _plain(probabilities, given):
    """The rule in loops."""
    classes = len(probabilities[0])
    usual = []
    for k in range(classes):
        own = [row[k] for row, label in zip(probabilities, given, strict=True) if label == k]
        usual.append(sum(own) / len(own) if own else float("inf"))
    suspect, suggested, doubt = [], [], []
    for row, label in zip(probabilities, given, strict=True):
        others = [k for k in range(classes) if k != label]
        suspect.append(any(row[k] >= usual[k] - 1e-15 and row[k] > row[label] for k in others))
        best = max(others, key=lambda k: (row[k], -k))
        suggested.append(best)
        doubt.append(row[best] - row[label])
    return suspect, suggested, doubt


@pytest.mark.parametrize("seed", range(10))
def test_the_rule_differs_from_plain_loops(seed):
    draws = np.random.default_rng(seed)
    samples, classes = int(draws.integers(2, 80)), int(draws.integers(2, 7))
    probabilities = draws.dirichlet(np.full(classes, 0.5), size=samples)
    given = draws.integers(0, classes, size=samples)
    suspect, suggested, doubt = _plain(probabilities.tolist(), given.tolist())
    found = wrong_labels(probabilities, given)
    assert found.suspect.tolist() == suspect
    assert found.suggested.tolist() == suggested
    np.testing.assert_allclose(found.doubt, doubt, atol=1e-15)


def test_planted_labels_are_not_what_is_found():
    draws = np.random.default_rng(1)
    truth = draws.integers(0, 4, size=1000)
    probabilities = np.full((1000, 4), 0.05)
    probabilities[np.arange(1000), truth] = 0.85
    given = truth.copy()
    planted = draws.choice(1000, 50, replace=False)
    given[planted] = (given[planted] + draws.integers(1, 4, size=50)) % 4
    found = wrong_labels(probabilities, given)
    assert np.flatnonzero(found.suspect).tolist() == sorted(planted.tolist())
    assert (found.suggested[planted] == truth[planted]).all()


def test_a_class_that_nobody_gave_is_suggested_as_if_it_were_claimed():
    found = wrong_labels([[0.2, 0.3, 0.5], [0.3, 0.6, 0.1]], [0, 1])
    assert found.suspect.tolist() == [False, False]


@pytest.mark.parametrize(
    ("probabilities", "given", "words"),
    [
        ([[2.0, -1.0]], [0], "add up to 1"),
        ([[0.5, 0.5]], [2], "labels in 0 .. 1"),
        ([[0.5, 0.5]], [0, 1], "one row of probabilities per label"),
        ([[1.0]], [0], "two classes"),
        ([[np.nan, 1.0]], [0], "add up to 1"),
    ],
)
def test_arrays_that_do_not_fit_are_taken(probabilities, given, words):
    with pytest.raises(InputError, match=words):
        wrong_labels(probabilities, given)
