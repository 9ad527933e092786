"""From settings to a network with its initial weights."""

from __future__ import annotations

from torch import nn

from swither.errors import InputError
from swither.models.catalogue import find_model
from swither.models.feature_head import FeatureHead
from swither.models.network import Network
from swither.models.own_network import OwnNetwork, build_own
from swither.models.resnet import resnet_trunk
from swither.models.seeded import seeded
from swither.models.settings import ModelSettings
from swither.models.tiny import tiny_trunk
from swither.own_code import is_own


def build_model(
    settings: ModelSettings,
    image_shape: tuple[int, int, int],
    classes: int,
    seed: int,
    features: int | None = None,
) -> Network | FeatureHead | OwnNetwork:
    """A network, of the catalogue or of your own, with weights drawn from `seed`; torch's global state stays.

    Convolutions start from He's normal distribution over outgoing connections, BatchNorm at one and zero, the
    last layer as PyTorch starts it.

    Args:
        settings: which network.
        image_shape: height, width and channels of the images; 8 to 64 pixels, 1 or 3 channels is what these
            networks are made for.
        classes: number of classes, at least 2.
        seed: in [0, 2**63); the same seed gives the same weights.
        features: numbers in the images' embeddings, which the model ``features`` is a head on; None: there are none.

    Returns:
        The network in training mode, on the CPU.

    Raises:
        InputError: fewer than two classes, images under 4 pixels, or a head for images without embeddings.

    References:
        K. He et al.: Delving Deep into Rectifiers. ICCV 2015.

    Example:
        >>> network = build_model(ModelSettings("resnet18"), (32, 32, 3), classes=10, seed=0)
        >>> sum(weight.numel() for weight in network.parameters()), network.embedding_width
        (11173962, 512)
    """
    height, breadth, channels = image_shape
    if classes < 2:
        raise InputError(f"Expected at least 2 classes to tell apart, got {classes}.")
    if settings.name == "features":
        if features is None:
            raise InputError(
                "The model features is a head on embeddings, and these images have none. Embed them first: "
                "images = swither.training.embedded(images, BackboneSettings())."
            )
        with seeded(seed):
            return FeatureHead(features, settings.width or 0, classes, settings.dropout)
    if features is not None:
        raise InputError(
            f"The network {settings.name} is trained on pixels, but these images have embeddings in their place. Train "
            "ModelSettings('features'), or give the images without them: dataclasses.replace(images, features=None)."
        )
    if is_own(settings.name):
        return build_own(settings, image_shape, classes, seed)
    if min(height, breadth) < 4:
        raise InputError(f"Expected images of at least 4 pixels a side, got {height} x {breadth}.")
    width = find_model(settings.name).base_width if settings.width is None else settings.width
    with seeded(seed):
        if settings.name == "tiny":
            trunk, embedding_width = tiny_trunk(image_shape, width)
        else:
            blocks = {"resnet18": (2, 2, 2, 2), "resnet8": (1, 1, 1)}[settings.name]
            trunk, embedding_width = resnet_trunk(channels, width, blocks)
        network = Network(trunk, embedding_width, classes, settings.dropout)
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return network
