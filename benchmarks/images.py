"""Images a second from file to network input (crop, flip, normalise): packed pixels beside a torch DataLoader.

The loader reads JPEG files and works image by image, as is usual; its transforms are those of torchvision in Pillow
and torch. Once over the same JPEG files, once over images decoded beforehand. Packing, done once per data set, is
timed apart. 32 x 32 pixels; real ones where CIFAR-10 is found, otherwise drawn at random and smooth.

Run: python benchmarks/images.py [--full] [--json FILE]. One thread and no worker process on either side;
``--workers N`` gives the loader N worker processes, swither none.
"""

from __future__ import annotations

import argparse
import io
import itertools
import json
import multiprocessing
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from swither.arrays import ByteArray
from swither.data import ImageSet, Normalisation, augment, batches

SIDE, PADDING, BATCH = 32, 4, 128
DATA = Path(os.environ.get("SWITHER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
NORMALISATION = Normalisation(mean=(0.4914, 0.4822, 0.4465), deviation=(0.2470, 0.2435, 0.2616))


class ImageByImage(Dataset[tuple[Tensor, int]]):
    """What is commonly written: one image decoded, cropped, flipped and normalised at a time."""

    def __init__(self, sources: list[Path] | list[Image.Image]) -> None:
        self.sources = sources
        self.mean = torch.tensor(NORMALISATION.mean).view(3, 1, 1)
        self.deviation = torch.tensor(NORMALISATION.deviation).view(3, 1, 1)

    def __len__(self) -> int:
        return len(self.sources)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        source = self.sources[index]
        image = source if isinstance(source, Image.Image) else Image.open(source).convert("RGB")
        image = ImageOps.expand(image, PADDING)
        top, left = torch.randint(2 * PADDING + 1, (2,)).tolist()
        image = image.crop((left, top, left + SIDE, top + SIDE))
        if torch.rand(1) < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous().float().div(255)
        return pixels.sub_(self.mean).div_(self.deviation), index


def real_or_random_pixels(count: int) -> tuple[str, ByteArray]:
    """(count, 32, 32, 3) pixels and what they are."""
    files = sorted((DATA / "cifar10").glob("train-*.parquet"))
    if files:
        import pyarrow.parquet as parquet

        rows = next(parquet.ParquetFile(files[0]).iter_batches(count, columns=["img"])).to_pylist()
        return "CIFAR-10", np.stack(
            [np.asarray(Image.open(io.BytesIO(r["img"]["bytes"])).convert("RGB")) for r in rows]
        )
    coarse = np.random.default_rng(0).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    smooth = [np.asarray(Image.fromarray(c).resize((SIDE, SIDE), Image.Resampling.BICUBIC)) for c in coarse]
    return "random", np.stack(smooth)


def packed(pixels: ByteArray) -> ImageSet:
    ids = np.array([f"{k:06d}" for k in range(len(pixels))])
    return ImageSet(pixels, np.arange(len(pixels)), ids, np.arange(len(pixels)), ("one",), ids)


def from_packed(folder: Path) -> Iterator[Tensor]:
    """swither: whole batches of memory-mapped pixels."""
    images = packed(np.load(folder / "packed.npy", mmap_mode="r"))
    generator = torch.Generator().manual_seed(0)
    for _, pixels, _ in batches(images, BATCH, generator=generator):
        yield augment(pixels, NORMALISATION, generator, crop_padding=PADDING, flip=True)


def from_jpeg(folder: Path, workers: int = 0) -> Iterator[Tensor]:
    """A DataLoader over JPEG files."""
    files = sorted(folder.glob("*.jpg"))
    for pixels, _ in DataLoader(ImageByImage(files), BATCH, shuffle=True, num_workers=workers):
        yield pixels


def from_memory(folder: Path) -> Iterator[Tensor]:
    """A DataLoader over images that Pillow has decoded and keeps in memory."""
    decoded = [Image.fromarray(pixels) for pixels in np.load(folder / "packed.npy")]
    yield torch.empty(0)  # decoding is not timed
    for pixels, _ in DataLoader(ImageByImage(decoded), BATCH, shuffle=True):
        yield pixels


def write_files(folder: Path, count: int) -> tuple[str, float]:
    """JPEG files, and what they decode to as one packed array; what the pixels are, and the seconds of packing."""
    what, pixels = real_or_random_pixels(count)
    for k, image in enumerate(pixels):
        Image.fromarray(image).save(folder / f"{k:06d}.jpg", quality=95)
    start = time.perf_counter()
    files = sorted(folder.glob("*.jpg"))
    np.save(folder / "packed.npy", np.stack([np.asarray(Image.open(f).convert("RGB")) for f in files]))
    return what, time.perf_counter() - start


def images_per_second(pipeline: Iterator[Tensor]) -> float:
    """The speed behind the first batch, so that starting a loader or its workers does not count against it."""
    next(pipeline)
    start = time.perf_counter()
    images = sum(len(batch) for batch in pipeline)
    return images / (time.perf_counter() - start)


def most_memory() -> float:
    """The most memory that this process has held so far, in MiB."""
    if sys.platform == "linux":  # getrusage answers for the process that started this one, too
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def added_memory(pipeline: Callable[[Path], Iterator[Tensor]], folder: Path, answer: Any) -> None:
    """To run in a fresh process: what an epoch adds to its memory."""
    torch.set_num_threads(1)
    before = most_memory()
    for _ in pipeline(folder):
        pass
    answer.send(most_memory() - before)


def peak_memory(pipeline: Callable[[Path], Iterator[Tensor]], folder: Path) -> float:
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=added_memory, args=(pipeline, folder, there))
    process.start()
    mebibytes = float(here.recv())
    process.join()
    return mebibytes


def measure(count: int, repeats: int, workers: int) -> dict[str, Any]:
    torch.set_num_threads(1)
    speeds: dict[str, list[float]] = {"packed": [], "jpeg": [], "memory": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        what, packing = write_files(folder, count)
        for _ in range(repeats):  # interleaved, so that a busy moment meets all
            epochs = (from_packed(folder) for _ in range(20))  # as many as are timed for a comparable while
            speeds["packed"].append(images_per_second(itertools.chain.from_iterable(epochs)))
            speeds["jpeg"].append(images_per_second(from_jpeg(folder, workers)))
            speeds["memory"].append(images_per_second(from_memory(folder)))
        memory = [peak_memory(pipeline, folder) for pipeline in (from_packed, from_jpeg, from_memory)]
    ours, jpeg, decoded = (statistics.median(speed) for speed in speeds.values())
    return {
        "pixels": what,
        "images": count,
        "repeats": repeats,
        "images_per_second": ours,
        "images_per_second_jpeg_loader": jpeg,
        "images_per_second_memory_loader": decoded,
        "ratio": ours / jpeg,
        "ratio_memory_loader": ours / decoded,
        "loader_workers": workers,
        "seconds_packing_once": packing,
        "added_mebibytes": memory[0],
        "added_mebibytes_jpeg_loader": memory[1],
        "added_mebibytes_memory_loader": memory[2],
    }


def main() -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="10,000 images instead of 2,000")
    parser.add_argument("--workers", type=int, default=0, help="worker processes of the JPEG loader")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    arguments = parser.parse_args()
    row = measure(10_000 if arguments.full else 2_000, repeats=5, workers=arguments.workers)
    circumstances = {
        "threads": 1,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
    }
    print(
        f"{row['images']:,} {row['pixels']} images of {SIDE} x {SIDE}: {row['images_per_second']:,.0f} images/s, "
        f"{row['added_mebibytes']:.0f} MiB added; DataLoader over JPEG files ({row['loader_workers']} workers) "
        f"{row['images_per_second_jpeg_loader']:,.0f}, {row['added_mebibytes_jpeg_loader']:.0f} MiB: "
        f"{row['ratio']:.1f}x; over decoded images {row['images_per_second_memory_loader']:,.0f}, "
        f"{row['added_mebibytes_memory_loader']:.0f} MiB: {row['ratio_memory_loader']:.1f}x; "
        f"packing once took {row['seconds_packing_once']:.2f} s"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps({"circumstances": circumstances, "rows": [row]}, indent=1) + "\n")
    return row


if __name__ == "__main__":
    main()
