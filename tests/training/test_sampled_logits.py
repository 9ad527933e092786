from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.models import ModelSettings, Network, build_model
from swither.training import predict, sampled_logits

NORMALISATION = Normalisation(mean=(0.4,), deviation=(0.2,))
MakeImages = Callable[..., ImageSet]


def tiny(dropout: float = 0.5) -> Network:
    return build_model(ModelSettings("tiny", width=4, dropout=dropout), (8, 8, 1), 3, seed=0)


class CountsItsPasses(Network):
    """A network that counts how often its trunk runs, and may hide its head."""

    def __init__(self, with_head: bool) -> None:
        super().__init__(nn.Sequential(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6)), 6, 3, 0.5)
        if not with_head:
            self.tail = self.head
            del self.head
        self.passes: list[int] = []

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        self.passes.append(len(images))
        assert not self.trunk[1].training
        embeddings = self.trunk(images).mean((2, 3))
        return (self.tail if hasattr(self, "tail") else self.head)(embeddings), embeddings

    def __deepcopy__(self, memo: dict[int, object]) -> CountsItsPasses:
        return self


def test_each_pass_reads_the_same_at_every_reading(make_images: MakeImages) -> None:
    passes = sampled_logits(tiny(), make_images(150), NORMALISATION, passes=4, seed=7)
    first = [np.array(logits) for logits in passes]
    assert len(passes) == len(first) == 4
    for number in (3, 0, 2, 1, -1):
        assert np.array_equal(passes[number], first[number])
    assert np.array_equal(passes[1:3][1], first[2])
    with pytest.raises(IndexError):
        passes[4]


@pytest.mark.parametrize("with_head", [True, False])
def test_a_pass_does_not_depend_on_the_images_that_come_after(make_images: MakeImages, with_head: bool) -> None:
    images, network = make_images(300), CountsItsPasses(with_head)
    whole = sampled_logits(network, images, NORMALISATION, passes=2, seed=7)[1]
    for count in (1, 31, 128, 200):
        part = sampled_logits(network, images.take(np.arange(count)), NORMALISATION, passes=2, seed=7)[1]
        assert np.array_equal(part, whole[:count]), count


def test_passes_differ_and_follow_the_seed(make_images: MakeImages) -> None:
    images, network = make_images(20), tiny()
    one = sampled_logits(network, images, NORMALISATION, passes=2, seed=7)
    other = sampled_logits(network, images, NORMALISATION, passes=2, seed=8)
    same = sampled_logits(network, images, NORMALISATION, passes=2, seed=7)
    assert not np.array_equal(one[0], one[1])
    assert not np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], same[1])


def test_the_trunk_runs_once_where_the_head_holds_all_dropout(make_images: MakeImages) -> None:
    network = CountsItsPasses(with_head=True)
    for logits in sampled_logits(network, make_images(150), NORMALISATION, passes=5, seed=1):
        assert logits.shape == (150, 3)
    assert network.passes == [128, 128]


def test_without_a_head_the_whole_network_runs_at_each_pass(make_images: MakeImages) -> None:
    network = CountsItsPasses(with_head=False)
    passes = list(sampled_logits(network, make_images(150), NORMALISATION, passes=5, seed=1))
    assert network.passes == [128, 128] * 5
    assert not np.array_equal(passes[0], passes[1])


def test_repeating_the_head_draws_from_the_distribution_of_repeating_the_network(make_images: MakeImages) -> None:
    images = make_images(6)
    quick, plain = CountsItsPasses(with_head=True), CountsItsPasses(with_head=False)
    plain.load_state_dict({name.replace("head", "tail"): value for name, value in quick.state_dict().items()})
    quick_passes = np.stack(list(sampled_logits(quick, images, NORMALISATION, passes=600, seed=1)))
    plain_passes = np.stack(list(sampled_logits(plain, images, NORMALISATION, passes=600, seed=2)))
    error = np.sqrt(2 / 600) * plain_passes.std(0)
    assert (np.abs(quick_passes.mean(0) - plain_passes.mean(0)) < 5 * error).all()
    assert np.allclose(quick_passes.std(0), plain_passes.std(0), rtol=0.25)
    assert (np.abs(quick_passes.mean(0) - predict(quick, images, NORMALISATION).logits) < 5 * error).all()


def test_a_head_that_does_not_give_the_logits_is_not_trusted(make_images: MakeImages) -> None:
    class Shifted(CountsItsPasses):
        def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
            logits, embeddings = super().forward(images)
            return logits + 1, embeddings

    network = Shifted(with_head=True)
    images = make_images(20)
    passes = list(sampled_logits(network, images, NORMALISATION, passes=300, seed=1))
    assert np.allclose(np.mean(passes, axis=0), predict(network, images, NORMALISATION).logits, atol=0.3)
    assert len(network.passes) > 300


def test_sampling_leaves_network_and_random_state_untouched(make_images: MakeImages) -> None:
    network = tiny().train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    random_before = torch.random.get_rng_state()
    passes = sampled_logits(network, make_images(20), NORMALISATION, passes=3, seed=1)
    first = passes[0]
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    assert torch.equal(random_before, torch.random.get_rng_state())
    assert all(module.training for module in network.modules())
    with torch.no_grad():
        network.head[1].weight.zero_()
    assert np.array_equal(passes[0], first)


def test_a_network_without_dropout_is_refused_with_what_to_do(make_images: MakeImages) -> None:
    with pytest.raises(InputError, match=r"--dropout 0\.5"):
        sampled_logits(tiny(dropout=0.0), make_images(5), NORMALISATION, passes=3, seed=1)
    with pytest.raises(InputError, match="at least 1 stochastic pass"):
        sampled_logits(tiny(), make_images(5), NORMALISATION, passes=0, seed=1)
