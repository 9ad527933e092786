"""Images as arrays in an ``.npz`` file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from swither.arrays import AnyArray, ByteArray
from swither.data.settings import DataSettings
from swither.data.sources.contents import TEST, TRAIN, Content, Contents, Found
from swither.data.sources.labels import name_labels
from swither.data.wording import plural
from swither.errors import InputError, UnknownName

_IMAGE_KEYS = ("images", "x", "X", "image", "data")
_LABEL_KEYS = ("labels", "y", "label", "targets")

_Pair: TypeAlias = tuple[str, str | None, str]
"""The keys of images and of their labels, None where there are none, and the part that they are."""


def open_arrays(path: Path, settings: DataSettings) -> Contents:
    """Open an ``.npz`` file.

    It holds ``images`` or ``x``, and ``labels`` or ``y`` where they are known; or ``x_train``, ``y_train``, ``x_test``
    and ``y_test``. ``class_names`` names the labels 0, 1, ...; without it the labels name themselves. Images are
    (samples, height, width), (samples, height, width, channels) or (samples, channels, height, width); see
    `eight_bit` for their values.

    Raises:
        InputError: an array is missing or has another shape or length.
    """
    shapes = _shapes(path)
    pairs = _pairs(path, list(shapes), settings)
    counts = [shapes[key][0] if shapes[key] else 0 for key, _, _ in pairs]
    with np.load(path, allow_pickle=False) as file:
        values = [
            value for pair, count in zip(pairs, counts, strict=True) for value in _labels(file, pair, count, path)
        ]
        names = _load(file, "class_names", path).tolist() if "class_names" in shapes else None
        groups = _groups(file, pairs, settings, path) or [None] * sum(counts)
    class_names, named = name_labels(values, names, f"{path}")
    status = path.stat()
    rows = [(key, part, row) for (key, _, part), n in zip(pairs, counts, strict=True) for row in range(n)]
    images = [
        Found(f"{key}#{row}", status.st_size, status.st_mtime_ns, label, part, group)
        for (key, part, row), label, group in zip(rows, named, groups, strict=True)
    ]
    if not images:
        raise InputError(f"{path} holds no image: its arrays are empty.")

    def read(positions: Sequence[int]) -> Iterator[tuple[int, Content]]:
        first = 0
        for (key, _, _), count in zip(pairs, counts, strict=True):
            wanted = [position - first for position in positions if first <= position < first + count]
            if wanted:
                with np.load(path, allow_pickle=False) as file:
                    pixels = eight_bit(_load(file, key, path), f"{key!r} of {path}")
                for row in wanted:
                    yield first + row, pixels[row]
            first += count

    return Contents(
        description=f"{path.name}: {plural(len(images), 'image')} in arrays",
        images=images,
        class_names=class_names,
        read=read,
        origin=f"arrays {path.resolve()} {settings.image_column}",
    )


def eight_bit(images: AnyArray, where: str) -> ByteArray:
    """Bring an array of images to (samples, height, width, 1 or 3), uint8.

    uint8 stays as it is, booleans become 0 and 255, uint16 is scaled from 0 .. 65,535, other whole numbers must lie
    in 0 .. 255, and floating-point numbers in 0 .. 1. A fourth channel is opacity, and white shows through.

    Raises:
        InputError: the shape is not that of images, or the values are out of range.

    Example:
        >>> eight_bit(np.ones((5, 4, 4)), "x").shape
        (5, 4, 4, 1)
    """
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or 0 in images.shape[1:]:
        raise InputError(
            f"Expected images of shape (samples, height, width) or with channels last or first in {where}, got "
            f"{images.shape}."
        )
    if images.shape[-1] not in (1, 3, 4) and images.shape[1] in (1, 3, 4):
        images = images.transpose(0, 2, 3, 1)
    if images.shape[-1] not in (1, 3, 4):
        raise InputError(f"Expected 1, 3 or 4 channels in {where}, got an array of shape {images.shape}.")
    pixels = _scaled(images, where)
    if pixels.shape[-1] < 4:
        return pixels
    opacity = pixels[..., 3:].astype(np.uint32)
    mixed = pixels[..., :3] * opacity + 255 * (255 - opacity)
    return ((mixed + 127) // 255).astype(np.uint8)


def _scaled(images: AnyArray, where: str) -> ByteArray:
    if images.dtype == np.uint8 or images.size == 0:
        return images.astype(np.uint8, copy=False)
    if images.dtype == np.bool_:
        return np.where(images, 255, 0).astype(np.uint8)
    if images.dtype.kind not in "iuf":
        raise InputError(f"Expected numbers as pixels in {where}, got {images.dtype}.")
    least, most = images.min(), images.max()
    if images.dtype == np.uint16 and most > 255:
        return ((images.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if images.dtype.kind == "f" and least >= 0 and most <= 1:
        scaled: ByteArray = np.rint(images * 255).astype(np.uint8)
        return scaled
    if images.dtype.kind in "iu" and least >= 0 and most <= 255 and images.dtype != np.uint16:
        return images.astype(np.uint8)
    raise InputError(
        f"Cannot tell what is black and white in {where}: {images.dtype} from {least} to {most}. Expected uint8, "
        "uint16 over its whole range, whole numbers from 0 to 255, or floating-point numbers from 0 to 1."
    )


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """The shape of every array, from its header alone."""
    shapes = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".npy"):
                    with archive.open(name) as member:
                        version = np.lib.format.read_magic(member)
                        header = np.lib.format.read_array_header_1_0
                        header = np.lib.format.read_array_header_2_0 if version >= (2, 0) else header
                        shapes[name.removesuffix(".npy")] = header(member)[0]
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} cannot be read as .npz: {error}") from error
    return shapes


def _pairs(path: Path, keys: list[str], settings: DataSettings) -> list[_Pair]:
    """(images, labels, part) of each part, as keys of the file."""
    for name in (settings.image_column, settings.label_column, settings.group_by):
        if name is not None and name not in keys:
            raise UnknownName(f"array of {path}", name, keys)
    if settings.image_column is None and "x_train" in keys:
        parts = [("x_train", "y_train", TRAIN), ("x_test", "y_test", TEST)]
        return [(x, y if y in keys else None, part) for x, y, part in parts if x in keys]
    image = settings.image_column or next((key for key in _IMAGE_KEYS if key in keys), None)
    if image is None:
        raise InputError(
            f"Expected an array called images or x (or x_train and x_test) in {path}, found: "
            f"{', '.join(keys) or 'nothing'}. Name it with --image-column."
        )
    label = settings.label_column or next((key for key in _LABEL_KEYS if key in keys and key != image), None)
    return [(image, label, TRAIN)]


def _labels(file: Any, pair: _Pair, count: int, path: Path) -> list[Any]:
    image_key, label_key, _ = pair
    if label_key is None:
        return [None] * count
    labels = _load(file, label_key, path)
    if labels.shape != (count,):
        raise InputError(
            f"Expected one label for each of the {count} images {image_key!r} of {path}, got {label_key!r} of shape "
            f"{labels.shape}."
        )
    return list(labels.tolist())


def _groups(file: Any, pairs: list[_Pair], settings: DataSettings, path: Path) -> list[str | None] | None:
    if settings.group_by is None:
        return None
    if len(pairs) > 1:
        raise InputError(f"{path} holds its own test part: leave --group-by away.")
    return [str(value) for value in _load(file, settings.group_by, path).tolist()]


def _load(file: Any, key: str, path: Path) -> AnyArray:
    try:
        return np.asarray(file[key])
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise InputError(f"The array {key!r} of {path} cannot be read: {error}") from error
