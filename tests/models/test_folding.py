from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, spectral_norm

from swither.errors import InputError
from swither.models import ModelSettings, build_model
from swither.models.folding import check_folding, folded


def trained(name: str) -> nn.Module:
    """A network whose BatchNorm layers are no longer as they began."""
    network = build_model(ModelSettings(name, width=4), (16, 16, 3), classes=5, seed=0)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                for tensor in (module.weight, module.bias, module.running_mean):
                    tensor.copy_(torch.randn_like(tensor))
                module.running_var.copy_(torch.rand_like(module.running_var) + 0.5)
    return network.eval()


@pytest.mark.parametrize(("name", "left"), [("tiny", 2), ("resnet8", 0), ("resnet18", 0)])
def test_a_folded_network_answers_the_same_but_for_rounding(name: str, left: int) -> None:
    torch.manual_seed(0)
    network, images = trained(name), torch.randn(9, 3, 16, 16)
    quicker = folded(network)
    norms = [module for module in quicker.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == left
    with torch.inference_mode():
        for ours, theirs in zip(quicker(images), network(images), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)
    assert any(isinstance(module, nn.BatchNorm2d) for module in network.modules()), "the network itself stays"


def test_a_network_with_nothing_to_fold_is_refused() -> None:
    with pytest.raises(InputError, match="without --record-folded"):
        folded(nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.BatchNorm2d(4)))


class Standardised(nn.Conv2d):
    """A convolution that computes with other weights than it holds."""

    def forward(self, images: Tensor) -> Tensor:
        weight = self.weight - self.weight.mean(dim=(1, 2, 3), keepdim=True)
        return self._conv_forward(images, weight, self.bias)


def hooked(layer: nn.Conv2d) -> nn.Conv2d:
    layer.register_forward_hook(lambda module, given, answer: answer.relu())
    return layer


def replaced(layer: nn.Conv2d) -> nn.Conv2d:
    layer.forward = lambda images: nn.Conv2d.forward(layer, images).relu()  # type: ignore[method-assign]
    return layer


@pytest.mark.parametrize(
    ("layer", "norm"),
    [
        (lambda: Standardised(3, 4, 3), lambda: nn.BatchNorm2d(4)),
        (lambda: parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), lambda: nn.BatchNorm2d(4)),
        (lambda: parametrizations.spectral_norm(nn.Conv2d(3, 4, 3)), lambda: nn.BatchNorm2d(4)),
        (lambda: spectral_norm(nn.Conv2d(3, 4, 3)), lambda: nn.BatchNorm2d(4)),
        (lambda: hooked(nn.Conv2d(3, 4, 3)), lambda: nn.BatchNorm2d(4)),
        (lambda: replaced(nn.Conv2d(3, 4, 3)), lambda: nn.BatchNorm2d(4)),
        (lambda: nn.Conv2d(3, 4, 3), lambda: nn.BatchNorm2d(4, track_running_stats=False)),
    ],
    ids=["subclass", "weight_norm", "spectral_norm", "old spectral_norm", "hook", "own forward", "no statistics"],
)
def test_layers_that_compute_otherwise_than_their_classes_are_left_as_they_are(
    layer: Callable[[], nn.Module], norm: Callable[[], nn.Module]
) -> None:
    with pytest.raises(InputError, match="No BatchNorm"):
        folded(nn.Sequential(layer(), norm()))
    mixed = nn.Sequential(layer(), norm(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)).eval()
    images = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(folded(mixed)(images), mixed(images), rtol=1e-3, atol=1e-4)


def test_a_layer_that_stands_in_a_sequence_twice_makes_no_neighbours_of_others() -> None:
    twice = nn.Conv2d(3, 3, 3)
    network = nn.Sequential(twice, nn.Conv2d(3, 3, 3), twice, nn.BatchNorm2d(3)).eval()
    check_folding(network, (9, 9, 3))


class Asymmetric(nn.Module):
    """Takes what lies between a convolution and its BatchNorm, so that folding changes its answers."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))

    def forward(self, images: Tensor) -> Tensor:
        return self.layers[0](images).mean(dim=(2, 3))


class Reads(Asymmetric):
    """Looks up its BatchNorm."""

    def forward(self, images: Tensor) -> Tensor:
        return self.layers(images).mean(dim=(2, 3)) * self.layers[1].eps


@pytest.mark.parametrize(("network", "reason"), [(Asymmetric, "answers otherwise"), (Reads, "network fails")])
def test_a_network_that_answers_otherwise_when_folded_is_refused(network: type[nn.Module], reason: str) -> None:
    with pytest.raises(InputError, match=rf"{reason}.*without\s--record-folded"):
        check_folding(network(), (8, 8, 3))


@pytest.mark.parametrize("name", ["tiny", "resnet8", "resnet18"])
def test_networks_of_swithers_own_pass_the_comparison_and_stay_as_they_are(name: str) -> None:
    network = build_model(ModelSettings(name, width=4), (16, 16, 3), classes=5, seed=0)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    check_folding(network, (16, 16, 3))
    assert network.training
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
