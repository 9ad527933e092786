from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from swither.errors import InputError
from swither.models.vaal import LATENTS, Autoencoder, Discriminator, build_vaal, plan_of


def described(network: nn.Module) -> list[str]:
    """The layers in order, in the words of the definition."""
    words = []
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            kind = "transposed" if isinstance(layer, nn.ConvTranspose2d) else "convolution"
            size = f"{layer.kernel_size[0]}x{layer.kernel_size[1]} stride {layer.stride[0]} pad {layer.padding[0]}"
            bias = "without bias" if layer.bias is None else "with bias"
            words.append(f"{kind} {layer.in_channels}-{layer.out_channels} {size} {bias}")
        elif isinstance(layer, nn.Linear):
            words.append(f"linear {layer.in_features}-{layer.out_features}")
        elif isinstance(layer, nn.BatchNorm2d):
            words.append(f"BatchNorm {layer.num_features}")
        elif isinstance(layer, nn.ReLU):
            words.append("ReLU")
    return words


def test_at_32_pixels_the_autoencoder_is_the_published_one() -> None:
    encoder, decoder = [], []
    for entering, leaving in ((3, 128), (128, 256), (256, 512), (512, 1024)):
        encoder += [f"convolution {entering}-{leaving} 4x4 stride 2 pad 1 without bias", f"BatchNorm {leaving}", "ReLU"]
    for entering, leaving in ((1024, 512), (512, 256), (256, 128)):
        decoder += [f"transposed {entering}-{leaving} 4x4 stride 2 pad 1 without bias", f"BatchNorm {leaving}", "ReLU"]
    network = Autoencoder((32, 32, 3), 128)
    assert described(network.encoder) == encoder
    assert described(nn.Sequential(network.mean, network.log_variance)) == ["linear 4096-32", "linear 4096-32"]
    assert described(network.spread) == [f"linear 32-{1024 * 4 * 4}"]
    assert described(network.decoder) == [*decoder, "transposed 128-3 1x1 stride 1 pad 0 with bias"]
    assert network.spread(torch.zeros(1, 32)).unflatten(1, (-1, *network.first_map)).shape == (1, 1024, 4, 4)


def test_the_discriminator_is_the_published_one() -> None:
    assert described(Discriminator()) == ["linear 32-512", "ReLU", "linear 512-512", "ReLU", "linear 512-1"]


def test_the_networks_have_as_many_weights_as_the_definition() -> None:
    maps = (3, 128, 256, 512, 1024)
    convolutions = sum(16 * entering * leaving for entering, leaving in pairwise(maps))
    batch_norms = 2 * sum(maps[1:]) + 2 * sum(maps[1:-1])
    encoder = convolutions + 2 * (4096 * 32 + 32)
    decoder = 32 * 16384 + 16384 + (convolutions - 16 * 3 * 128) + 128 * 3 + 3
    discriminator = 32 * 512 + 512 + 512 * 512 + 512 + 512 + 1
    networks = build_vaal((32, 32, 3), 128, seed=0)
    counted = [sum(weight.numel() for weight in network.parameters()) for network in networks]
    assert counted == [encoder + decoder + batch_norms, discriminator]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(4, 4), (8, 8), (9, 13), (16, 16), (28, 28), (31, 33), (5, 64), (64, 64), (96, 40)])
def test_images_of_any_size_come_back_in_their_size(size: tuple[int, int], channels: int) -> None:
    autoencoder, discriminator = build_vaal((*size, channels), width=2, seed=0)
    images = torch.zeros(3, channels, *size)
    reconstructions, mean, log_variance = autoencoder(images, torch.zeros(3, LATENTS))
    assert reconstructions.shape == images.shape
    assert mean.shape == log_variance.shape == (3, LATENTS)
    assert discriminator(mean).shape == (3,)


@pytest.mark.parametrize("side", range(4, 100))
def test_the_last_map_has_at_least_two_pixels_a_side_after_as_many_of_four_halvings_as_that_allows(side: int) -> None:
    plan = plan_of((side, side, 3), width=8)
    stages = len(plan.widths)
    assert plan.code_map[0] >= 2
    assert stages == min(4, math.floor(math.log2(side)) - 1)
    assert plan.widths == tuple(8 * 2**stage for stage in range(stages))
    assert plan.first_map[0] * 2 ** (stages - 1) >= side


def test_images_that_are_too_small_and_widths_of_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="at least 4 pixels a side, got 3 x 40"):
        build_vaal((3, 40, 3), 16, seed=0)
    with pytest.raises(InputError, match="width of at least 1"):
        build_vaal((32, 32, 3), 0, seed=0)


def test_equal_seeds_give_equal_weights_and_global_randomness_stays() -> None:
    before = torch.random.get_rng_state()
    one, other, third = (build_vaal((8, 8, 1), 4, seed) for seed in (5, 5, 6))
    assert torch.equal(before, torch.random.get_rng_state())
    for network, same, different in zip(one, other, third, strict=True):
        weights = [np.concatenate([w.detach().flatten() for w in n.parameters()]) for n in (network, same, different)]
        assert np.array_equal(weights[0], weights[1])
        assert not np.array_equal(weights[0], weights[2])


def test_codes_are_drawn_around_their_mean_with_their_deviation() -> None:
    autoencoder, _ = build_vaal((8, 8, 1), 4, seed=0)
    images, noise = torch.rand(6, 1, 8, 8), torch.randn(6, LATENTS)
    reconstructions, mean, log_variance = autoencoder(images, noise)
    codes = mean + noise * log_variance.exp().sqrt()
    assert torch.allclose(reconstructions, autoencoder.decode(codes), atol=1e-5)
