from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
import torch

from swither.arrays import IntArray
from swither.data.augmentation import Normalisation, to_tensor
from swither.data.batches import batches
from swither.data.features import Features
from swither.data.image_set import ImageSet
from swither.errors import UnknownName
from swither.loop.settings import LearnerSettings
from swither.models import ModelSettings, build_model
from swither.models.feature_head import FeatureHead
from swither.randomness import derive
from swither.training import Recipe, fit, graphs
from swither.training.class_weights import class_weights
from swither.training.weights import tensors_digest

MakeImages = Callable[..., ImageSet]

BALANCED = Recipe(epochs=4, least_steps=0, crop_padding=0, flip=False, class_weights="balanced")


def imbalanced(images: ImageSet, counts: tuple[int, ...]) -> ImageSet:
    """So many images of each class."""
    kept = [np.flatnonzero(images.labels == label)[:count] for label, count in enumerate(counts)]
    return images.take(np.sort(np.concatenate(kept)))


@pytest.mark.parametrize("labels", [[0, 0, 0, 1], [2, 2], [0, 1, 2, 3], [4, 0, 0, 0, 0, 0, 0, 0, 4, 3]])
def test_every_labelled_class_weighs_the_same_in_all_and_an_image_one_on_average(labels: list[int]) -> None:
    weights = class_weights("balanced", np.array(labels), 5)
    assert weights is not None
    counts = Counter(labels)
    for label in range(5):
        wanted = len(labels) / (len(counts) * counts[label]) if label in counts else 0.0
        assert weights[label] == pytest.approx(wanted)
    assert np.mean(weights[labels]) == pytest.approx(1)


def test_an_unknown_way_to_weight_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"balanced.*none"):
        Recipe(class_weights="balance")


def by_hand(logits: torch.Tensor, labels: IntArray, weights: IntArray) -> torch.Tensor:
    """The weighted mean of minus the log of the right class's probability, image by image."""
    total, weight = torch.zeros(()), 0.0
    for row, label in zip(logits, labels.tolist(), strict=True):
        own = float(weights[label])
        total = total - own * (row[label] - torch.log(torch.exp(row).sum()))
        weight += own
    return total / weight


def test_weighted_training_takes_the_steps_of_a_loop_that_weights_by_hand(make_images: MakeImages) -> None:
    images = imbalanced(make_images(200), (22, 5, 2))
    model = build_model(ModelSettings("tiny", width=4, dropout=0.0), images.image_shape, images.classes, 1)
    fitted = fit(model, images, BALANCED, seed=3)

    plain = build_model(ModelSettings("tiny", width=4, dropout=0.0), images.image_shape, images.classes, 1).train()
    weights, normalisation = np.array([29 / (3 * count) for count in (22, 5, 2)]), Normalisation.of(images)
    optimiser = torch.optim.SGD(plain.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=5e-4)
    for epoch in range(1, 5):
        for group in optimiser.param_groups:
            group["lr"] = BALANCED.learning_rate_in(epoch, BALANCED.schedule(len(images)))
        generator = torch.Generator().manual_seed(derive(3, "epoch", epoch))
        for _, pixels, labels in batches(images, 8, generator=generator, join_lone=True):
            optimiser.zero_grad()
            logits, _ = plain(to_tensor(pixels, normalisation).contiguous())
            by_hand(logits, labels, weights).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    for (name, trained), expected in zip(fitted.model.named_parameters(), plain.parameters(), strict=True):
        assert torch.allclose(trained, expected, atol=2e-4), name


def test_a_head_on_features_is_weighted_too(make_images: MakeImages) -> None:
    images = imbalanced(make_images(600), (60, 6, 4))
    draw = np.random.default_rng(0)
    values = (draw.normal(size=(3, 10))[images.labels] / 2 + draw.normal(size=(len(images), 10))).astype(np.float32)
    images = replace(images, features=Features(values, np.arange(len(images)), "key", "made up"))
    recipe = Recipe(epochs=40, batch_size=16, least_steps_per_epoch=1, least_steps=0)

    def answers(weights: str) -> IntArray:
        head = build_model(ModelSettings("features", dropout=0.0), images.image_shape, images.classes, 0, 10)
        assert isinstance(head, FeatureHead)
        head.standardise_by(torch.from_numpy(images.inputs(slice(None))))
        fitted = fit(head, images, replace(recipe, class_weights=weights), seed=1)
        with torch.inference_mode():
            return fitted.model(torch.from_numpy(values))[0].argmax(dim=1).numpy()

    rare = images.labels > 0
    assert (answers("balanced") == images.labels)[rare].sum() > (answers("none") == images.labels)[rare].sum()
    assert (answers("balanced") > 0).sum() > (answers("none") > 0).sum()


def test_weights_of_one_and_no_weights_train_to_the_same_network(make_images: MakeImages) -> None:
    images = imbalanced(make_images(100), (8, 8, 8))
    digests = []
    for kind in ("none", "balanced"):
        model = build_model(ModelSettings("tiny", width=4), images.image_shape, images.classes, 1)
        digests.append(fit(model, images, replace(BALANCED, class_weights=kind), seed=3).model.state_dict())
    for name, value in digests[0].items():
        assert torch.allclose(value, digests[1][name], atol=1e-4), name


def test_a_captured_step_is_weighted_as_a_plain_one(make_images: MakeImages, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the CPU, with a stand-in for the capture: the captured step is the same function of its batch."""
    images = imbalanced(make_images(200), (22, 5, 2))
    taken = []

    def stand_in(step: graphs.Step, example: torch.Tensor, changed: object) -> graphs.Step:
        taken.append(changed)
        return step

    def digest() -> str:
        model = build_model(ModelSettings("tiny", width=4), images.image_shape, images.classes, 1)
        return tensors_digest(fit(model, images, BALANCED, seed=3).model.state_dict())

    module = import_module("swither.training.fit")
    plain = digest()
    with monkeypatch.context() as patch:
        patch.setattr(module, "choose_graphs", lambda name, device, model: "steps")
        patch.setattr(module, "captured", stand_in)
        patch.setattr("swither.training.feeding.lies_on_device", lambda images, device: True)
        assert digest() == plain
    assert taken


def test_without_weights_the_keys_of_older_trainings_stay_as_they_were() -> None:
    fields_of_version_1 = {
        "epochs", "learning_rate", "momentum", "nesterov", "weight_decay", "decay_at", "decay_factor", "batch_size",
        "least_batch_size", "least_steps_per_epoch", "least_steps", "crop_padding", "flip",
    }  # fmt: skip
    plain = LearnerSettings("random")
    assert plain.training_values()["recipe"].keys() == fields_of_version_1
    assert plain.values["recipe"].keys() == fields_of_version_1
    balanced = LearnerSettings("random", recipe=Recipe(class_weights="balanced"))
    assert balanced.training_values()["recipe"].keys() == {*fields_of_version_1, "class_weights"}
    assert balanced.values != plain.values
