"""What the acquisition functions are measured on: embeddings and logits of a trained network, or made ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from _data import DATA

from swither.arrays import FloatArray
from swither.training.clean_pass import softmax as softmax  # as a project computes probabilities from logits

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent / "build" / "benchmarks"
WIDTH = 512
CHANNELS, LABELLED, EPOCHS = 85, 5_000, 3  # a tiny network whose embeddings have 6 x 85 = 510 numbers

Make = Callable[[int, np.random.Generator], FloatArray]


@dataclass(frozen=True)
class Predicted:
    """What a network answers, row by row.

    Attributes:
        name: what it is.
        embeddings: (samples, width) float32.
        logits: (samples, classes) float32.
    """

    name: str
    embeddings: FloatArray
    logits: FloatArray


@cache
def trained() -> Predicted:
    """CIFAR-10's 50,000 training images in an order drawn at random, by a tiny network trained on the last 5,000.

    Made once, in a few minutes, and kept in build/. Without the data: made numbers of the same shape.
    """
    if not (DATA / "cifar10").is_dir():
        return made(50_000)
    path = KEPT / f"cifar10-tiny{CHANNELS}-{EPOCHS}.npz"
    if not path.exists():
        _train(path)
    with np.load(path) as file:
        return Predicted("CIFAR-10, tiny network", file["embeddings"], file["logits"])


def made(samples: int, classes: int = 10) -> Predicted:
    """Clustered embeddings, and logits that follow their clusters."""
    draw = np.random.default_rng(0)
    embeddings = clustered(samples, draw)
    weights = draw.standard_normal((WIDTH, classes), dtype=np.float32) / np.float32(np.sqrt(WIDTH))
    return Predicted("made, clustered", embeddings, embeddings @ weights)


def clustered(samples: int, generator: np.random.Generator) -> FloatArray:
    """What a trained ResNet-18 gives: non-negative, low-rank, ten clusters of unequal spread, heavy tails."""
    classes, rank = 10, 40
    means = generator.normal(size=(classes, rank)) * 1.5
    basis = generator.normal(size=(rank, WIDTH)) / np.sqrt(rank)
    spread = generator.gamma(4.0, 0.25, size=(samples, 1))
    latent = means[generator.integers(classes, size=samples)] + spread * generator.normal(size=(samples, rank))
    return np.maximum(latent @ basis, 0.0).astype(np.float32)


def gaussian(samples: int, generator: np.random.Generator) -> FloatArray:
    """The hard case: no structure, so that all distances are nearly equal."""
    return generator.standard_normal((samples, WIDTH), dtype=np.float32)


def _train(path: Path) -> None:
    from swither.data import DataSettings, Normalisation, open_images
    from swither.models import ModelSettings, build_model
    from swither.training import Recipe, fit
    from swither.training.clean_pass import predict

    print("training a network for real embeddings, once ...", flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    files = sorted((DATA / "cifar10").glob("train-*.parquet"))
    folder = path.parent / "cifar10"
    folder.mkdir(exist_ok=True)
    for file in files:  # the training images alone
        if not (folder / file.name).exists():
            (folder / file.name).symlink_to(file)
    images = open_images(DataSettings(str(folder), label_column="label", cache=str(path.parent)))
    images = images.take(np.random.default_rng(0).permutation(len(images)))
    normalisation = Normalisation.of(images)
    model = build_model(ModelSettings("tiny", CHANNELS), images.image_shape, images.classes, seed=0)
    labelled = images.take(np.arange(len(images) - LABELLED, len(images)))
    fit(model, labelled, Recipe(epochs=EPOCHS, least_steps=0), seed=0, normalisation=normalisation)
    predicted = predict(model, images, normalisation)
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, embeddings=predicted.embeddings, logits=predicted.logits)
    unfinished.replace(path)
