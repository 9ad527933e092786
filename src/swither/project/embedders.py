"""What turns pictures into embeddings: the pretrained backbone, or simple features where it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL import Image

from swither.arrays import ByteArray, FloatArray
from swither.data.decoding import version_in_keys
from swither.data.intake import cores
from swither.errors import InputError, MissingExtra
from swither.files import key_of
from swither.models.backbone_settings import BackboneSettings
from swither.project import simple_features
from swither.project.embeddings import backbone_state
from swither.project.one_look import SQUARES

if TYPE_CHECKING:
    from swither.project.project import Project


class Embedder(Protocol):
    """Makes embeddings of square pictures.

    Attributes:
        key: names what makes them; embeddings of different keys are never mixed.
        description: the same for people.
        side: pixels of the squares that it is given; smaller ones it enlarges.
        width: numbers in an embedding.
        problem: why the better one is not used, "" where this is the better one.
    """

    key: str
    description: str
    side: int
    width: int
    problem: str

    def embed(self, squares: Sequence[ByteArray]) -> FloatArray:
        """Squares of up to side x side x 3, uint8, to (images, width) float16, all finite."""


def choose_embedder(project: Project) -> Embedder:
    """The backbone where it can be used, else simple features; imports torch only for the backbone."""
    state = backbone_state(project)
    if state["missing"] is not None:
        return SimpleEmbedder(state["words"])
    try:
        return BackboneEmbedder()
    except (MissingExtra, InputError) as error:
        return SimpleEmbedder(f"The pretrained network cannot be used, so simple features stand in for it: {error}")


class SimpleEmbedder:
    """Edges and colours, see `swither.project.simple_features`."""

    def __init__(self, problem: str = "") -> None:
        self.side, self.width = simple_features.SIDE, simple_features.WIDTH
        self.key = key_of("simple features", simple_features.VERSION, SQUARES, *version_in_keys())
        self.description, self.problem = simple_features.DESCRIPTION, problem

    def embed(self, squares: Sequence[ByteArray]) -> FloatArray:
        """Squares of up to side x side x 3, uint8, to (images, width) float16."""
        size = (self.side, self.side)
        whole = [
            one if one.shape[:2] == size else np.asarray(Image.fromarray(one).resize(size, Image.Resampling.BICUBIC))
            for one in squares
        ]
        return simple_features.simple_features(np.reshape(whole, (len(whole), *size, 3)))


class BackboneEmbedder:
    """The frozen, pretrained network, on the best device there is.

    Raises:
        MissingExtra: the package with its weights is not installed.
        InputError: its weights cannot be used.
    """

    def __init__(self) -> None:
        import torch

        from swither.models.backbone import load_backbone
        from swither.training.device import choose_device
        from swither.training.embedding import PREPARATION

        settings = BackboneSettings()
        self.backbone = load_backbone(settings)
        self._device = choose_device(None)
        network: Any = self.backbone.network
        self._network = network.to(self._device, memory_format=torch.channels_last)
        self.side, self.width, self.problem = settings.size(), self.backbone.width, ""
        made_by = (PREPARATION, SQUARES, *version_in_keys(), self.backbone.checksum, self.side)
        self.key = key_of("project embeddings", *made_by)
        self.description = f"{self.backbone.name} at {self.side} pixels"

    def embed(self, squares: Sequence[ByteArray]) -> FloatArray:
        """Squares of up to side x side x 3, uint8, to (images, width) float16, enlarged as in a comparison.

        Always as many are computed at once, the last ones filled up.

        On a CPU each core embeds images of its own: cores that share one image wait for each other at every layer, and
        where the machine has other things to do as well, that was seen to take seven times as long.
        """
        from swither.training.embedding import AT_ONCE, AT_ONCE_ON_CARD

        on_cpu = self._device.type == "cpu"
        at_once = AT_ONCE if on_cpu else AT_ONCE_ON_CARD
        parts = [squares[start : start + at_once] for start in range(0, len(squares), at_once)]
        with ThreadPoolExecutor(max(1, min(cores(), len(parts)) if on_cpu else 1)) as pool:
            answers = list(pool.map(lambda part: self._embed(part, at_once), parts))
        values = np.concatenate([np.zeros((0, self.width), np.float16), *answers])
        if not np.isfinite(values).all():
            raise InputError(f"{self.description} gives embeddings that are not finite in half precision.")
        return values

    def _embed(self, squares: Sequence[ByteArray], at_once: int) -> FloatArray:
        import torch

        from swither.training.embedding import prepared

        torch.set_num_threads(1)  # of this thread, which ends with the call
        alone = [torch.from_numpy(np.array(one))[None].to(self._device) for one in squares]
        filled_up = [position % len(squares) for position in range(at_once)]
        with torch.inference_mode():
            given = torch.cat([prepared(one, self.side, self.backbone) for one in alone])[filled_up]
            answers = self._network(given.contiguous(memory_format=torch.channels_last))[: len(squares)]
        values: FloatArray = answers.half().cpu().numpy()
        return values
