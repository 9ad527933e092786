"""Training and recording, images a second, beside plain loops around the same network on the same images.

The plain loops are what is commonly written: a DataLoader with torchvision's transforms, which crop, flip and
normalise image by image; default memory order; a pool recorded through a loader without augmentation. One decodes
JPEG at each visit (from memory, so that no disk is measured), one keeps decoded Pillow images; two do the same with
transforms written in as few operations as one needs ("lean"); one keeps tensors. swither's figures come from `fit`
and from a `PoolRecorder`. The floor is the arithmetic of the network at the speed of a large matrix product. The same
labels must be recorded by all.

Run: python benchmarks/training.py [--quick] [--model resnet8] [--images N] [--json FILE]. One thread and no worker
process on either side.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from _arithmetic import operations, operations_a_second
from _measure import Call, Row, Run, here, interleaved, main, require, row
from _pixels import CLASSES, decoded, encoded, image_set, real_or_smooth
from _transforms import transform, whose
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from swither.arrays import IntArray
from swither.data import ImageSet, Normalisation
from swither.dynamics import LabelHistory
from swither.models import ModelSettings, build_model
from swither.training import PoolRecorder, Recipe, fit, use_threads

SIDE, PADDING, BATCH = 32, 4, 128
NORMALISATION = Normalisation(mean=(0.4914, 0.4822, 0.4465), deviation=(0.2470, 0.2435, 0.2616))
PEERS = ("jpeg", "jpeg, lean", "pillow", "pillow, lean", "tensors")
GOALS = {"jpeg": 2.5}
FLOOR = "floor: a matrix product's arithmetic"
STATED = "train at least 2.5 times as many images a second as the plain loop over jpeg"


class ImageByImage(Dataset[tuple[Tensor, int]]):
    """Images in memory, prepared one at a time: encoded, decoded or as tensors."""

    def __init__(self, files: list[bytes], images: ImageSet, kept: str, *, augmented: bool) -> None:
        pixels = images.images(slice(None))
        self.labels = images.labels.tolist()
        self.tensors = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous() if kept == "tensors" else None
        self.pillow = [Image.fromarray(image) for image in pixels] if kept.startswith("pillow") else []
        self.files, self.augmented = files, augmented
        self.mean = torch.tensor(NORMALISATION.mean).view(3, 1, 1)
        self.deviation = torch.tensor(NORMALISATION.deviation).view(3, 1, 1)
        lean = kept.endswith("lean")
        self.prepare = transform(NORMALISATION.mean, NORMALISATION.deviation, PADDING, augmented=augmented, lean=lean)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        if self.tensors is not None:
            return self.by_tensor(self.tensors[index]), self.labels[index]
        if self.pillow:
            return self.prepare(self.pillow[index]), self.labels[index]
        return self.prepare(Image.open(io.BytesIO(self.files[index])).convert("RGB")), self.labels[index]

    def by_tensor(self, pixels: Tensor) -> Tensor:
        """Cut out of a padded tensor."""
        if self.augmented:
            pixels = functional.pad(pixels, (PADDING,) * 4)
            top, left = torch.randint(2 * PADDING + 1, (2,)).tolist()
            pixels = pixels[:, top : top + SIDE, left : left + SIDE]
            pixels = pixels.flip(2) if torch.rand(1) < 0.5 else pixels
        return pixels.float().div(255).sub_(self.mean).div_(self.deviation)


def plain_training(model: nn.Module, data: ImageByImage) -> float:
    """One epoch; gives the mean loss."""
    optimiser = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True, weight_decay=5e-4)
    model.train()
    losses = []
    for images, labels in DataLoader(data, BATCH, shuffle=True):
        optimiser.zero_grad()
        loss = functional.cross_entropy(model(images)[0], labels)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(loss.item())
    return float(np.mean(losses))


def plain_recording(model: nn.Module, data: ImageByImage) -> IntArray:
    model.eval()
    with torch.no_grad():
        return torch.cat([model(images)[0].argmax(1) for images, _ in DataLoader(data, BATCH)]).numpy()


def our_training(model: nn.Module, images: ImageSet) -> float:
    recipe = Recipe(epochs=1, batch_size=BATCH, least_steps_per_epoch=1, least_steps=0)
    fitted = fit(model, images, recipe, seed=0, device="cpu", normalisation=NORMALISATION)
    return float(fitted.steps)


def our_recording(model: nn.Module, images: ImageSet) -> IntArray:
    recorder = PoolRecorder(LabelHistory.create(images.ids, CLASSES), images, NORMALISATION, "cpu")
    recorder.after_epoch(1, model)
    return np.asarray(recorder.history.of(images.ids)[0])


def on_new_network(settings: ModelSettings, work: Callable[[nn.Module], Any]) -> Call:
    """Times the work alone, on the initial weights."""

    def call(memory: bool) -> Run:
        model = build_model(settings, (SIDE, SIDE, 3), CLASSES, seed=0)
        return here(lambda: work(model))(memory)

    return call


def finished(timed: dict[str, Any], work: str, settings: ModelSettings, images: int, what: str) -> Row:
    """A row with images a second, and how much of the arithmetic's speed is reached."""
    goals = GOALS if work == "train" and settings == ModelSettings("tiny") else None
    kept = row(work, timed, goals=goals, model=settings.name, images=images, pixels=what, transforms=whose())
    kept["images_per_second"] = {name: images / seconds for name, seconds in kept["seconds"].items()}
    kept["share_of_gemm_peak"] = kept["seconds"][FLOOR] / kept["seconds"]["swither"]
    return kept


def rows(quick: bool, model: str, images: int) -> Iterator[Row]:
    settings, count, repeats = ModelSettings(model), 256 if quick else images, 1 if quick else 5
    what, pixels = real_or_smooth(count)
    files = encoded(pixels)
    ours = image_set(decoded(files))
    network = build_model(settings, (SIDE, SIDE, 3), CLASSES, seed=0)
    some = torch.rand(BATCH, 3, SIDE, SIDE)

    def floor(training: bool) -> Call:
        each = operations(network, some, training=training)
        return lambda _: Run(count * each / operations_a_second(), None)

    with use_threads(1):
        train = {"swither": on_new_network(settings, lambda model: our_training(model, ours))}
        record = {"swither": on_new_network(settings, lambda model: our_recording(model, ours))}
        for peer in PEERS:
            data = [ImageByImage(files, ours, peer, augmented=augmented) for augmented in (True, False)]
            train[peer] = on_new_network(settings, lambda model, data=data: plain_training(model, data[0]))  # type: ignore[misc]
            record[peer] = on_new_network(settings, lambda model, data=data: plain_recording(model, data[1]))  # type: ignore[misc]
        yield finished(interleaved({**train, FLOOR: floor(True)}, repeats), "train", settings, count, what)
        timed = interleaved({**record, FLOOR: floor(False)}, repeats)
        for peer in PEERS:
            agree = float((timed["swither"].answer == timed[peer].answer).mean())
            require(agree > 0.995, f"{peer} records the labels of swither for {100 * agree:.1f} % of the images only.")
        yield finished(timed, "record", settings, count, what)


if __name__ == "__main__":
    main(
        __doc__,
        "training",
        STATED,
        rows,
        packages=("torch", "torchvision", "pillow"),
        around={"threads": 1},
        options={"model": "tiny", "images": 2_560},
    )
