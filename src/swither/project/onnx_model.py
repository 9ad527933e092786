"""Backbone and head as one ONNX file, checked by ONNX Runtime before anybody relies on it."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from swither.errors import SwitherError
from swither.extras import require
from swither.models.backbone import Backbone
from swither.models.feature_head import FeatureHead

TOLERANCE = 1e-3
"""Most that a probability may differ: an embedding on the edge of two half-precision numbers may fall to either."""


class ExportFailed(SwitherError):
    """The ONNX file does not compute what the network computes."""


class WholeModel(nn.Module):
    """From the pixels of squares to probabilities, as a project computes them.

    Args:
        backbone: frozen.
        head: trained on its embeddings in half precision.
        side: pixels of the squares that the backbone gets; smaller ones are enlarged.

    Example:
        >>> from swither.models.backbone import load_backbone
        >>> from swither.models.backbone_settings import BackboneSettings
        >>> model = WholeModel(load_backbone(BackboneSettings()), FeatureHead(1280, 0, 3, 0.0).eval(), 64)
        >>> tuple(model(torch.zeros(2, 64, 64, 3, dtype=torch.uint8)).shape)
        (2, 3)
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, backbone: Backbone, head: FeatureHead, side: int) -> None:
        super().__init__()
        self.network, self.head, self.side = backbone.network, head, side
        self.register_buffer("mean", torch.tensor(backbone.mean)[:, None, None])
        self.register_buffer("deviation", torch.tensor(backbone.deviation)[:, None, None])

    def forward(self, images: Tensor) -> Tensor:
        """(images, s, s, 3) uint8, s at most `side`, to (images, classes) probabilities."""
        pixels = images.permute(0, 3, 1, 2).float() / 255
        # Enlarging, the filter against aliasing that `prepared` asks for changes nothing; ONNX has no such filter.
        pixels = functional.interpolate(pixels, size=(self.side, self.side), mode="bilinear", align_corners=False)
        pixels = (pixels - self.mean) / self.deviation
        embeddings = self.network(pixels).half().float()  # a project keeps them in half precision
        # Standardised plainly: how a head folds that into its weights depends on their values, which no file can hold.
        inputs = (embeddings - self.head.mean) * self.head.scale
        if self.head.hidden is not None:
            inputs = functional.relu(self.head.hidden(inputs))
        return torch.softmax(self.head.head(inputs), dim=1)


def write_onnx(path: Path, backbone: Backbone, head: FeatureHead, config: Mapping[str, Any]) -> None:
    """Write the file, and compare it with the network on random squares, one and several at once.

    Args:
        path: of the file; input ``images`` (batch, s, s, 3) uint8, s at most the side, output ``probabilities`` (batch,
            classes).
        backbone: what the head stands on.
        head: as it was trained.
        config: kept in the file under ``swither``, as JSON; its ``backbone`` says the side.

    Raises:
        MissingExtra: a package of the extra ``onnx`` is not installed.
        ExportFailed: ONNX Runtime gives other probabilities.
    """
    for package in ("onnx", "onnxscript", "onnxruntime"):
        require(package, "An ONNX file", "onnx")
    side = int(config["backbone"]["side"])
    model = WholeModel(backbone, head, side).cpu().eval()
    example = torch.zeros(2, side - 1, side - 2, 3, dtype=torch.uint8)
    with _silence():
        program = torch.onnx.export(
            model,
            (example,),
            dynamo=True,
            input_names=["images"],
            output_names=["probabilities"],
            dynamic_shapes={"images": {i: torch.export.Dim(n) for i, n in enumerate(("batch", "height", "width"))}},
            verbose=False,
        )
    assert program is not None
    program.model.metadata_props["swither"] = json.dumps(config)
    program.save(str(path), external_data=False)
    _check(path, model, side)


def _check(path: Path, model: WholeModel, side: int) -> None:
    runtime = require("onnxruntime", "An ONNX file", "onnx")
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    draws = np.random.default_rng(0)
    for count, pixels in ((1, side), (5, side), (2, side // 3)):
        squares = draws.integers(0, 256, (count, pixels, pixels, 3), dtype=np.uint8)
        with torch.inference_mode():
            ours = model(torch.from_numpy(squares)).numpy()
        theirs = session.run(None, {"images": squares})[0]
        if ours.shape != theirs.shape or not np.abs(ours - theirs).max() <= TOLERANCE:
            raise ExportFailed(
                f"ONNX Runtime gives other probabilities than the network for {count} images of {pixels} pixels "
                f"(largest difference {np.abs(ours - theirs).max():.4f}, expected at most {TOLERANCE}). "
                "No file was kept; export without ONNX, and report this with the versions of torch, onnx and "
                "onnxruntime."
            )


@contextmanager
def _silence() -> Iterator[None]:
    """The exporter speaks of packages that are not there and of its own deprecations; neither is the user's concern."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
