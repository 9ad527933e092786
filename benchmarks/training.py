"""Training and recording, images a second, beside plain loops around the same network on the same images.

The plain loops are what is commonly written: a DataLoader that crops, flips and normalises image by image; default
memory order; a pool recorded through a loader without augmentation. One decodes JPEG at each visit (from memory, so
that no disk is measured), one keeps decoded Pillow images, one keeps tensors. swither's figures come from `fit` with a
`PoolRecorder`. 32 x 32 colour pixels drawn at random. The runs are interleaved, so that a busy moment meets them all;
figures are medians.

Run: python benchmarks/training.py [--model resnet8] [--width N] [--images N] [--repeats N] [--json FILE]. One thread
and no worker process on either side.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from swither.data import ImageSet, Normalisation
from swither.dynamics import LabelHistory
from swither.models import ModelSettings, build_model
from swither.training import PoolRecorder, Recipe, circumstances, fit, use_threads

SIDE, PADDING, BATCH, CLASSES = 32, 4, 128, 10
NORMALISATION = Normalisation(mean=(0.5, 0.5, 0.5), deviation=(0.25, 0.25, 0.25))
PEERS = ("jpeg", "pillow", "tensors")
GOAL = 2.5
"""How many times as many images a second as the plain loop over JPEG, for the tiny network."""


class ImageByImage(Dataset[tuple[Tensor, int]]):
    """Images in memory, prepared one at a time: encoded, decoded or as tensors."""

    def __init__(self, images: ImageSet, kept: str, *, augmented: bool) -> None:
        pixels = images.images(slice(None))
        self.labels = images.labels.tolist()
        self.tensors = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous() if kept == "tensors" else None
        self.pillow = [Image.fromarray(image) for image in pixels]
        self.encoded = [encode(image) for image in self.pillow] if kept == "jpeg" else None
        self.augmented = augmented
        self.mean = torch.tensor(NORMALISATION.mean).view(3, 1, 1)
        self.deviation = torch.tensor(NORMALISATION.deviation).view(3, 1, 1)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        if self.tensors is not None:
            pixels = self.by_tensor(self.tensors[index])
        elif self.encoded is not None:
            pixels = self.by_pillow(Image.open(io.BytesIO(self.encoded[index])).convert("RGB"))
        else:
            pixels = self.by_pillow(self.pillow[index])
        return pixels.float().div(255).sub_(self.mean).div_(self.deviation), self.labels[index]

    def by_tensor(self, pixels: Tensor) -> Tensor:
        """Cut out of a padded tensor."""
        if self.augmented:
            pixels = functional.pad(pixels, (PADDING,) * 4)
            top, left = torch.randint(2 * PADDING + 1, (2,)).tolist()
            pixels = pixels[:, top : top + SIDE, left : left + SIDE]
            pixels = pixels.flip(2) if torch.rand(1) < 0.5 else pixels
        return pixels

    def by_pillow(self, image: Image.Image) -> Tensor:
        """Cut out of a padded image."""
        if self.augmented:
            image = ImageOps.expand(image, PADDING)
            top, left = torch.randint(2 * PADDING + 1, (2,)).tolist()
            image = image.crop((left, top, left + SIDE, top + SIDE))
            if torch.rand(1) < 0.5:
                image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def encode(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95)
    return file.getvalue()


def random_images(count: int, seed: int) -> ImageSet:
    draw = np.random.default_rng(seed)
    pixels = draw.integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)
    ids = np.array([f"{number:06d}" for number in range(count)])
    names = tuple(str(number) for number in range(CLASSES))
    return ImageSet(pixels, np.arange(count), ids, draw.integers(CLASSES, size=count), names, ids)


def plain_epoch(model: nn.Module, optimiser: torch.optim.Optimizer, loader: DataLoader[Any]) -> None:
    model.train()
    for images, labels in loader:
        optimiser.zero_grad()
        loss = functional.cross_entropy(model(images)[0], labels)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        loss.item()


def plain_recording(model: nn.Module, loader: DataLoader[Any]) -> None:
    model.eval()
    with torch.no_grad():
        torch.cat([model(images)[0].argmax(1) for images, _ in loader])


def plain_speeds(settings: ModelSettings, train: ImageSet, pool: ImageSet, kept: str) -> Iterator[float]:
    """Images a second in training, then in recording."""
    model = new_model(settings)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=5e-4)
    training = DataLoader(ImageByImage(train, kept, augmented=True), BATCH, shuffle=True)
    recording = DataLoader(ImageByImage(pool, kept, augmented=False), BATCH)
    start = time.perf_counter()
    plain_epoch(model, optimiser, training)
    yield len(train) / (time.perf_counter() - start)
    start = time.perf_counter()
    plain_recording(model, recording)
    yield len(pool) / (time.perf_counter() - start)


def our_speeds(settings: ModelSettings, train: ImageSet, pool: ImageSet) -> Iterator[float]:
    """Images a second in training, then in recording, of one `fit`."""
    recorder = PoolRecorder(LabelHistory.create(pool.ids, CLASSES), pool, NORMALISATION, "cpu")
    recipe = Recipe(epochs=1, batch_size=BATCH, least_steps_per_epoch=1, least_steps=0)
    fitted = fit(
        new_model(settings), train, recipe, seed=0, device="cpu", normalisation=NORMALISATION, observers=[recorder]
    )
    yield len(train) / fitted.seconds_training
    yield len(pool) / fitted.seconds_observing


def new_model(settings: ModelSettings) -> nn.Module:
    return build_model(settings, (SIDE, SIDE, 3), CLASSES, seed=0)


def measure(settings: ModelSettings, count: int, repeats: int) -> dict[str, Any]:
    train, pool = random_images(count, 0), random_images(count, 1)
    speeds: dict[str, list[tuple[float, ...]]] = {name: [] for name in ("swither", *PEERS)}
    for repeat in range(repeats + 1):
        for name, taken in speeds.items():
            if name == "swither":
                pair = tuple(our_speeds(settings, train, pool))
            else:
                pair = tuple(plain_speeds(settings, train, pool, name))
            if repeat > 0:  # the first round warms up
                taken.append(pair)
    row: dict[str, Any] = {"model": settings.name, "width": settings.width, "images": count, "repeats": repeats}
    for place, what in enumerate(("train", "record")):
        median = {name: statistics.median(pair[place] for pair in pairs) for name, pairs in speeds.items()}
        row |= {f"{what}_per_second_{name}": speed for name, speed in median.items()}
        row |= {f"{what}_ratio_{name}": median["swither"] / median[name] for name in PEERS}
    return row


def main() -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--width", type=int)
    parser.add_argument("--images", type=int, default=2_560)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    arguments = parser.parse_args()
    with use_threads(1):
        row = measure(ModelSettings(arguments.model, arguments.width), arguments.images, arguments.repeats)
        around = circumstances("cpu")
    for what in ("train", "record"):
        peers = (
            f"{name} {row[f'{what}_per_second_{name}']:,.0f} ({row[f'{what}_ratio_{name}']:.2f}x)" for name in PEERS
        )
        print(f"{what} {row['model']}: {row[f'{what}_per_second_swither']:,.0f} images/s; plain loops over", *peers)
    print(f"goal: {GOAL}x the plain training loop over jpeg")
    if arguments.json:
        arguments.json.write_text(json.dumps({"circumstances": around, "rows": [row]}, indent=1) + "\n")
    return row


if __name__ == "__main__":
    main()
