"""Small images for these comparisons: CIFAR-10 where it is found, otherwise drawn at random and smooth."""

from __future__ import annotations

import io

import numpy as np
from _data import DATA
from PIL import Image

from swither.arrays import ByteArray, IntArray
from swither.data import ImageSet

SIDE, CLASSES = 32, 10


def real_or_smooth(count: int) -> tuple[str, ByteArray]:
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


def real_with_labels(count: int) -> tuple[ByteArray, IntArray]:
    """(count, 32, 32, 3) pixels of CIFAR-10 and (count,) class numbers, in the order of its file.

    Raises:
        SystemExit: it is not found.
    """
    files = sorted((DATA / "cifar10").glob("train-*.parquet"))
    if not files:
        raise SystemExit(
            f"This needs CIFAR-10 as Parquet files in {DATA / 'cifar10'}: name its folder in SWITHER_DATA."
        )
    import pyarrow.parquet as parquet

    rows = next(parquet.ParquetFile(files[0]).iter_batches(count, columns=["img", "label"])).to_pylist()
    pixels = np.stack([np.asarray(Image.open(io.BytesIO(r["img"]["bytes"])).convert("RGB")) for r in rows])
    return pixels, np.array([r["label"] for r in rows], dtype=np.int64)


def encoded(pixels: ByteArray) -> list[bytes]:
    """Each image as a JPEG file."""
    files = []
    for image in pixels:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=95)
        files.append(file.getvalue())
    return files


def decoded(files: list[bytes]) -> ByteArray:
    """What JPEG files show: (files, height, width, 3)."""
    return np.stack([np.asarray(Image.open(io.BytesIO(file)).convert("RGB")) for file in files])


def image_set(pixels: ByteArray) -> ImageSet:
    """Packed images with made-up ids and labels."""
    ids = np.array([f"{number:06d}" for number in range(len(pixels))])
    labels = np.random.default_rng(0).integers(CLASSES, size=len(pixels))
    return ImageSet(pixels, np.arange(len(pixels)), ids, labels, tuple(map(str, range(CLASSES))), ids)
