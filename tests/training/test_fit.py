from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from swither.arrays import IntArray, StrArray
from swither.data.augmentation import Normalisation, to_tensor
from swither.data.batches import batches
from swither.data.image_set import ImageSet
from swither.dynamics import LabelHistory, TrainingHistory
from swither.errors import InputError
from swither.models import ModelSettings, Network, build_model
from swither.randomness import derive
from swither.training import PoolRecorder, Recipe, TrainingRecorder, fit, predict_labels
from swither.training.weights import tensors_digest

MakeImages = Callable[..., ImageSet]

SHORT = Recipe(epochs=4, least_steps=0)


def tiny(images: ImageSet, dropout: float = 0.5, seed: int = 1) -> Network:
    return build_model(ModelSettings("tiny", width=4, dropout=dropout), images.image_shape, images.classes, seed)


def digest(model: nn.Module) -> str:
    return tensors_digest(model.state_dict())


class Watcher:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.batches: list[tuple[StrArray, IntArray, Tensor]] = []
        self.modes: list[bool] = []
        self.epochs: list[int] = []
        self.resumed: list[int] = []

    def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:
        self.batches.append((ids, labels, logits))

    def after_epoch(self, epoch: int, model: nn.Module) -> None:
        self.epochs.append(epoch)
        self.modes.append(model.training)

    def resume(self, epochs: int) -> None:
        self.resumed.append(epochs)


def test_a_network_learns_what_can_be_learnt(make_images: MakeImages) -> None:
    images, others = make_images(100, channels=3), make_images(200, channels=3, seed=1)
    recipe = Recipe(epochs=12, flip=False, least_steps=250)
    fitted = fit(tiny(images), images, recipe, seed=0)
    right = predict_labels(fitted.model, others, fitted.normalisation) == others.labels
    assert right.mean() > 0.9
    assert not fitted.model.training
    assert fitted.epochs * recipe.schedule(100).steps_per_epoch == fitted.steps >= 250


