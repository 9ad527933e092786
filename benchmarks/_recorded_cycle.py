"""A training on real images whose pool is recorded in full, with the networks of all its epochs."""

from __future__ import annotations

import copy
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from _data import DATA
from PIL import Image
from torch import Tensor, nn

from swither.arrays import AnyArray, IntArray
from swither.data import ImageSet, Normalisation
from swither.dynamics import LabelHistory
from swither.models import ModelSettings, build_model
from swither.training import PoolRecorder, Recipe, fit
from swither.training.chunk import CHUNK
from swither.training.recording import LabelsOf, labels_through

COLUMNS = {"cifar10": ("img", "label"), "mnist": ("image", "label")}
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Size:
    """How many images are labelled and in the pool, and how many epochs there are."""

    labelled: int
    pool: int
    epochs: int


class KeepNetworks:
    """Keeps the network's weights after every epoch, in memory."""

    def __init__(self) -> None:
        self.weights: list[dict[str, Tensor]] = []

    def after_batch(self, ids: Any, labels: Any, logits: Any) -> None:
        """Nothing."""

    def after_epoch(self, epoch: int, model: nn.Module) -> None:  # noqa: ARG002
        """Copy the weights."""
        self.weights.append({name: tensor.clone() for name, tensor in model.state_dict().items()})

    def resume(self, epochs: int) -> None:
        """Forget those that came after."""
        del self.weights[epochs:]


@dataclass
class Cycle:
    """A training with its pool recorded in full, and the networks of all epochs."""

    pool: ImageSet
    history: LabelHistory
    networks: list[dict[str, Tensor]]
    model: nn.Module
    labels_of: LabelsOf
    seconds_training: float
    seconds_recording: float
    looked: int = 0

    def look(self, epoch: int, rows: IntArray) -> AnyArray:
        """The labels of some of the pool after an epoch, computed."""
        self.model.load_state_dict(self.networks[epoch])
        self.looked += math.ceil(len(rows) / CHUNK) * CHUNK
        return self.labels_of(self.model, self.pool.take(rows))

    def known(self, epoch: int, rows: IntArray) -> AnyArray:
        """The same, read from the history: for counting alone."""
        self.looked += math.ceil(len(rows) / CHUNK) * CHUNK
        return self.history.labels[epoch][rows]


def real_images(name: str, count: int) -> ImageSet:
    """The first images of a data set, with their labels."""
    import pyarrow.parquet as parquet

    file = sorted((DATA / name).glob("train-*.parquet"))[0]
    image, label = COLUMNS[name]
    rows = next(parquet.ParquetFile(file).iter_batches(count, columns=[image, label])).to_pylist()
    pixels = np.stack([np.asarray(Image.open(io.BytesIO(r[image]["bytes"]))) for r in rows])
    pixels = pixels.reshape(*pixels.shape[:3], -1)
    ids = np.array([f"{number:06d}" for number in range(count)])
    labels = np.array([r[label] for r in rows], dtype=np.int64)
    return ImageSet(pixels, np.arange(count), ids, labels, tuple(map(str, range(10))), ids)


def trained(images: ImageSet, size: Size, model: str) -> Cycle:
    """Train, and record the pool in full."""
    labelled, pool = images.take(np.arange(size.labelled)), images.take(np.arange(size.labelled, len(images)))
    normalisation = Normalisation.of(labelled)
    history, networks = LabelHistory.create(pool.ids, pool.classes), KeepNetworks()
    recorder = PoolRecorder(history, pool, normalisation, CPU)
    network = build_model(ModelSettings(model), images.image_shape, images.classes, seed=0)
    recipe = Recipe(epochs=size.epochs, least_steps=0)
    fitted = fit(network, labelled, recipe, seed=0, normalisation=normalisation, observers=[recorder, networks])
    return Cycle(
        pool,
        history,
        networks.weights,
        copy.deepcopy(fitted.model),
        labels_through(normalisation, CPU),
        fitted.seconds_training,
        fitted.seconds_observing,
    )
