"""Heads on features go through the same training and the same clean pass as networks on pixels."""

from __future__ import annotations

import warnings
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from swither.data.augmentation import Normalisation
from swither.data.features import Features
from swither.data.image_set import ImageSet
from swither.dynamics import LabelHistory
from swither.models import ModelSettings, build_model
from swither.models.feature_head import FeatureHead
from swither.training import Recipe, clean_pass, feeding, fit, predict, predict_labels, sampled_logits
from swither.training.recording import PoolRecorder

clean_pass_module = import_module("swither.training.clean_pass")  # the function bears the same name

RECIPE = Recipe(epochs=6, batch_size=16, least_steps=0)


@pytest.fixture
def images(make_images) -> ImageSet:  # type: ignore[no-untyped-def]
    whole = make_images(600)
    draw = np.random.default_rng(0)
    values = draw.normal(size=(3, 10))[whole.labels] + 0.5 * draw.normal(size=(600, 10))
    rows = draw.permutation(600)
    stored = np.zeros((600, 10), np.float16)
    stored[rows] = values
    return replace(whole, features=Features(stored, rows, "key", "made up"))


def head(images: ImageSet) -> FeatureHead:
    made = build_model(ModelSettings("features"), images.image_shape, images.classes, 0, 10)
    assert isinstance(made, FeatureHead)
    made.standardise_by(torch.from_numpy(images.inputs(slice(None))))
    return made


class Stops:
    """An observer that is interrupted."""

    def after_batch(self, ids: object, labels: object, logits: object) -> None: ...

    def after_epoch(self, epoch: int, model: nn.Module) -> None:
        if epoch == 4:
            raise KeyboardInterrupt

    def resume(self, epochs: int) -> None: ...


def test_a_head_learns_and_an_interruption_changes_no_bit(images: ImageSet, tmp_path: Path) -> None:
    labelled = images.take(np.arange(60))
    whole = fit(head(labelled), labelled, RECIPE, seed=1)
    file = tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        fit(head(labelled), labelled, RECIPE, seed=1, observers=[Stops()], checkpoint=file, checkpoint_seconds=0)
    assert file.exists()
    again = fit(head(labelled), labelled, RECIPE, seed=1, checkpoint=file)
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, again.model.state_dict()[name])
    right = predict_labels(whole.model, images, whole.normalisation) == images.labels
    assert right[60:].mean() > 0.9


def test_logits_alone_are_those_of_the_clean_pass_and_of_the_plain_product(images: ImageSet) -> None:
    trained = fit(head(images), images.take(np.arange(40)), RECIPE, seed=1)
    alone = predict_labels(trained.model, images, trained.normalisation)
    both = predict(trained.model, images, trained.normalisation)
    assert np.array_equal(alone, both.labels)
    weight, bias = (trained.model.state_dict()[f"head.1.{name}"].numpy() for name in ("weight", "bias"))
    np.testing.assert_allclose(both.logits, both.embeddings @ weight.T + bias, rtol=1e-3, atol=1e-4)
    sizes = [len(logits) for _, logits, _ in clean_pass(trained.model, images, trained.normalisation)]
    assert sizes == [256, 256, 88]


def test_recording_a_pool_changes_no_bit_and_records_its_labels(images: ImageSet) -> None:
    labelled, pool = images.take(np.arange(40)), images.take(np.arange(40, 600))
    history = LabelHistory.create(pool.ids, pool.classes, confidence=True)
    plain = fit(head(labelled), labelled, RECIPE, seed=1)
    recorder = PoolRecorder(history, pool, plain.normalisation)
    recorded = fit(head(labelled), labelled, RECIPE, seed=1, observers=[recorder])
    assert torch.equal(plain.model.state_dict()["head.1.weight"], recorded.model.state_dict()["head.1.weight"])
    assert history.epochs == 6
    assert np.array_equal(history.labels[-1], predict_labels(plain.model, pool, plain.normalisation))


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("hidden", [None, 5])
def test_epochs_recorded_together_are_those_recorded_one_by_one(
    images: ImageSet, tmp_path: Path, every: int, hidden: int | None
) -> None:
    labelled, pool = images.take(np.arange(40)), images.take(np.arange(40, 600))
    histories = []
    for at_once in (1, 4, 100):
        made = build_model(ModelSettings("features", hidden), images.image_shape, images.classes, 0, 10)
        assert isinstance(made, FeatureHead)
        made.standardise_by(torch.from_numpy(labelled.inputs(slice(None))))
        folder = tmp_path / str(at_once)
        history = LabelHistory.create(pool.ids, pool.classes, folder=folder, confidence=True)
        recorder = PoolRecorder(history, pool, Normalisation.of(labelled), "cpu", every=every, at_once=at_once)
        fit(made, labelled, RECIPE, seed=1, observers=[recorder])
        histories.append([(folder / name).read_bytes() for name in ("labels.npy", "confidence.npy", "history.json")])
    assert LabelHistory.open(tmp_path / "4").epochs == 6 // every
    assert histories[0] == histories[1] == histories[2]


