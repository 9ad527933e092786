"""An exported model: what its files are called, and images of a folder predicted with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL import Image

from swither.arrays import ByteArray, FloatArray
from swither.data.intake import cores
from swither.errors import DamagedState, InputError
from swither.extras import require
from swither.files import read_json
from swither.project.one_look import READ_SIDE
from swither.project.reading import ImageProblem, read_image

if TYPE_CHECKING:
    from torch import Tensor

    from swither.models.feature_head import FeatureHead

CONFIG, HEAD, ONNX = "config.json", "head.safetensors", "model.onnx"
KIND, VERSION = "swither model", 1

_AT_ONCE = 64


@dataclass(frozen=True)
class Predicted:
    """What a model says of one file.

    Attributes:
        path: of the file.
        label: the most probable class; None where the file cannot be read.
        confidence: its probability, 0..1; 0 where there is none.
        probabilities: (classes,) float32; None likewise.
        problem: why the file cannot be read, else "".
    """

    path: Path
    label: str | None
    confidence: float
    probabilities: FloatArray | None
    problem: str = ""


class ExportedModel(Protocol):
    """Classes and probabilities for squares of images.

    Attributes:
        classes: names in the order of the outputs.
        side: pixels of a square at most.
    """

    classes: tuple[str, ...]
    side: int

    def probabilities(self, squares: Sequence[ByteArray]) -> FloatArray:
        """Squares of up to side x side x 3, uint8, to (images, classes) float32."""


def open_model(path: Path) -> ExportedModel:
    """Open what ``swither export model`` wrote: its folder, or the ONNX file alone.

    Raises:
        InputError: nothing of the kind is there, or the backbone here is another one.
        MissingExtra: the backbone, or ONNX Runtime for an ONNX file, is not installed.
        DamagedState, NewerFormat: a file does not read back, or a newer swither wrote it.
    """
    if path.suffix.lower() == ".onnx" and path.is_file():
        return _OnnxFile(path)
    if (path / CONFIG).is_file() and (path / HEAD).is_file():
        return _HeadFile(path)
    raise InputError(
        f"There is no exported model at {path}. Expected a folder with {CONFIG} and {HEAD}, or a file ending in .onnx: "
        "swither export model FOLDER --out MODEL"
    )


def predict_files(model: ExportedModel, files: Iterator[Path]) -> Iterator[Predicted]:
    """Predict image files, one after the other, in their order; memory does not grow with their number.

    A file that cannot be read is answered with its problem and stops nothing.
    """
    with ThreadPoolExecutor(cores()) as readers:
        for block in _blocks(files):
            looked = list(readers.map(lambda path: _square(path, model.side), block))
            squares = [pixels for pixels, _ in looked if pixels is not None]
            answers: Iterator[FloatArray] = iter(model.probabilities(squares) if squares else ())
            for path, (pixels, problem) in zip(block, looked, strict=True):
                if pixels is None:
                    yield Predicted(path, None, 0.0, None, problem)
                else:
                    row = next(answers)
                    best = int(row.argmax())
                    yield Predicted(path, model.classes[best], float(row[best]), row)


def _blocks(files: Iterator[Path]) -> Iterator[list[Path]]:
    block = []
    for path in files:
        block.append(path)
        if len(block) == _AT_ONCE:
            yield block
            block = []
    if block:
        yield block


def _square(path: Path, side: int) -> tuple[ByteArray | None, str]:
    try:
        return read_image(path, READ_SIDE, side).square, ""
    except ImageProblem as problem:
        return None, str(problem)


def read_head(path: Path) -> FeatureHead:
    """A head from its weights alone: their shapes say what it is."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from swither.models.feature_head import FeatureHead

    try:
        weights: dict[str, Tensor] = load_file(path)
        hidden = weights["hidden.weight"].shape[0] if "hidden.weight" in weights else 0
        head = FeatureHead(weights["mean"].shape[0], hidden, weights["head.1.weight"].shape[0], dropout=0.0)
        head.load_state_dict(weights)
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise DamagedState(f"{path} does not hold a head that reads back: {error} Export the model again.") from error
    return head.eval()


class _HeadFile:
    """A head, on the backbone that is installed here; it has to be the one that the head was trained on."""

    def __init__(self, folder: Path) -> None:
        from swither.project.embedders import BackboneEmbedder, SimpleEmbedder

        config = read_json(folder / CONFIG, KIND, VERSION)
        backbone = config["backbone"]
        self._embedder = BackboneEmbedder() if "checksum" in backbone else SimpleEmbedder()
        if self._embedder.key != backbone["key"]:
            raise InputError(
                f"This model stands on {backbone['features']} (checksum {backbone.get('checksum', 'none')}); what is "
                f"installed here gives other embeddings ({self._embedder.description}). Use its {ONNX}, which holds "
                "everything, or install the version of swither that wrote it: " + str(config.get("swither", "unknown"))
            )
        self._head = read_head(folder / HEAD)
        self.classes, self.side = tuple(config["classes"]), int(backbone["side"])

    def probabilities(self, squares: Sequence[ByteArray]) -> FloatArray:
        """By the head, of embeddings in half precision as they are in a project."""
        import torch

        from swither.training.clean_pass import softmax

        with torch.inference_mode():
            logits = self._head.logits(torch.from_numpy(self._embedder.embed(squares)).float())
        return softmax(logits.numpy())


class _OnnxFile:
    """Everything in one file, computed by ONNX Runtime; neither torch nor the backbone is needed."""

    def __init__(self, path: Path) -> None:
        runtime = require("onnxruntime", "A model in an ONNX file", "onnx")
        try:
            self._session: Any = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            facts = json.loads(self._session.get_modelmeta().custom_metadata_map["swither"])
        except Exception as error:
            raise InputError(
                f"{path} is not an ONNX file that swither wrote, or is damaged ({type(error).__name__}). Expected the "
                f"{ONNX} of: swither export model FOLDER --out MODEL"
            ) from error
        self.classes, self.side = tuple(facts["classes"]), int(facts["backbone"]["side"])

    def probabilities(self, squares: Sequence[ByteArray]) -> FloatArray:
        """By ONNX Runtime, which takes squares of one size at once."""
        if isinstance(self._session.get_inputs()[0].shape[1], int):  # a file of swither's that enlarges nothing yet
            squares = [_enlarged(one, self.side) for one in squares]
        parts = [np.stack(list(some)) for _, some in groupby(squares, key=len)]
        return np.concatenate([self._session.run(None, {"images": part})[0] for part in parts])


def _enlarged(square: ByteArray, side: int) -> ByteArray:
    """At `side` pixels; the nearest that whole grey levels come to what a project computes."""
    return np.asarray(Image.fromarray(square).resize((side, side), Image.Resampling.BILINEAR))
