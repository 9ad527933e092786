"""Networks that answer logits and embeddings in one pass: ResNet-18 for small images and smaller relatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.models.backbone_settings import BackboneSettings as BackboneSettings
    from swither.models.build import build_model as build_model
    from swither.models.catalogue import MODELS as MODELS
    from swither.models.catalogue import ModelKind as ModelKind
    from swither.models.catalogue import find_model as find_model
    from swither.models.network import Network as Network
    from swither.models.network import logits_and_embeddings as logits_and_embeddings
    from swither.models.seeded import seeded as seeded
    from swither.models.settings import ModelSettings as ModelSettings

__all__ = lazy(
    __name__,
    {
        "BackboneSettings": "swither.models.backbone_settings",
        "MODELS": "swither.models.catalogue",
        "ModelKind": "swither.models.catalogue",
        "ModelSettings": "swither.models.settings",
        "Network": "swither.models.network",
        "build_model": "swither.models.build",
        "find_model": "swither.models.catalogue",
        "logits_and_embeddings": "swither.models.network",
        "seeded": "swither.models.seeded",
    },
)
