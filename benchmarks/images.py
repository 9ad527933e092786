"""Images a second from file to network input (crop, flip, normalise): packed pixels beside a torch DataLoader.

The loader works image by image with torchvision's transforms, as is usual: over JPEG files, and over images decoded
beforehand; and again with transforms written in as few operations as one needs ("lean"). Packing, done once per data
set, is timed apart. 32 x 32 pixels; real ones where CIFAR-10 is found, otherwise drawn at random and smooth. The
floor is one copy of the network's input. Without crop and flip all must give the same input.

Run: python benchmarks/images.py [--quick] [--images N] [--workers N] [--json FILE]. One thread and no worker process
on either side; ``--workers N`` gives the loader over JPEG files N of them, swither none.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from _measure import Call, Row, Run, here, interleaved, main, require, row
from _pixels import SIDE, image_set, real_or_smooth
from _transforms import transform, whose
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from swither.data import Normalisation, augment, batches, to_tensor
from swither.training import use_threads

PADDING, BATCH, EPOCHS = 4, 128, 20
NORMALISATION = Normalisation(mean=(0.4914, 0.4822, 0.4465), deviation=(0.2470, 0.2435, 0.2616))
GOALS = {"DataLoader over JPEG": 15.0}
STATED = "at least 15 times the DataLoader over JPEG files"
PEERS = ("DataLoader over JPEG", "DataLoader over Pillow", "DataLoader over JPEG, lean", "DataLoader over Pillow, lean")
FLOOR = "floor: one copy of the input"


class ImageByImage(Dataset[Tensor]):
    """What is commonly written: one image decoded, cropped, flipped and normalised at a time."""

    def __init__(self, sources: list[Path] | list[Image.Image], *, lean: bool, augmented: bool = True) -> None:
        self.sources = sources
        mean, deviation = NORMALISATION.mean, NORMALISATION.deviation
        self.prepare = transform(mean, deviation, PADDING, augmented=augmented, lean=lean)

    def __len__(self) -> int:
        return len(self.sources)

    def __getitem__(self, index: int) -> Tensor:
        source = self.sources[index]
        return self.prepare(source if isinstance(source, Image.Image) else Image.open(source).convert("RGB"))


def from_packed(folder: Path) -> Iterator[Tensor]:
    """swither: whole batches of memory-mapped pixels, as many epochs as take a comparable while."""
    images = image_set(np.load(folder / "packed.npy", mmap_mode="r"))
    generator = torch.Generator().manual_seed(0)
    for _ in range(EPOCHS):
        for _, pixels, _ in batches(images, BATCH, generator=generator):
            yield augment(pixels, NORMALISATION, generator, crop_padding=PADDING, flip=True)


def from_files(folder: Path, workers: int, *, lean: bool) -> Iterator[Tensor]:
    """A DataLoader over JPEG files."""
    images = ImageByImage(sorted(folder.glob("*.jpg")), lean=lean)
    yield from DataLoader(images, BATCH, shuffle=True, num_workers=workers)


def from_memory(folder: Path, *, lean: bool) -> Iterator[Tensor]:
    """A DataLoader over images that Pillow has decoded and keeps in memory."""
    decoded = [Image.fromarray(pixels) for pixels in np.load(folder / "packed.npy")]
    yield from DataLoader(ImageByImage(decoded, lean=lean), BATCH, shuffle=True)


def copies(folder: Path) -> Iterator[Tensor]:
    """As many bytes as an epoch's input, copied once."""
    batch = torch.rand(BATCH, 3, SIDE, SIDE)
    for _ in range(EPOCHS * len(list(folder.glob("*.jpg"))) // BATCH):
        yield batch.clone()


def seconds_an_image(pipeline: Callable[[], Iterator[Tensor]]) -> Call:
    """Behind the first batch, so that starting a loader or its workers does not count against it."""

    def work() -> tuple[float, int]:
        batches = pipeline()
        next(batches)
        start = time.perf_counter()
        images = sum(len(batch) for batch in batches)
        return time.perf_counter() - start, images

    def call(memory: bool) -> Run:
        run = here(work)(memory)
        seconds, images = run.answer
        return Run(seconds / images, None, run.mebibytes)

    return call


def write_files(folder: Path, count: int) -> tuple[str, float]:
    """JPEG files, and what they decode to as one packed array; what the pixels are, and the seconds of packing."""
    what, pixels = real_or_smooth(count)
    for k, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{k:06d}.jpg", quality=95)
    start = time.perf_counter()
    files = sorted(folder.glob("*.jpg"))
    np.save(folder / "packed.npy", np.stack([np.asarray(Image.open(f).convert("RGB")) for f in files]))
    return what, time.perf_counter() - start


def require_equal_inputs(folder: Path) -> None:
    """Without crop and flip, where nothing is drawn."""
    ours = to_tensor(np.load(folder / "packed.npy")[:BATCH], NORMALISATION)
    for lean in (True, False):
        plain = ImageByImage(sorted(folder.glob("*.jpg"))[:BATCH], lean=lean, augmented=False)
        difference = max(float((one - other).abs().max()) for one, other in zip(ours, plain, strict=True))
        require(difference < 1e-5, f"The inputs differ by {difference:.2g}.")


def rows(quick: bool, images: int, workers: int) -> Iterator[Row]:
    count, repeats = (256, 1) if quick else (images, 5)
    with tempfile.TemporaryDirectory() as name, use_threads(1):
        folder = Path(name)
        what, packing = write_files(folder, count)
        require_equal_inputs(folder)
        calls = {
            "swither": seconds_an_image(lambda: from_packed(folder)),
            PEERS[0]: seconds_an_image(lambda: from_files(folder, workers, lean=False)),
            PEERS[1]: seconds_an_image(lambda: from_memory(folder, lean=False)),
            PEERS[2]: seconds_an_image(lambda: from_files(folder, workers, lean=True)),
            PEERS[3]: seconds_an_image(lambda: from_memory(folder, lean=True)),
            FLOOR: seconds_an_image(lambda: copies(folder)),
        }
        timed = interleaved(calls, repeats)
    kept = row("an image's input", timed, goals=GOALS, pixels=what, images=count, loader_workers=workers)
    kept["images_per_second"] = {name: 1 / seconds for name, seconds in kept["seconds"].items()}
    kept |= {"seconds_packing_once": packing, "transforms": whose()}
    yield kept


if __name__ == "__main__":
    main(
        __doc__,
        "images",
        STATED,
        rows,
        packages=("torch", "torchvision", "pillow"),
        around={"threads": 1},
        options={"images": 2_000, "workers": 0},
    )
