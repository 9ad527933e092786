from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from swither.arrays import IntArray, StrArray
from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.dynamics import LabelHistory, TrainingHistory
from swither.errors import DamagedState, InputError
from swither.models import ModelSettings, Network, build_model
from swither.training import PoolRecorder, Recipe, TrainingRecorder, fit, predict, predict_labels
from swither.training.clean_pass import predict_top

MakeImages = Callable[..., ImageSet]

RECIPE = Recipe(epochs=6, least_steps=0)


def tiny(images: ImageSet) -> Network:
    return build_model(ModelSettings("tiny", width=4), images.image_shape, images.classes, seed=1)


class KeepsPredictions:
    """What the pool recorder should have recorded, and each epoch's batches."""

    def __init__(self, pool: ImageSet, normalisation: Normalisation) -> None:
        self.pool, self.normalisation = pool, normalisation
        self.labels: list[IntArray] = []
        self.batches: list[dict[str, Tensor]] = [{}]

    def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:
        self.batches[-1].update(zip(ids.tolist(), logits.clone(), strict=True))

    def after_epoch(self, epoch: int, model: nn.Module) -> None:
        self.labels.append(predict_labels(model, self.pool, self.normalisation))
        self.batches.append({})

    def resume(self, epochs: int) -> None:
        assert epochs == 0


@pytest.mark.parametrize("every", [1, 2, 4])
def test_the_pool_is_recorded_as_predicted_at_multiples_of_every(make_images: MakeImages, every: int) -> None:
    images, pool = make_images(40), make_images(140, seed=1)
    normalisation = Normalisation.of(images)
    history = LabelHistory.create(pool.ids[::-1], 3, confidence=True)  # in another order than the pool
    expected = KeepsPredictions(pool, normalisation)
    recorder = PoolRecorder(history, pool, normalisation, "cpu", every=every)
    fitted = fit(tiny(images), images, RECIPE, seed=2, observers=[recorder, expected])
    assert np.array_equal(history.of(pool.ids), np.array(expected.labels)[every - 1 :: every])
    if every == 1:
        probabilities = predict(fitted.model, pool, normalisation).probabilities.max(1)
        assert history.confidence is not None
        assert np.allclose(history.confidence[-1][::-1], probabilities, atol=1e-3)


def test_resuming_keeps_the_rows_of_the_epochs_that_are_kept(make_images: MakeImages) -> None:
    images, pool = make_images(40), make_images(20, seed=1)
    for every, kept in ((1, 5), (2, 2), (3, 1)):
        history = LabelHistory.create(pool.ids, 3)
        recorder = PoolRecorder(history, pool, Normalisation.of(images), every=every)
        fit(tiny(images), images, RECIPE, seed=2, observers=[recorder])
        rows = np.array(history.labels)
        recorder.resume(5)
        assert np.array_equal(history.labels, rows[:kept])
        with pytest.raises(DamagedState, match="recorded epochs"):
            recorder.resume(100)


def test_the_training_record_is_of_the_batches_themselves(make_images: MakeImages) -> None:
    images = make_images(41)
    history = TrainingHistory.create(images.ids, 3, images.labels)
    seen = KeepsPredictions(images, Normalisation.of(images))
    fit(tiny(images), images, RECIPE, seed=2, observers=[TrainingRecorder(history), seen])
    assert history.epochs == 6
    for epoch in range(6):
        for column, (sample, label) in enumerate(zip(images.ids, images.labels, strict=True)):
            logits = seen.batches[epoch][str(sample)]
            others = torch.cat([logits[:label], logits[label + 1 :]])
            assert history.labels[epoch, column] == logits.argmax()
            assert history.margins[epoch, column] == pytest.approx(float(logits[label] - others.max()), abs=0.01)
            assert history.probabilities[epoch, column] == pytest.approx(float(logits.softmax(0)[label]), abs=1e-3)


def test_an_epoch_that_was_begun_is_dropped_on_resuming(make_images: MakeImages) -> None:
    images = make_images(20)
    history = TrainingHistory.create(images.ids, 3, images.labels)
    recorder = TrainingRecorder(history)
    recorder.after_batch(images.ids[:5], images.labels[:5], torch.zeros(5, 3))
    recorder.resume(0)
    fit(tiny(images), images, RECIPE, seed=2, observers=[recorder])
    assert history.epochs == 6


def test_recording_every_zeroth_epoch_is_refused(make_images: MakeImages) -> None:
    pool = make_images(20)
    with pytest.raises(InputError, match="every 1 or more"):
        PoolRecorder(LabelHistory.create(pool.ids, 3), pool, Normalisation.of(pool), every=0)


@pytest.mark.parametrize("classes", [3, 300])
def test_labels_gathered_on_the_device_equal_those_made_of_logits_on_the_host(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch, classes: int
) -> None:
    images, pool = make_images(40, classes=3), make_images(140, seed=1)
    images, pool = (replace(s, class_names=tuple(map(str, range(classes)))) for s in (images, pool))
    histories = []
    for gathers in (False, True):
        monkeypatch.setattr("swither.training.recording.gathers_on", lambda device, answer=gathers: answer)
        history = LabelHistory.create(pool.ids, classes, confidence=True)
        fit(tiny(images), images, RECIPE, seed=0, observers=[PoolRecorder(history, pool, Normalisation.of(images))])
        histories.append(history)
    ours, theirs = histories
    assert np.array_equal(ours.labels, theirs.labels)
    assert ours.confidence is not None
    assert theirs.confidence is not None
    np.testing.assert_allclose(ours.confidence, theirs.confidence, rtol=2e-3)


def test_a_diverged_network_is_not_recorded_as_if_it_had_answered(make_images: MakeImages) -> None:
    images = make_images(40)
    network = tiny(images)
    torch.nn.init.constant_(network.head[-1].weight, float("nan"))
    with pytest.raises(InputError, match="NaN or infinity for 40 of 40"):
        predict_top(network, images, Normalisation.of(images))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_card_records_what_the_cpu_records_of_the_same_network(make_images: MakeImages) -> None:
    images, pool = make_images(40), make_images(140, seed=1)
    network, normalisation = tiny(images), Normalisation.of(images)
    here = predict_top(network, pool, normalisation)
    there = predict_top(network.cuda(), pool, normalisation, device="cuda")
    assert np.mean(here.labels != there.labels) < 0.02
    np.testing.assert_allclose(there.confidence, here.confidence, atol=1e-3)
