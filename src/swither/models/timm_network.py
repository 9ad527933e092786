"""The networks of timm by name, as frozen backbones: whatever its catalogue holds, with what it says of preparation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from swither.errors import DownloadFailed, InputError, list_some
from swither.extras import require
from swither.models.torchvision_operators import declare_missing_operators

_HUB_FILES = ("model.safetensors", "pytorch_model.bin")  # as timm looks for them

INTERPOLATIONS = ("bilinear", "bicubic")


def timm() -> Any:
    """The package, imported so that a torchvision without its compiled operators does not stop it.

    Raises:
        MissingExtra: it is not installed.
    """
    if find_spec("timm") is not None:
        declare_missing_operators()
    return require("timm", "A backbone of timm", "timm")


def preparation(name: str) -> Mapping[str, Any]:
    """What timm says of a network's images.

    Args:
        name: of the network, without ``timm:``.

    Returns:
        ``size`` in pixels, ``mean`` and ``deviation`` of each channel, ``interpolation``, whether the size is
        ``fixed``, the names of the ``classifier`` layers, the ``source`` of published weights, or "", and whether
        they are ``at_hand``, downloaded before.

    Raises:
        MissingExtra: timm is not installed.
        InputError: it has no such network, or one that is not for colour images.
    """
    package = timm()
    known = package.list_models() + package.list_pretrained()
    if name not in known:
        raise InputError(
            f"timm {package.__version__} has no network {name!r}. The nearest are: "
            f"{list_some(get_close_matches(name, known, n=5, cutoff=0.3)) or 'none'}. All of them: timm.list_models(); "
            "those with published weights: timm.list_pretrained()."
        )
    config = package.get_pretrained_cfg(name)
    channels, height, width = config.input_size
    if channels != 3 or height != width:
        raise InputError(f"timm's {name} takes images of {config.input_size}; expected 3 channels and a square.")
    classifiers = config.classifier or ()
    return {
        "size": int(height),
        "mean": tuple(map(float, config.mean)),
        "deviation": tuple(map(float, config.std)),
        "interpolation": config.interpolation if config.interpolation in INTERPOLATIONS else "bicubic",
        "fixed": bool(config.fixed_input_size),
        "classifier": (classifiers,) if isinstance(classifiers, str) else tuple(classifiers),
        "source": f"{config.hf_hub_id} on the Hugging Face hub" if config.hf_hub_id else config.url or "",
        "at_hand": _at_hand(config),
    }


def _at_hand(config: Any) -> bool:
    """Whether timm will find a network's published weights where it keeps what it downloaded."""
    if not config.hf_hub_id:
        return bool(config.url) and (Path(torch.hub.get_dir()) / "checkpoints" / config.url.split("/")[-1]).is_file()
    hub = require("huggingface_hub", "A backbone of timm", "timm")
    repository, _, revision = config.hf_hub_id.partition("@")
    files = (config.hf_hub_filename,) if config.hf_hub_filename else _HUB_FILES
    found = (hub.try_to_load_from_cache(repository, file, revision=revision or None) for file in files)
    return any(isinstance(path, str) for path in found)


def build(
    name: str, size: int, weights: Mapping[str, Tensor] | None, say: Callable[[str], object]
) -> tuple[nn.Module, int]:
    """A network of timm's without its classifier, with published weights or those given.

    Args:
        name: of the network, without ``timm:``.
        size: of its images, in pixels.
        weights: tensors by name, as the network's `state_dict` has them; the classifier's are left out, and all
            others have to fit. None: published ones, which timm downloads once and keeps.
        say: told what is about to be downloaded.

    Returns:
        The network in evaluation mode, and how many numbers its embeddings have.

    Raises:
        InputError: the weights do not fit, there are none, or the network does not take images of that size.
        DownloadFailed: they could not be fetched.
    """
    says, package = preparation(name), timm()
    if says["fixed"] and size != says["size"]:
        raise InputError(
            f"timm's {name} takes images of {says['size']} pixels only, got an --embedding-size of {size}. Leave that "
            "out, or choose a network without a fixed size, such as a convolutional one."
        )
    network: nn.Module = package.create_model(name, pretrained=False, num_classes=0)
    if weights is not None:
        _fill(network, weights, says["classifier"], name)
    elif not says["source"]:
        raise InputError(
            f"There are no published weights for timm's {name}. Expected a name of timm.list_pretrained(), or "
            "--weights FILE with weights of your own."
        )
    else:
        network = _published(network, name, says, say)
    network = network.eval()
    with torch.inference_mode():
        width = network(torch.zeros(1, 3, size, size)).shape
    if len(width) != 2:
        raise InputError(f"Expected one embedding an image of timm's {name}, got {tuple(width)}. Choose another.")
    return network, int(width[1])


def checksum(network: nn.Module) -> str:
    """Of the network's weights by name, wherever they came from."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)} ".encode())
        digest.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _fill(network: nn.Module, weights: Mapping[str, Tensor], classifiers: tuple[str, ...], name: str) -> None:
    wanted = network.state_dict()
    without = tuple(f"{layer}." for layer in classifiers)
    kept = {key: value for key, value in weights.items() if key in wanted or not key.startswith(without or "\0")}
    try:
        network.load_state_dict(kept, strict=True)
    except RuntimeError as error:
        raise InputError(
            f"The weights given with --weights do not fit timm's {name}: {error}\nExpected those of "
            f"timm.create_model({name!r}).state_dict(), with any classifier or none."
        ) from error


def _published(network: nn.Module, name: str, says: Mapping[str, Any], say: Callable[[str], object]) -> nn.Module:
    """The same network with the weights that its makers published; what is downloaded is said before."""
    source = says["source"]
    if not says["at_hand"]:
        size = sum(value.numel() * value.element_size() for value in network.state_dict().values())
        megabytes = max(1, round(size / 1e6))
        say(f"The weights of timm's {name} come from {source}: about {megabytes:,} MB are downloaded now.")
    try:
        filled: nn.Module = timm().create_model(name, pretrained=True, num_classes=0)
    except Exception as error:  # whatever the network, the hub's client or its checks raise
        raise DownloadFailed(
            f"The weights of timm's {name} could not be had from {source} ({type(error).__name__}: "
            f"{str(error).splitlines()[0] if str(error) else 'no reason given'}). Check the connection and start "
            "again, or fetch the file (.safetensors or .pth) elsewhere, and give it as --weights FILE."
        ) from error
    return filled