def test_epochs_that_wait_are_recorded_before_a_checkpoint_counts_on_them(images: ImageSet, tmp_path: Path) -> None:
    labelled, pool = images.take(np.arange(40)), images.take(np.arange(40, 600))
    file, folder = tmp_path / "checkpoint", tmp_path / "history"
    whole = LabelHistory.create(pool.ids, pool.classes)
    fit(head(labelled), labelled, RECIPE, seed=1, observers=[PoolRecorder(whole, pool, Normalisation.of(labelled))])
    history = LabelHistory.create(pool.ids, pool.classes, folder=folder)
    recorder = PoolRecorder(history, pool, Normalisation.of(labelled), "cpu", at_once=100)
    with pytest.raises(KeyboardInterrupt):
        fit(
            head(labelled),
            labelled,
            RECIPE,
            seed=1,
            observers=[recorder, Stops()],
            checkpoint=file,
            checkpoint_seconds=0,
        )
    history = LabelHistory.open(folder)
    assert history.epochs == 3, "the fourth was interrupted, and is lost with its step"
    recorder = PoolRecorder(history, pool, Normalisation.of(labelled), "cpu", at_once=100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a gap would set the checkpoint aside
        fit(head(labelled), labelled, RECIPE, seed=1, observers=[recorder], checkpoint=file)
    assert np.array_equal(history.labels, whole.labels)


def test_dropout_passes_differ_and_repeat(images: ImageSet) -> None:
    trained = fit(head(images), images.take(np.arange(40)), RECIPE, seed=1)
    passes = sampled_logits(trained.model, images, trained.normalisation, passes=2, seed=3)
    assert passes[0].shape == (600, 3)
    assert not np.array_equal(passes[0], passes[1])
    assert np.array_equal(passes[0], passes[0])


def test_a_head_fed_from_the_card_equals_one_fed_from_the_host(
    images: ImageSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, labels = [], []
    for on_card in (False, True):
        for module in (feeding, clean_pass_module):
            monkeypatch.setattr(module, "lies_on_device", lambda images, device, answer=on_card: answer)
        trained = fit(head(images), images.take(np.arange(50)[::-1]), RECIPE, seed=1)
        weights.append(trained.model.state_dict()["head.1.weight"])
        labels.append(predict_labels(trained.model, images, trained.normalisation))
    assert torch.equal(weights[0], weights[1])
    assert np.array_equal(labels[0], labels[1])


def test_even_batches_move_the_weights_as_far_in_every_step(images: ImageSet) -> None:
    labelled, sizes = images.take(np.arange(35)), []

    class Sizes(Stops):
        def after_batch(self, ids: object, labels: object, logits: object) -> None:
            sizes.append(len(logits))  # type: ignore[arg-type]

        def after_epoch(self, epoch: int, model: nn.Module) -> None: ...

    for even in (False, True):
        fit(
            head(labelled),
            labelled,
            Recipe(
                epochs=1, batch_size=16, least_steps=0, least_steps_per_epoch=1, least_batch_size=8, even_batches=even
            ),
            seed=1,
            observers=[Sizes()],
        )
    assert sizes == [16, 16, 3, 12, 12, 11]
