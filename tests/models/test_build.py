from __future__ import annotations

import pytest
import torch
from torch import nn

from swither.errors import InputError
from swither.models import MODELS, ModelSettings, build_model

SHAPES = [(8, 8, 1), (28, 28, 1), (32, 32, 3), (64, 64, 3), (12, 20, 3), (33, 17, 1)]


@pytest.mark.parametrize("name", sorted(MODELS.keys() - {"features"}))  # which takes no images
@pytest.mark.parametrize("shape", SHAPES)
def test_every_model_takes_grey_and_colour_images_of_8_to_64_pixels(name: str, shape: tuple[int, int, int]) -> None:
    height, width, channels = shape
    network = build_model(ModelSettings(name, width=8), shape, classes=7, seed=0).eval()
    logits, embeddings = network(torch.rand(3, channels, height, width))
    assert logits.shape == (3, 7)
    assert embeddings.shape == (3, network.embedding_width)
    assert torch.isfinite(logits).all()
    assert torch.equal(network.head(embeddings), logits)


def test_resnet18_is_the_papers() -> None:
    network = build_model(ModelSettings("resnet18"), (32, 32, 3), classes=10, seed=0)
    sizes = [module.weight.shape[2] for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert sum(weight.numel() for weight in network.parameters()) == 11_173_962
    assert network.embedding_width == 512
    assert (sizes.count(3), sizes.count(1)) == (17, 3)  # the 18th layer is the last linear one
    assert not any(isinstance(module, nn.MaxPool2d) for module in network.modules())


def test_resnet18_keeps_full_resolution_in_its_first_stage_and_halves_it_three_times() -> None:
    network = build_model(ModelSettings("resnet18", width=4), (32, 32, 3), classes=10, seed=0).eval()
    sides = []
    maps = torch.rand(1, 3, 32, 32)
    for layer in network.trunk:
        maps = layer(maps)
        sides.append(maps.shape[-1])
    assert sides == [32] * 5 + [16] * 2 + [8] * 2 + [4] * 2


def test_resnet8_has_eight_layers_with_weights_on_its_longest_path() -> None:
    network = build_model(ModelSettings("resnet8"), (32, 32, 3), classes=10, seed=0)
    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3)]
    assert len(layers) + 1 == 8


def test_the_tiny_network_ends_in_few_pixels_whatever_the_images() -> None:
    for side, last in ((4, 2), (8, 2), (16, 2), (28, 3), (32, 2), (64, 4)):
        network = build_model(ModelSettings("tiny", width=4), (side, side, 1), classes=2, seed=0).eval()
        assert network.trunk(torch.rand(1, 1, side, side)).shape[-1] == last


def test_weights_come_from_the_seed_and_from_nothing_else() -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.rand(seed + 1)
        network = build_model(ModelSettings("tiny"), (8, 8, 1), classes=3, seed=seed)
        return torch.cat([weight.flatten() for weight in network.parameters()])

    assert torch.equal(weights(5), weights(5))
    assert not torch.equal(weights(5), weights(6))


def test_building_leaves_the_global_random_state_as_it_was() -> None:
    before = torch.random.get_rng_state()
    build_model(ModelSettings("resnet8"), (8, 8, 1), classes=3, seed=1)
    assert torch.equal(before, torch.random.get_rng_state())


def test_width_scales_every_stage() -> None:
    for name, factor in (("resnet18", 8), ("resnet8", 4), ("tiny", 6)):
        network = build_model(ModelSettings(name, width=6), (16, 16, 3), classes=3, seed=1)
        assert network.embedding_width == 6 * factor


@pytest.mark.parametrize(("shape", "classes"), [((32, 32, 3), 1), ((3, 32, 3), 10)])
def test_what_no_network_can_learn_from_is_refused(shape: tuple[int, int, int], classes: int) -> None:
    with pytest.raises(InputError, match="at least"):
        build_model(ModelSettings("tiny"), shape, classes, seed=0)