def test_training_takes_the_steps_of_a_plain_loop(make_images: MakeImages) -> None:
    images = make_images(25)
    recipe = Recipe(epochs=5, least_steps=0, crop_padding=0, flip=False, learning_rate=0.05)
    fitted = fit(tiny(images, dropout=0.0), images, recipe, seed=3)

    plain, normalisation = tiny(images, dropout=0.0).train(), Normalisation.of(images)
    optimiser = torch.optim.SGD(plain.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
    for epoch in range(1, 6):
        for group in optimiser.param_groups:
            group["lr"] = 0.05 if epoch <= 3 else 0.01 if epoch <= 4 else 0.002
        generator = torch.Generator().manual_seed(derive(3, "epoch", epoch))
        for _, pixels, labels in batches(images, 8, generator=generator, join_lone=True):
            optimiser.zero_grad()
            logits, _ = plain(to_tensor(pixels, normalisation).contiguous())
            functional.cross_entropy(logits, torch.from_numpy(labels)).backward()
            optimiser.step()
    for (name, trained), expected in zip(fitted.model.named_parameters(), plain.parameters(), strict=True):
        assert torch.allclose(trained, expected, atol=2e-4), name


def test_the_same_inputs_give_the_same_bits_and_another_seed_gives_others(make_images: MakeImages) -> None:
    images = make_images(40)
    torch.rand(3)
    first = digest(fit(tiny(images), images, SHORT, seed=5).model)
    torch.rand(4)
    assert digest(fit(tiny(images), images, SHORT, seed=5).model) == first
    assert digest(fit(tiny(images), images, SHORT, seed=6).model) != first


def test_recording_gives_bit_identical_weights_to_training_without(make_images: MakeImages) -> None:
    images, pool = make_images(40), make_images(150, seed=1)
    alone = fit(tiny(images), images, SHORT, seed=5)
    pool_history = LabelHistory.create(pool.ids, 3, confidence=True)
    training_history = TrainingHistory.create(images.ids, 3, images.labels)
    recorders = [
        PoolRecorder(pool_history, pool, alone.normalisation, "cpu"),
        TrainingRecorder(training_history),
    ]
    recorded = fit(tiny(images), images, SHORT, seed=5, observers=recorders)
    assert digest(recorded.model) == digest(alone.model)
    assert pool_history.epochs == training_history.epochs == 4


def test_an_observer_cannot_disturb_training_through_random_state_or_modes(make_images: MakeImages) -> None:
    class Careless(Watcher):
        def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:
            torch.rand(7)
            np.random.rand()  # noqa: NPY002

        def after_epoch(self, epoch: int, model: nn.Module) -> None:
            model.eval()
            torch.manual_seed(0)

    images = make_images(40)
    alone = fit(tiny(images), images, SHORT, seed=5)
    assert digest(fit(tiny(images), images, SHORT, seed=5, observers=[Careless()]).model) == digest(alone.model)


def test_a_network_found_in_evaluation_mode_is_trained_in_training_mode(make_images: MakeImages) -> None:
    images = make_images(40)
    expected = digest(fit(tiny(images), images, SHORT, seed=5).model)
    watcher = Watcher()
    assert digest(fit(tiny(images).eval(), images, SHORT, seed=5, observers=[watcher]).model) == expected
    assert all(watcher.modes)


def test_training_leaves_global_random_state_as_it_was(make_images: MakeImages) -> None:
    images = make_images(20)
    before, numpy_before = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    fit(tiny(images), images, SHORT, seed=5)
    assert torch.equal(before, torch.random.get_rng_state())
    assert (np.random.get_state()[1] == numpy_before).all()  # noqa: NPY002


@pytest.mark.parametrize("count", [16, 17, 18, 23, 40])
def test_every_image_is_seen_once_an_epoch_and_never_alone(make_images: MakeImages, count: int) -> None:
    images, watcher = make_images(count), Watcher()
    fit(tiny(images), images, SHORT, seed=5, observers=[watcher])
    per_epoch = SHORT.schedule(count).steps_per_epoch
    assert len(watcher.batches) == 4 * per_epoch
    assert watcher.epochs == [1, 2, 3, 4]
    orders = set()
    for start in range(0, len(watcher.batches), per_epoch):
        epoch = watcher.batches[start : start + per_epoch]
        ids = np.concatenate([batch for batch, _, _ in epoch])
        assert sorted(ids) == images.ids.tolist()
        assert min(len(batch) for batch, _, _ in epoch) > 1
        orders.add(tuple(ids))
    assert len(orders) == 4
    for ids, labels, logits in watcher.batches:
        assert (labels == images.labels[images.positions(ids)]).all()
        assert logits.shape == (len(ids), 3)
        assert not logits.requires_grad


def test_dropout_differs_from_step_to_step(make_images: MakeImages) -> None:
    class Masks(Network):
        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            masks.append(self.head[0](torch.ones(64)))
            return super().forward(images)

    masks: list[Tensor] = []
    images = make_images(20)
    fit(Masks(nn.Conv2d(1, 4, 3), 4, 3, 0.5), images, Recipe(epochs=3, least_steps=0), seed=5)
    assert len(masks) > 6
    assert all(not torch.equal(one, other) for one, other in itertools.combinations(masks, 2))


def test_a_loss_that_is_no_number_stops_the_training_at_once(make_images: MakeImages) -> None:
    images, watcher = make_images(20), Watcher()
    network = tiny(images)
    with torch.no_grad():
        network.head[1].bias[0] = float("nan")
    with pytest.raises(InputError, match=r"nan in epoch 1 at a learning rate of 0\.02.*lower.*0\.002"):
        fit(network, images, SHORT, seed=5, observers=[watcher])
    assert not watcher.batches


def test_a_learning_rate_that_is_far_too_high_is_reported_as_such(make_images: MakeImages) -> None:
    images = make_images(40)
    with pytest.raises(InputError, match=r"Recipe\.learning_rate"):
        fit(tiny(images), images, Recipe(epochs=50, learning_rate=1e6), seed=5)


def test_images_without_labels_are_refused(make_images: MakeImages) -> None:
    images = make_images(20)
    with pytest.raises(InputError, match="20 of 20"):
        fit(tiny(images), images.without_labels(), SHORT, seed=5)


def test_deterministic_training_gives_the_same_bits_and_gives_the_setting_back(make_images: MakeImages) -> None:
    images = make_images(20)
    plain = fit(tiny(images), images, SHORT, seed=5)
    strict = fit(tiny(images), images, SHORT, seed=5, deterministic=True)
    assert digest(strict.model) == digest(plain.model)
    assert not torch.are_deterministic_algorithms_enabled()


def test_a_users_own_module_is_trained(make_images: MakeImages) -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(64, 12), nn.Linear(12, 3)

        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            embeddings = self.first(images.flatten(1)).relu()
            return self.last(embeddings), embeddings

    images = make_images(60)
    fitted = fit(Own(), images, Recipe(epochs=30, crop_padding=0), seed=5)
    assert (predict_labels(fitted.model, images, fitted.normalisation) == images.labels).mean() > 0.9


def test_observing_seconds_are_counted_apart(make_images: MakeImages) -> None:
    class Slow(Watcher):
        def after_epoch(self, epoch: int, model: nn.Module) -> None:
            next(naps)

    def nap() -> Iterator[None]:
        import time

        while True:
            time.sleep(0.05)
            yield

    naps = nap()
    images = make_images(20)
    fitted = fit(tiny(images), images, SHORT, seed=5, observers=[Slow()])
    assert 0.2 <= fitted.seconds_observing < 0.2 + fitted.seconds_training
