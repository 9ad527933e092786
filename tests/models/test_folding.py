from __future__ import annotations

import pytest
import torch
from torch import nn

from swither.errors import InputError
from swither.models import ModelSettings, build_model
from swither.models.folding import folded


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
