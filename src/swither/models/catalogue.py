"""The networks by name, with a line on each. No torch here, so that help stays quick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from swither.errors import InputError, UnknownName
from swither.models.backbone_settings import TIMM
from swither.models.own import own_model_code
from swither.own_code import is_own


@dataclass(frozen=True)
class ModelKind:
    """One entry of the catalogue.

    Attributes:
        name: how it is called in settings.
        base_width: channels of the first stage unless `ModelSettings.width` says otherwise; 0: no such stage.
        summary: what it is and what it is for, one line.
        version: goes up with every change of what the network computes, so that no training of an older one is taken
            for its own.
        file: checksum of the user's file that builds it; empty for one of swither's own.
    """

    name: str
    base_width: int
    summary: str
    version: int = 1
    file: str = ""


MODELS: Mapping[str, ModelKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            ModelKind(
                "resnet18",
                64,
                "ResNet-18 for small images (3x3 stem, no max-pool; He 2016): the paper's network, for a GPU",
            ),
            ModelKind("resnet8", 16, "three stages of one residual block (He 2016): for an afternoon on a CPU"),
            ModelKind("tiny", 32, "four convolutions with early pooling: thousands of images a second on one CPU core"),
            ModelKind(
                "features",
                0,
                "a head on embeddings of a frozen, pretrained backbone (EfficientNet-Lite0): for photographs",
                version=2,  # standardises by its own and the mean deviation; 1 by its own alone
            ),
        )
    }
)


def find_model(name: str) -> ModelKind:
    """The catalogue's entry of that name, or one for a function of your own, ``file.py:build``, which is loaded.

    Raises:
        UnknownName: there is none; the message lists the known ones.
        InputError: it is a backbone, which stands elsewhere.

    Example:
        >>> find_model("resnet18").base_width
        64
    """
    if name.startswith(TIMM):
        raise InputError(
            f"{name} is a backbone, whose embeddings a head is trained on: --model features --backbone {name}"
        )
    if is_own(name):
        code = own_model_code(name)
        return ModelKind(code.name.text, 0, f"a network of your own, {code.name.text}", file=code.checksum)
    if name not in MODELS:
        raise UnknownName("model", name, MODELS)
    return MODELS[name]
