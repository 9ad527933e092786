"""Pools of any size: real images where they are found, and features of them, tiled with noise."""

from __future__ import annotations

import io
from typing import Any, TypeVar

import numpy as np
from _data import DATA
from PIL import Image

from swither.arrays import ByteArray, FloatArray

COLUMNS = {"mnist": "image", "cifar10": "img"}
Values = TypeVar("Values", bound=np.ndarray[Any, Any])


def real_pixels(name: str, count: int) -> tuple[str, ByteArray]:
    """What they are, and (count, height, width, channels) uint8: of a data set, else scikit-learn's digits."""
    files = sorted((DATA / name).glob("train-*.parquet"))
    if files:
        import pyarrow.parquet as parquet

        rows = next(parquet.ParquetFile(files[0]).iter_batches(count, columns=[COLUMNS[name]])).to_pylist()
        images = [np.asarray(Image.open(io.BytesIO(row[COLUMNS[name]]["bytes"]))) for row in rows]
        pixels = np.stack(images)
        return name, pixels if pixels.ndim == 4 else pixels[..., None]
    from sklearn.datasets import load_digits

    digits = (load_digits().images[:count] * 15).astype(np.uint8)
    return f"digits for {name}", digits[..., None]


def features_of(pixels: ByteArray, width: int) -> FloatArray:
    """(images, width) float32: the positive part of random projections, as of an untrained layer."""
    flat = pixels.reshape(len(pixels), -1).astype(np.float32) / 255
    flat -= flat.mean(axis=0)
    weights = np.random.default_rng(0).standard_normal((flat.shape[1], width), np.float32)
    return np.maximum(flat @ weights / np.sqrt(np.float32(width)), 0)


def tiled(values: Values, count: int) -> Values:
    """`count` of them, again and again with noise: a tenth of their deviation."""
    draw = np.random.default_rng(1)
    whole = values.dtype.kind in "ui"
    noise = float(values.std()) / 10
    made = np.empty((count, *values.shape[1:]), dtype=values.dtype)
    for start in range(0, count, len(values)):
        some = values[: count - start].astype(np.float32)
        some += noise * draw.standard_normal(some.shape, np.float32)
        made[start : start + len(some)] = np.clip(some, 0, 255) if whole else some
    return made  # type: ignore[return-value]
