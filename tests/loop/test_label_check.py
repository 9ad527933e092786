from dataclasses import replace

import numpy as np
import pytest
import torch

from swither.data.features import Features
from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.loop import label_check
from swither.loop.label_check import check_labels
from swither.loop.settings import LearnerSettings
from swither.models.settings import ModelSettings
from swither.training.recipe import recipe_for

SETTINGS = LearnerSettings("random", model=ModelSettings("features"), recipe=recipe_for("features"), seed=3)


def _blobs(samples=150, classes=3, planted=8, seed=0):
    """Well separated features, some with a wrong label: the set and where the wrong ones are."""
    draws = np.random.default_rng(seed)
    truth = np.arange(samples) % classes
    centres = draws.normal(size=(classes, 16)) * 3
    values = (centres[truth] + draws.normal(size=(samples, 16))).astype(np.float32)
    wrong = np.sort(draws.choice(samples, planted, replace=False))
    given = truth.copy()
    given[wrong] = (given[wrong] + 1) % classes
    ids = np.array([f"{n:04d}" for n in range(samples)])
    rows = np.arange(samples)
    images = ImageSet(
        pixels=np.zeros((samples, 0, 0, 1), np.uint8),
        rows=rows,
        ids=ids,
        labels=given.astype(np.int64),
        class_names=tuple("abc"[:classes]),
        paths=ids,
        features=Features(values, rows, "blobs", "blobs"),
    )
    return images, wrong, truth


def test_planted_wrong_labels_are_not_found_or_the_right_one_is_not_suggested():
    images, wrong, truth = _blobs()
    check = check_labels(images, SETTINGS)
    assert np.flatnonzero(check.found.suspect).tolist() == wrong.tolist()
    assert (check.found.suggested[wrong] == truth[wrong]).all()
    assert sorted(check.ranked().tolist()) == wrong.tolist()
    right = np.setdiff1d(np.arange(len(images)), wrong)
    assert check.aum[wrong].max() < np.median(check.aum[right])
    assert check.confidence[wrong].mean() < check.confidence[right].mean()


def test_a_label_is_judged_by_a_network_that_was_trained_on_it(monkeypatch):
    images, _, _ = _blobs(samples=31)
    seen, fit = [], label_check.fit

    def spy(model, trained, *args, **kwargs):
        seen.append(set(trained.ids.tolist()))
        return fit(model, trained, *args, **kwargs)

    monkeypatch.setattr(label_check, "fit", spy)
    check = check_labels(images, SETTINGS, folds=4)
    left_out = [set(images.ids.tolist()) - ids for ids in seen]
    assert sum(map(len, left_out)) == len(set.union(*left_out)) == len(images)
    np.testing.assert_allclose(check.probabilities.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(check.last.sum(axis=1), 1, atol=1e-6)


def test_the_same_check_twice_differs_or_global_draws_change_it():
    images, _, _ = _blobs(samples=40)
    first = check_labels(images, SETTINGS, folds=2)
    torch.manual_seed(7)
    second = check_labels(images, SETTINGS, folds=2)
    np.testing.assert_array_equal(first.probabilities, second.probabilities)
    np.testing.assert_array_equal(first.aum, second.aum)


def test_progress_is_not_told_fold_by_fold():
    images, _, _ = _blobs(samples=24)
    told = []
    check_labels(images, SETTINGS, folds=3, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_what_cannot_be_checked_is_trained_on():
    images, _, _ = _blobs(samples=24)
    with pytest.raises(InputError, match="folds"):
        check_labels(images, SETTINGS, folds=13)
    with pytest.raises(InputError, match="without a label"):
        check_labels(images.without_labels(), SETTINGS)
    with pytest.raises(InputError, match="same class"):
        check_labels(images.take(images.labels == 0), SETTINGS, folds=2)


def test_a_near_copy_of_an_image_is_trained_on_while_the_image_is_judged(monkeypatch):
    images, _, _ = _blobs(samples=60)
    groups = np.array([f"{n // 4}" for n in range(60)])
    seen, fit = [], label_check.fit

    def spy(model, trained, *args, **kwargs):
        seen.append(set(trained.groups.tolist()))
        return fit(model, trained, *args, **kwargs)

    monkeypatch.setattr(label_check, "fit", spy)
    check_labels(replace(images, groups=groups), SETTINGS, folds=3)
    left_out = [set(groups.tolist()) - trained for trained in seen]
    assert sum(map(len, left_out)) == 15
