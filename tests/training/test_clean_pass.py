from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.models import ModelSettings, Network, build_model
from swither.training import clean_pass, predict, predict_labels, predict_probabilities

NORMALISATION = Normalisation(mean=(0.4,), deviation=(0.2,))
MakeImages = Callable[..., ImageSet]


def tiny(seed: int = 0) -> Network:
    """A network whose running statistics and weights are no longer the initial ones."""
    network = build_model(ModelSettings("tiny", width=8), (8, 8, 1), 3, seed)
    network.train()
    for _ in range(3):
        network(torch.randn(16, 1, 8, 8))
    return network


def state_of(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def test_every_answer_is_that_of_the_plain_network_on_plain_pixels(make_images: MakeImages) -> None:
    images, network = make_images(150), tiny()
    prediction = predict(network, images, NORMALISATION)
    network.eval()
    for position in range(0, 150, 7):
        pixels = torch.from_numpy(images.images(slice(position, position + 1))).float()
        logits, embeddings = network(((pixels / 255 - 0.4) / 0.2).permute(0, 3, 1, 2))
        assert np.allclose(prediction.logits[position], logits[0].detach(), atol=1e-4)
        assert np.allclose(prediction.embeddings[position], embeddings[0].detach(), atol=1e-4)
    assert (prediction.labels == prediction.logits.argmax(1)).all()
    assert np.allclose(prediction.probabilities.sum(1), 1, atol=1e-6)


def test_predicting_leaves_batchnorm_statistics_and_weights_untouched(make_images: MakeImages) -> None:
    images, network = make_images(150), tiny()
    before = state_of(network)
    predict(network, images, NORMALISATION)
    after = network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(weight.grad is None for weight in network.parameters())


def test_predicting_draws_nothing_even_where_the_network_draws_in_evaluation(make_images: MakeImages) -> None:
    class Noisy(Network):
        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            logits, embeddings = super().forward(images)
            return logits + functional.dropout(logits, training=True), embeddings

    noisy = Noisy(nn.Conv2d(1, 4, 3), 4, 3, 0.5)
    before, numpy_before = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    predict(noisy, make_images(20), NORMALISATION)
    assert torch.equal(before, torch.random.get_rng_state())
    assert (np.random.get_state()[1] == numpy_before).all()  # noqa: NPY002


def test_each_module_gets_its_own_mode_back(make_images: MakeImages) -> None:
    network = tiny()
    network.trunk[1].eval()  # a frozen BatchNorm in a network that is trained
    modes = [module.training for module in network.modules()]
    for _ in clean_pass(network, make_images(150), NORMALISATION):
        assert [module.training for module in network.modules()] == modes
    assert [module.training for module in network.modules()] == modes
    network.eval()
    predict(network, make_images(5), NORMALISATION)
    assert not any(module.training for module in network.modules())


def test_each_module_gets_its_own_mode_back_after_an_error(make_images: MakeImages) -> None:
    class Fails(Network):
        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            assert not any(module.training for module in self.modules())
            raise ZeroDivisionError

    network = Fails(nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)), 4, 3, 0.5).train()
    network.trunk[1].eval()
    modes = [module.training for module in network.modules()]
    with pytest.raises(ZeroDivisionError):
        predict(network, make_images(5), NORMALISATION)
    assert [module.training for module in network.modules()] == modes
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()


def test_a_consumer_that_stops_early_leaves_nothing_switched_off(make_images: MakeImages) -> None:
    network = tiny()
    passed = clean_pass(network, make_images(150), NORMALISATION)
    next(passed)
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    assert network.training
    passed.close()


def test_an_answer_does_not_depend_on_the_images_that_come_after(make_images: MakeImages) -> None:
    images, network = make_images(300), tiny()
    whole = predict(network, images, NORMALISATION)
    for count in (1, 2, 31, 127, 128, 129, 200, 299):
        part = predict(network, images.take(np.arange(count)), NORMALISATION)
        assert np.array_equal(part.logits, whole.logits[:count]), count
        assert np.array_equal(part.embeddings, whole.embeddings[:count]), count


def test_no_image_is_dropped_and_none_is_added(make_images: MakeImages) -> None:
    network = tiny()
    for count in (1, 127, 128, 129, 260):
        images = make_images(count) if count > 3 else make_images(10).take(np.arange(count))
        slices = [taken for taken, _, _ in clean_pass(network, images, NORMALISATION)]
        assert np.concatenate([np.arange(count)[taken] for taken in slices]).tolist() == list(range(count))


def test_images_are_not_augmented(make_images: MakeImages) -> None:
    images, network = make_images(50), tiny()
    first = predict(network, images, NORMALISATION).logits
    assert np.array_equal(first, predict(network, images, NORMALISATION).logits)


def test_a_set_without_images_gives_arrays_without_rows(make_images: MakeImages) -> None:
    network = tiny()
    prediction = predict(network, make_images(5).take(np.arange(0)), NORMALISATION)
    assert prediction.logits.shape == (0, 3)
    assert prediction.embeddings.shape == (0, network.embedding_width)


def test_answers_can_be_trained_on(make_images: MakeImages) -> None:
    _, _, embeddings = next(clean_pass(tiny(), make_images(5), NORMALISATION))
    head = nn.Linear(embeddings.shape[1], 2)
    head(embeddings).sum().backward()
    assert head.weight.grad is not None


def test_a_network_that_has_diverged_is_reported_instead_of_labelled(make_images: MakeImages) -> None:
    network = tiny()
    with torch.no_grad():
        network.head[1].bias[0] = float("nan")
    with pytest.raises(InputError, match="5 of 5 images"):
        predict_labels(network, make_images(5), NORMALISATION)
    with pytest.raises(InputError, match="diverged"):
        predict_probabilities(network, make_images(5), NORMALISATION)


def test_chunks_of_no_images_are_refused(make_images: MakeImages) -> None:
    with pytest.raises(InputError, match="at least 1 image"):
        predict_labels(tiny(), make_images(5), NORMALISATION, chunk=0)
